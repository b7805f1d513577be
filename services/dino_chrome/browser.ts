/**
 * Starts the user's browser and talks to it through a pipe. The pipe's other end is this worker, so that the
 * browser ends with it, however that ends.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import {
  type Browser,
  connect,
  type ConnectionTransport,
} from "puppeteer-core/lib/puppeteer/puppeteer-core-browser.js";
import { UserError } from "livecue/service";
import { adviceToInstall, browserPaths, browserVariables } from "./browser_paths.ts";
import type { Options } from "./options.ts";
import { openProfile } from "./profile.ts";

/** What a new browser shows. */
export const emptyPage = "data:,";
/** Of the browsers: each is thrown away when its browser has been closed. */
export const profiles = `${import.meta.dirname}/profiles`;
/** How long a browser may take to close by itself. */
const closingMs = 1500;
/** How long it may take to start: on a busy computer, the first time, long. */
const startingMs = 30_000;
/** Of what it says while it starts, to tell why it did not. */
const maxSaidLength = 4000;

/** What the streamer has to mend: what is wrong, and, to be said once, what to do; "" where that goes without saying. */
export class BrowserTrouble extends UserError {
  constructor(what: string, readonly advice = "") {
    super(what);
  }
}

export interface RunningBrowser {
  readonly browser: Browser;
  readonly path: string;
  readonly hasEnded: boolean;
  /** Resolves when it has ended and its profile is gone. */
  close(): Promise<void>;
}

type Settings = Pick<Options, "browser_path" | "headless" | "no_sandbox" | "window_width" | "window_height">;

/** The path of the options, as `openBrowser` takes it. A bare name is looked up in PATH. */
export function browserPath(path: string, configFolder: string): string {
  return /[\\/]/.test(path) ? resolve(configFolder, path) : path;
}

/**
 * The first browser that is there. Throws `BrowserTrouble` where there is none, or it does not start, as one does
 * not that is still starting when the signal aborts; another error where it was killed.
 */
export async function openBrowser(
  settings: Settings,
  { profiles, signal }: { profiles: string; signal: AbortSignal },
): Promise<RunningBrowser> {
  const profile = await explained(() => openProfile(profiles));
  try {
    const started = await startFirst(settings, flagsFor(settings, profile.path));
    const { child, path } = started;
    const browser = await greet(started, signal);
    return {
      browser,
      path,
      get hasEnded() {
        return !browser.connected || child.exitCode !== null || child.signalCode !== null;
      },
      async close() {
        await end(started);
        await profile.remove();
      },
    };
  } catch (error) {
    await profile.remove();
    throw error;
  }
}

interface Started {
  path: string;
  child: ChildProcess;
  exited: Promise<void>;
  /** Has also said all it had to say. */
  closed: Promise<void>;
}

async function startFirst({ browser_path }: Settings, flags: string[]): Promise<Started> {
  const paths = browser_path === "" ? browserPaths(Deno.build.os, variable) : [browser_path];
  const env = Object.fromEntries(browserVariables.flatMap((name) => {
    const value = variable(name);
    return value === undefined ? [] : [[name, value]];
  }));
  const denied: BrowserTrouble[] = [];
  for (const path of paths) {
    try {
      return await start(path, flags, env);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) denied.push(denial(path, error));
      else if (!isMissing(error)) throw refusal(path, error);
    }
  }
  if (denied[0] && denied.length === paths.length) throw denied[0];
  throw new BrowserTrouble(
    browser_path === "" ? "no Chrome or Chromium was found" : `there is no ${browser_path}`,
    `${adviceToInstall(Deno.build.os, browser_path !== "")}. It is used as soon as it is there`,
  );
}

function denial(path: string, { message }: Error): BrowserTrouble {
  const advice = message.startsWith("Requires run access")
    ? 'name it under "run" in the permissions of this service'
    : "let the permissions of this service be as in docs/services/dino_chrome.md";
  return new BrowserTrouble(`it may not start ${path} (${message.replace(/, run again.*/, "")})`, advice);
}

/** The system's: mostly of what is no program. */
function refusal(path: string, error: unknown): BrowserTrouble {
  const advice = "browser_path has to name the program itself, not its folder " +
    "(on a Mac …/Google Chrome.app/Contents/MacOS/Google Chrome)";
  return new BrowserTrouble(`${path} cannot be started (${messageOf(error)})`, advice);
}

/** Resolves when it runs; where it or the right to start it is missing, that is thrown. */
async function start(path: string, flags: string[], env: Record<string, string>): Promise<Started> {
  const child = spawn(path, flags, { env, stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"] });
  // Before anything is waited for: one that cannot run ends at once.
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  // What it can no longer be told, once it has died, is no news.
  child.on("error", () => {});
  return { path, child, exited, closed };
}

/** The first words over the pipe. A browser that cannot start ends instead, and says why on standard error. */
async function greet(started: Started, signal: AbortSignal): Promise<Browser> {
  const { path, child, exited, closed } = started;
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => said = (said + text).slice(-maxSaidLength));
  const over = new AbortController();
  const late = wait(startingMs, undefined, { signal: AbortSignal.any([over.signal, signal]) }).catch(
    () => {},
  );
  // Of one that ends, the pipe may be seen to close first.
  const connecting = connect({ transport: new PipeTransport(child), defaultViewport: null })
    .catch(() => exited);
  try {
    const browser = await Promise.race([connecting, exited, late]);
    if (browser) return browser;
  } finally {
    over.abort();
  }
  const hasExited = child.exitCode !== null || child.signalCode !== null;
  // Helpers of it that live on would keep its standard error open.
  if (hasExited) await Promise.race([closed, wait(closingMs)]);
  await end(started);
  // Of one that was killed nothing follows for the next.
  if (hasExited && child.signalCode !== null) throw new Error(`it was ended by ${child.signalCode}`);
  const why = reasonIn(said);
  const what = hasExited
    ? `${path} ended while it was starting`
    : `${path} did not answer within ${startingMs / 1000} s of being started`;
  throw why
    ? new BrowserTrouble(`${what}: ${why}`)
    : new BrowserTrouble(what, "see that it is Chrome or Chromium");
}

/** The line that says most, without what is another one at each try: "[872:872:1121/160611.763:ERROR:x11.cc:257] ". */
function reasonIn(said: string): string | undefined {
  const lines = said.trim().split("\n").map((line) => line.replace(/^\[[\d:/.]+:[A-Z]+:[^\]]*\]\s*/, ""));
  // It does without the desktop's message bus, and says so first.
  const telling = lines.filter((line) => /error|missing|fail|sandbox/i.test(line) && !/\bbus\b/i.test(line));
  return telling[0] ?? lines.at(-1);
}

/** Closing the pipe ends it; one that hangs is killed. */
async function end({ child, exited }: Started): Promise<void> {
  for (const stream of child.stdio) stream?.destroy();
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = new AbortController();
  const late = wait(closingMs, "late", { signal: over.signal }).catch(() => {});
  if (await Promise.race([exited, late]) === "late") {
    child.kill("SIGKILL");
    await exited;
  }
  over.abort();
}

/** Messages of the DevTools protocol, each ended by a zero byte, on the browser's file descriptors 3 and 4. */
class PipeTransport implements ConnectionTransport {
  onmessage?: (message: string) => void;
  onclose?: () => void;
  readonly #toBrowser: Writable;
  readonly #fromBrowser: Readable;
  #unfinished = "";

  constructor({ stdio }: ChildProcess) {
    this.#toBrowser = stdio[3] as Writable;
    this.#fromBrowser = stdio[4] as Readable;
    this.#fromBrowser.setEncoding("utf8");
    this.#fromBrowser.on("data", (text: string) => this.#receive(text));
    this.#fromBrowser.on("close", () => this.onclose?.());
    // A browser that has died is told by the close of its pipe.
    for (const stream of [this.#toBrowser, this.#fromBrowser]) stream.on("error", () => {});
  }

  send(message: string): void {
    this.#toBrowser.write(`${message}\0`);
  }

  close(): void {
    this.#toBrowser.destroy();
    this.#fromBrowser.destroy();
  }

  #receive(text: string): void {
    const messages = (this.#unfinished + text).split("\0");
    this.#unfinished = messages.pop() ?? "";
    for (const message of messages) this.onmessage?.(message);
  }
}

function flagsFor(
  { headless, no_sandbox, window_width, window_height }: Settings,
  profile: string,
): string[] {
  return [
    "--remote-debugging-pipe",
    `--user-data-dir=${profile}`,
    `--window-size=${window_width},${window_height}`,
    // A game behind other windows goes on, so that OBS sees it run.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-features=CalculateNativeWinOcclusion,Translate",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-crash-restore-bubble",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // Its throw-away profile has no passwords to ask the system's keyring for.
    "--password-store=basic",
    "--use-mock-keychain",
    ...(headless ? ["--headless=new", "--mute-audio"] : []),
    // Chrome refuses to be root in its sandbox.
    ...(no_sandbox || isRoot() ? ["--no-sandbox"] : []),
    // A window with nothing but the page. The game's own address is not taken here.
    `--app=${emptyPage}`,
  ];
}

function isRoot(): boolean {
  if (Deno.build.os === "windows") return false;
  return Deno.permissions.querySync({ name: "sys", kind: "uid" }).state === "granted" && Deno.uid() === 0;
}

function variable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}

async function explained<Value>(action: () => Promise<Value>): Promise<Value> {
  try {
    return await action();
  } catch (error) {
    throw new BrowserTrouble(
      `it cannot make a folder for the browser's profile (${messageOf(error).replace(/, run again.*/, "")})`,
      "grant write of services/dino_chrome/profiles in the permissions of this service, as docs/services/dino_chrome.md does",
    );
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
