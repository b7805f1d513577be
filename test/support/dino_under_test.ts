/**
 * The dino game as a service in a real worker, with just the permissions that the example config grants, and a
 * second way into its browser for the test: a script in the browser's place starts the real one with a port.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { parseConfig } from "../../src/config/load.ts";
import type { Permissions, ServiceConfig } from "../../src/config/config.ts";
import { browserPath } from "./browser.ts";
import { type RunnerUnderTest, startRunner } from "./runner_under_test.ts";
import { withFolder } from "./temporary_store.ts";

const examplePath = fileURLToPath(new URL("../../config.example.jsonc", import.meta.url));
const example = parseConfig(Deno.readTextFileSync(examplePath), { path: examplePath });
export const exampleDino = example.services.find(({ slug }) => slug === "dino_chrome") as ServiceConfig;

/** Where the browsers of all runs have their profiles. */
export const profiles = join(exampleDino.serviceClass, "..", "profiles");

interface Given extends Partial<ServiceConfig> {
  rules?: unknown[];
}

/** Runs `use` with a game that is on. */
export async function withDino(
  given: Given,
  use: (dino: { tested: RunnerUnderTest; browser: BrowserOfGame }) => Promise<void>,
): Promise<void> {
  const { rules = [], ...service } = given;
  await withFolder(async (folder) => {
    await using browser = new BrowserOfGame(folder);
    await using tested = await startRunner(exampleDino.serviceClass, {
      options: { headless: true, browser_path: browser.path, rules },
      permissions: browser.permissions,
      ...service,
    });
    await tested.log.heard(/^The game is on/);
    await use({ tested, browser });
  });
}

/** A browser that a second program may look into. */
export class BrowserOfGame implements AsyncDisposable {
  readonly path: string;
  readonly permissions: Permissions;
  readonly #argumentsPath: string;
  #connection: Browser | null = null;

  constructor(folder: string) {
    this.path = join(folder, "browser.sh");
    this.#argumentsPath = join(folder, "arguments.txt");
    const script = [
      "#!/bin/sh",
      `echo "$$" "$@" > "${this.#argumentsPath}"`,
      `exec "${browserPath}" --remote-debugging-port=0 "$@"`,
    ];
    Deno.writeTextFileSync(this.path, script.join("\n"), { mode: 0o755 });
    this.permissions = { ...exampleDino.permissions, run: [this.path] };
  }

  get pid(): number {
    return Number(Deno.readTextFileSync(this.#argumentsPath).split(" ")[0]);
  }

  get profile(): string {
    const [, profile] = Deno.readTextFileSync(this.#argumentsPath).match(/--user-data-dir=(\S+)/) ?? [];
    return profile as string;
  }

  /** The game's page in the browser that runs now. */
  async page(): Promise<Page> {
    await this.#disconnect();
    const [port] = Deno.readTextFileSync(join(this.profile, "DevToolsActivePort")).split("\n");
    const browserURL = `http://127.0.0.1:${port}`;
    this.#connection = await puppeteer.connect({ browserURL, defaultViewport: null });
    const pages = await this.#connection.pages();
    return pages.find((page) => page.url().startsWith("chrome")) as Page;
  }

  async #disconnect(): Promise<void> {
    await this.#connection?.disconnect();
    this.#connection = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#disconnect();
  }
}

/** Programs with this in their command line. */
export async function processesWith(text: string): Promise<number[]> {
  const { stdout } = await new Deno.Command("pgrep", { args: ["-f", "--", text] }).output();
  return new TextDecoder().decode(stdout).split("\n").filter(Boolean).map(Number);
}
