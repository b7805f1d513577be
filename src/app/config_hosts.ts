/**
 * The hosts that the config names, and those that announce themselves in the database. They are looked up at each dial,
 * so a changed address or token applies. The config comes first.
 */
import { dirname } from "node:path";
import type { Config } from "../config/config.ts";
import type { HostBook, HostEntry } from "../host_book.ts";
import { readSecret } from "../kit/secret.ts";

export class ConfigHosts implements HostBook {
  readonly #config: () => Pick<Config, "hosts" | "path">;
  readonly #announced: HostBook | null;

  /** `config`: the one in effect. `announced`: where hosts announce themselves; null: nowhere. */
  constructor(config: () => Pick<Config, "hosts" | "path">, announced: HostBook | null = null) {
    this.#config = config;
    this.#announced = announced;
  }

  /** Rejects with a `UserError` if a token cannot be read. */
  async hosts(): Promise<HostEntry[]> {
    const named = await this.#named();
    const announced = await this.#announced?.hosts() ?? [];
    return [...named, ...announced];
  }

  async #named(): Promise<HostEntry[]> {
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
