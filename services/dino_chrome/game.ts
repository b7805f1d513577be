/**
 * The game in the browser, looked after: whatever happens to it (its page is closed, crashes or is left, the
 * browser is closed or killed), it is opened again. Who wants something of it waits until then.
 */
import { setTimeout as wait } from "node:timers/promises";
import { type Page, TimeoutError } from "puppeteer-core/lib/puppeteer/puppeteer-core-browser.js";
import { backoffMs } from "livecue/backoff";
import type { ServiceLog } from "livecue/service";
import { BrowserTrouble, emptyPage, openBrowser, profiles, type RunningBrowser } from "./browser.ts";
import type { Options } from "./options.ts";

const gameUrl = "chrome://dino/";

/** Between two looks at the game. */
const lookMs = 250;
/** A page that does not answer within this is dead. */
const answerMs = 5000;
const openingMs = 15_000;
/** Between two tries where something has to be mended. */
const pauses = { firstMs: 1000, longestMs: 15_000 };
/** So many failures in a row are trouble, and the browser's own fault for all that is known. */
const patience = 3;
const noGame =
  `${gameUrl} is not the game that Livecue knows. It is in Chrome and Chromium of today, unless an ` +
  `administrator has switched it off`;
/** A little longer than the game itself wants to be over. */
const restartSeconds = 1.3;

export interface GameStatus {
  /** Counts the runs of the page: each ends with a crash. */
  run: number;
  isRunning: boolean;
  score: number;
}

/** What the page's own scripts can be asked to do. */
export type TimedKind = "duck" | "speed" | "moon_gravity" | "no_collisions" | "night";
export type Deed = { kind: "jump" | "restart" } | { kind: TimedKind; seconds: number; by?: number };

export interface GameEvents {
  /** The page is new: what it shows is up to its owner. */
  onOpened(): void;
  onStatus(status: GameStatus): void;
}

interface OpenPage {
  page: Page;
  /** Rejects when the page is lost: what a crashed one was asked is never answered. */
  lost: PromiseWithResolvers<never>;
}

export class Game {
  readonly #options: Options;
  readonly #log: ServiceLog;
  readonly #events: GameEvents;
  readonly #stopping = new AbortController();
  #browser: RunningBrowser | null = null;
  #open: OpenPage | null = null;
  /** Where the game was last; it may have been led elsewhere. */
  #tab: Page | null = null;
  #hasTabCrashed = false;
  /** Said already, and not yet mended. */
  #trouble: BrowserTrouble | null = null;
  #failures = 0;
  #changed = Promise.withResolvers<void>();
  #lookingAfter: Promise<void> | null = null;
  #lastDeed = 0;

  constructor(options: Options, log: ServiceLog, events: GameEvents) {
    this.#options = options;
    this.#log = log;
    this.#events = events;
  }

  start(): void {
    this.#lookingAfter ??= this.#lookAfter();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new DOMException("the service is being stopped", "AbortError"));
    // Ends what is being waited for in the page, too.
    await this.#leaveBrowser();
    await this.#lookingAfter;
  }

  /**
   * Resolves when the deed has been done. One that the game's page was lost over is done again in the next;
   * `onBegin` is called each time. Throws the signal's reason once it aborts, and `BrowserTrouble` where there can
   * be no game for now.
   */
  async perform(deed: Deed, { signal, onBegin }: { signal: AbortSignal; onBegin(): void }): Promise<void> {
    while (true) {
      const open = await this.#whenOpen(signal);
      onBegin();
      const id = ++this.#lastDeed;
      const cancel = () => void this.#tell(open, `livecue.cancel(${id})`);
      signal.addEventListener("abort", cancel, { once: true });
      let mistake: unknown;
      try {
        const done = open.page.evaluate(`livecue.perform(${id}, ${JSON.stringify(deed)})`);
        mistake = await Promise.race([done, open.lost.promise]);
      } catch (error) {
        signal.throwIfAborted();
        this.#lose(open, messageOf(error));
        continue;
      } finally {
        signal.removeEventListener("abort", cancel);
      }
      signal.throwIfAborted();
      if (mistake !== null) throw new Error(`the game does not know ${deed.kind} as it should: ${mistake}`);
      return;
    }
  }

  /** Shows something in the page, if there is one. */
  async show(call: "show" | "leave" | "showRecords", ...values: unknown[]): Promise<void> {
    if (this.#open === null) return;
    const list = values.map((value) => JSON.stringify(value)).join(", ");
    await this.#tell(this.#open, `livecue.${call}(${list})`);
  }

  /** A page that is lost meanwhile shows nothing any more. */
  async #tell({ page, lost }: OpenPage, expression: string): Promise<void> {
    await Promise.race([page.evaluate(`void ${expression}`), lost.promise]).catch(() => {});
  }

  async #whenOpen(signal: AbortSignal): Promise<OpenPage> {
    const aborted = Promise.withResolvers<void>();
    const abort = () => aborted.resolve();
    signal.addEventListener("abort", abort, { once: true });
    try {
      while (true) {
        signal.throwIfAborted();
        this.#stopping.signal.throwIfAborted();
        if (this.#open !== null) return this.#open;
        if (this.#trouble !== null) throw this.#trouble;
        await Promise.race([this.#changed.promise, aborted.promise]);
      }
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async #lookAfter(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      let pauseMs = lookMs;
      try {
        await this.#look();
        this.#failures = 0;
      } catch (error) {
        if (signal.aborted) break;
        pauseMs = this.#failed(error);
      }
      await wait(pauseMs, undefined, { signal }).catch(() => {});
    }
    await this.#leaveBrowser();
    this.#change();
  }

  /** Opens what is not open; throws where that fails, or what was open is lost. */
  async #look(): Promise<void> {
    if (this.#browser?.hasEnded) {
      this.#log.warn("The browser was closed or has died: opening it again.");
      await this.#leaveBrowser();
    } else if (this.#failures >= patience) await this.#leaveBrowser();
    const { signal } = this.#stopping;
    this.#browser ??= await openBrowser(this.#options, { profiles, signal });
    signal.throwIfAborted();
    const open = this.#open ?? await this.#openPage(this.#browser);
    const asked = open.page.evaluate("globalThis.livecue?.status() ?? null");
    try {
      const status = await this.#inTime(Promise.race([asked, open.lost.promise]), answerMs);
      if (status === null) this.#lose(open, "it shows something else");
      else this.#events.onStatus(status as GameStatus);
    } catch (error) {
      this.#lose(open, messageOf(error));
    }
  }

  async #openPage({ browser, path }: RunningBrowser): Promise<OpenPage> {
    const [first] = await this.#inTime(browser.pages(), answerMs);
    const kept = this.#tab ?? (first?.url() === emptyPage ? first : null);
    const canBeKept = kept !== null && !kept.isClosed() && !this.#hasTabCrashed && this.#failures === 0;
    const page = canBeKept ? kept : await this.#inTime(browser.newPage(), answerMs);
    // Only now: the last one would have taken the window along.
    if (kept !== page) await this.#inTime(kept?.close() ?? Promise.resolve(), answerMs).catch(() => {});
    this.#tab = page;
    this.#hasTabCrashed = false;
    page.once("error", () => this.#hasTabCrashed = true);
    await this.#inTime(prepare(page), openingMs);
    const open = { page, lost: Promise.withResolvers<never>() };
    open.lost.promise.catch(() => {});
    page.once("error", () => this.#lose(open, "it crashed"));
    page.once("close", () => this.#lose(open, "it was closed"));
    browser.once("disconnected", () => this.#lose(open, "its browser has ended"));
    this.#log.info(`The game is on, in ${path}.`);
    this.#trouble = null;
    this.#open = open;
    this.#events.onOpened();
    this.#change();
    return open;
  }

  /** Says what is wrong once, and when it is worth another try. */
  #failed(error: unknown): number {
    this.#failures++;
    const isTrouble = error instanceof BrowserTrouble;
    if (isTrouble || this.#failures >= patience) {
      const trouble = isTrouble ? error : new BrowserTrouble(
        `the game could not be opened in ${this.#browser?.path ?? "the browser"}: ${messageOf(error)}`,
      );
      const { message, advice } = trouble;
      if (this.#trouble?.message !== message) {
        this.#log.error(`No game: ${message}${advice === "" ? "" : `: ${advice}`}.`);
      }
      this.#trouble = trouble;
      this.#change();
    }
    return backoffMs(this.#failures, pauses);
  }

  #lose(open: OpenPage, why: string): void {
    if (this.#open !== open) return;
    this.#open = null;
    open.lost.reject(new Error(why));
    if (this.#stopping.signal.aborted || this.#browser?.hasEnded) return;
    this.#log.warn(`The game's page was lost (${why}): opening it again.`);
  }

  async #leaveBrowser(): Promise<void> {
    const browser = this.#browser;
    this.#browser = null;
    this.#tab = null;
    if (this.#open) this.#lose(this.#open, "its browser is left");
    await browser?.close();
  }

  async #inTime<Value>(promise: Promise<Value>, ms: number): Promise<Value> {
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, this.#stopping.signal]);
    const late = wait(ms, undefined, { signal }).then(() => {
      throw new Error(`no answer within ${ms / 1000} s`);
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      over.abort();
      late.catch(() => {});
    }
  }
}

/** Leads the page to the game, and gives it the scripts that play it. */
async function prepare(page: Page): Promise<void> {
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
  await page.emulateFocusedPage(true);
  // The page stands for "no internet", so that loading it counts as an error although it is there.
  await page.goto(gameUrl).catch(() => {});
  await page.waitForFunction("typeof Runner === 'function'", { timeout: openingMs / 2 }).catch((error) => {
    throw error instanceof TimeoutError ? new Error(noGame) : error;
  });
  const [game, display] = await Promise.all(
    ["game", "display"].map((name) => Deno.readTextFile(`${import.meta.dirname}/page/${name}.js`)),
  );
  await page.evaluate(`globalThis.livecue = {
    ...(${expression(game)})({ seconds: ${restartSeconds} }),
    ...(${expression(display)})()
  }; 0`);
}

/** A file with one arrow function, as the formatter leaves it. */
function expression(text = ""): string {
  return text.trimEnd().replace(/;$/, "");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
