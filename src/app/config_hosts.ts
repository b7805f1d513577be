/** The hosts that the config names. They are found there at each dial, so a changed address or token applies. */
import { dirname } from "node:path";
import type { Config } from "../config/config.ts";
import type { HostBook, HostEntry } from "../host_book.ts";
import { readSecret } from "../kit/secret.ts";

export class ConfigHosts implements HostBook {
  readonly #config: () => Pick<Config, "hosts" | "path">;

  /** `config`: the one in effect. */
  constructor(config: () => Pick<Config, "hosts" | "path">) {
    this.#config = config;
  }

  /** Rejects with a `UserError` if a token cannot be read. */
  async hosts(): Promise<HostEntry[]> {
    const { hosts, path } = this.#config();
    return await Promise.all(hosts.map(async ({ name, address, secret }) => {
      const token = await readSecret("token", secret, dirname(path)) ?? "";
      return { name, address, token, services: null, seenAt: null };
    }));
  }

  /** A person writes this book. */
  announce(): Promise<void> {
    return Promise.resolve();
  }

  withdraw(): Promise<void> {
    return Promise.resolve();
  }
}
