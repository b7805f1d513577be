/**
 * The dino game as a service in a real worker, with just the permissions that its block grants, and a
 * second way into its browser for the test: a script in the browser's place starts the real one with a port.
 */
import { join } from "node:path";
import puppeteer, { type ConnectionTransport, type Page } from "puppeteer-core";
import type { Permissions, ServiceConfig } from "../../src/service.ts";
import { browserPath, lacksBrowser } from "./browser.ts";
import { makeService, RunnerUnderTest } from "./runner_under_test.ts";
import { blockService } from "./service_blocks.ts";
import { withFolder } from "./temporary_store.ts";

export const exampleDino = blockService("dino_chrome");

if (lacksBrowser) console.log("No Chrome or Chromium here: the dino game is not tested.");
/** The script in the browser's place is for a Unix shell. */
export const ignore = lacksBrowser || Deno.build.os === "windows";

/** Where the browsers of all runs have their profiles. */
export const profiles = join(exampleDino.serviceClass, "..", "profiles");

interface Given extends Partial<ServiceConfig> {
  rules?: unknown[];
  /** Further options. By default the dino only does what the test makes it do, and a run follows the last one soon. */
  game?: Record<string, unknown>;
  /** What the service kept. */
  state?: Map<string, unknown>;
}

/** Runs `use` with a game that is on. */
export async function withDino(
  given: Given,
  use: (dino: { tested: RunnerUnderTest; browser: BrowserOfGame }) => Promise<void>,
): Promise<void> {
  const { rules = [], game = {}, state = new Map<string, unknown>(), ...service } = given;
  await withFolder(async (folder) => {
    await using browser = new BrowserOfGame(folder);
    await using tested = new RunnerUnderTest(makeService(exampleDino.serviceClass, {
      options: {
        headless: true,
        browser_path: browser.path,
        autopilot: "off",
        pause_seconds: 2,
        rules,
        ...game,
      },
      permissions: browser.permissions,
      ...service,
    }));
    for (const [key, value] of state) tested.feed.state.set(key, value);
    await tested.runner.start();
    await tested.log.heard(/^The game runs in/);
    await use({ tested, browser });
  });
}

/** A browser that a second program may look into. */
export class BrowserOfGame implements AsyncDisposable {
  readonly path: string;
  readonly permissions: Permissions;
  readonly #argumentsPath: string;
  #socket: WebSocket | null = null;

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
    const [port, path] = Deno.readTextFileSync(join(this.profile, "DevToolsActivePort")).split("\n");
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
    this.#socket = socket;
    await new Promise((resolve) => socket.onopen = resolve);
    const transport: ConnectionTransport = {
      send: (message) => socket.send(message),
      close: () => socket.close(),
    };
    socket.onmessage = ({ data }) => transport.onmessage?.(data);
    socket.onclose = () => transport.onclose?.();
    const connection = await puppeteer.connect({ transport, defaultViewport: null });
    const pages = await connection.pages();
    return pages.find((page) => page.url().startsWith("chrome")) as Page;
  }

  async #disconnect(): Promise<void> {
    const socket = this.#socket;
    if (socket === null || socket.readyState === WebSocket.CLOSED) return;
    await new Promise((resolve) => {
      socket.addEventListener("close", resolve);
      socket.close();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#disconnect();
  }
}

export interface Seen {
  speed: number;
  runs: number;
  jumps: number;
  isDucking: boolean;
  isJumping: boolean;
  isNight: boolean;
  hasCrashed: boolean;
  gravity: number;
}

/** From here on, jumps are counted. */
export async function countJumps(page: Page): Promise<void> {
  await page.evaluate(`(() => {
    const { tRex } = Runner.getInstance();
    const { startJump } = tRex;
    globalThis.jumps = 0;
    tRex.startJump = function (speed) { globalThis.jumps++; return startJump.call(this, speed); };
  })()`);
}

export async function look(page: Page): Promise<Seen> {
  return await page.evaluate(`(({ currentSpeed, playCount, tRex, inverted, crashed }) => ({
    speed: currentSpeed, runs: playCount, jumps: globalThis.jumps ?? 0, isDucking: tRex.ducking,
    isJumping: tRex.jumping, isNight: inverted, hasCrashed: crashed, gravity: tRex.config.gravity,
  }))(Runner.getInstance())`) as Seen;
}

export async function until(page: Page, condition: string): Promise<void> {
  await page.waitForFunction(`((game) => ${condition})(Runner.getInstance())`, { polling: "raf" });
}

/** Fails the game, as an obstacle does. */
export async function crash(page: Page): Promise<void> {
  await page.evaluate("Runner.getInstance().gameOver()");
}

/** The page's own display. */
export const shown = `document.querySelector("#livecue").shadowRoot`;

/** Programs with this in their command line. */
export async function processesWith(text: string): Promise<number[]> {
  const { stdout } = await new Deno.Command("pgrep", { args: ["-f", "--", text] }).output();
  return new TextDecoder().decode(stdout).split("\n").filter(Boolean).map(Number);
}
