/**
 * Starts the user's browser and talks to it through a pipe. Because this worker holds the other end of the pipe, the
 * browser exits whenever the worker does, for whatever reason.
 */
import { t } from "livecue/language";
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

/** What a newly started browser shows. */
export const emptyPage = "data:,";
/** The folder of the browsers' profiles. Each profile is deleted when its browser has closed. */
export const profiles = `${import.meta.dirname}/profiles`;
/** How long a browser may take to close by itself. */
const closingMs = 1500;
/** How long it may take to start. The first start on a busy computer takes long. */
const startingMs = 30_000;
/** Of what it says while it starts, to tell why it did not. */
const maxOutputLength = 4000;

/** Something the streamer has to fix: what is wrong, and what to do about it ("" if that is obvious). */
export class BrowserTrouble extends UserError {
  constructor(what: string, readonly advice = "") {
    super(what);
  }
}

export interface RunningBrowser {
  readonly browser: Browser;
  readonly path: string;
  readonly hasEnded: boolean;
  /** Resolves when it has exited and its profile has been deleted. */
  close(): Promise<void>;
}

type Settings = Pick<Options, "browser_path" | "headless" | "no_sandbox" | "window_width" | "window_height">;

/** `browser_path` as `openBrowser` takes it. A bare name is looked up in PATH. */
export function browserPath(path: string, configFolder: string): string {
  return /[\\/]/.test(path) ? resolve(configFolder, path) : path;
}

/**
 * Opens the first browser that exists. Throws `BrowserTrouble` if there is none or it does not start (also if the
 * signal aborts while it is starting), and another error if it was killed.
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
  /** Resolves when its output has been read completely, too. */
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
    browser_path === "" ? t`no Chrome or Chromium was found` : t`${browser_path} does not exist`,
    t`${adviceToInstall(Deno.build.os, browser_path !== "")}. Livecue uses it as soon as it is installed`,
  );
}

function denial(path: string, { message }: Error): BrowserTrouble {
  const advice = message.startsWith("Requires run access")
    ? t`add it to "run" in this service's permissions`
    : t`give this service the permissions shown in docs/services/dino_chrome.md`;
  return new BrowserTrouble(
    t`the service is not allowed to start ${path} (${message.replace(/, run again.*/, "")})`,
    advice,
  );
}

/** The system refuses to start it, usually because it is not a program. */
function refusal(path: string, error: unknown): BrowserTrouble {
  const advice =
    t`browser_path must name the program itself, not its folder (on a Mac, …/Google Chrome.app/Contents/MacOS/Google Chrome)`;
  return new BrowserTrouble(t`${path} cannot be started (${messageOf(error)})`, advice);
}

/** Resolves when it runs. Throws if it does not exist or may not be started. */
async function start(path: string, flags: string[], env: Record<string, string>): Promise<Started> {
  const child = spawn(path, flags, { env, stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"] });
  // Registered before the first await: a program that cannot run exits at once.
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  // Errors of signals sent to an exited browser do not matter.
  child.on("error", () => {});
  return { path, child, exited, closed };
}

/** Connects through the pipe. A browser that cannot start exits instead and prints the reason on standard error. */
async function greet(started: Started, signal: AbortSignal): Promise<Browser> {
  const { path, child, exited, closed } = started;
  let output = "";
  child.stderr?.setEncoding("utf8").on(
    "data",
    (text: string) => output = (output + text).slice(-maxOutputLength),
  );
  const over = new AbortController();
  const late = wait(startingMs, undefined, { signal: AbortSignal.any([over.signal, signal]) }).catch(
    () => {},
  );
  // When the browser exits, the closing of the pipe may be noticed first.
  const connecting = connect({ transport: new PipeTransport(child), defaultViewport: null })
    .catch(() => exited);
  try {
    const browser = await Promise.race([connecting, exited, late]);
    if (browser) return browser;
  } finally {
    over.abort();
  }
  const hasExited = child.exitCode !== null || child.signalCode !== null;
  // Its helper processes may outlive it and keep its standard error open.
  if (hasExited) await Promise.race([closed, wait(closingMs)]);
  await end(started);
  // A browser that was killed says nothing about whether the next one will start.
  if (hasExited && child.signalCode !== null) throw new Error(t`it was killed by ${child.signalCode}`);
  const why = reasonIn(output);
  const what = hasExited
    ? t`${path} exited while it was starting`
    : t`${path} did not answer within ${startingMs / 1000} s of being started`;
  throw why
    ? new BrowserTrouble(`${what}: ${why}`)
    : new BrowserTrouble(what, t`check that it is Chrome or Chromium`);
}

/**
 * The most informative line, without the prefix that differs each time: "[872:872:1121/160611.763:ERROR:x11.cc:257]
 * ".
 */
function reasonIn(output: string): string | undefined {
  const lines = output.trim().split("\n").map((line) => line.replace(/^\[[\d:/.]+:[A-Z]+:[^\]]*\]\s*/, ""));
  // It works without the desktop's message bus, but complains about it first.
  const telling = lines.filter((line) => /error|missing|fail|sandbox/i.test(line) && !/\bbus\b/i.test(line));
  return telling[0] ?? lines.at(-1);
}

/** Closes the pipe, which makes the browser exit. Kills it if it hangs. */
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

/** Messages of the DevTools protocol, each terminated by a zero byte, on the browser's file descriptors 3 and 4. */
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
    // The closing of the pipe reports that the browser has exited.
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
    // The game keeps running behind other windows, so that OBS can capture it.
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
    // Its temporary profile has no passwords, so it need not ask for the system's keyring.
    "--password-store=basic",
    "--use-mock-keychain",
    ...(headless ? ["--headless=new", "--mute-audio"] : []),
    // Chrome refuses to run in its sandbox as root. It would warn of that in a bar over the game, except in tests.
    ...(no_sandbox || isRoot() ? ["--no-sandbox", "--test-type"] : []),
    // A window that shows only the page. The game's own address is not accepted here.
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
      t`the folder for the browser's profile cannot be created (${
        messageOf(error).replace(/, run again.*/, "")
      })`,
      t`give this service the permissions shown in docs/services/dino_chrome.md (write access to services/dino_chrome/profiles)`,
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
