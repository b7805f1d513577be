/**
 * Keeps the game open in the browser. Whatever happens to it (its page is closed, crashes or shows something else,
 * the browser is closed or killed), it is opened again. Callers wait until then.
 */
import { setTimeout as wait } from "node:timers/promises";
import { type Page, TimeoutError } from "puppeteer-core/lib/puppeteer/puppeteer-core-browser.js";
import { backoffMs } from "livecue/backoff";
import { t } from "livecue/language";
import { type ServiceLog, UserError } from "livecue/service";
import { BrowserTrouble, emptyPage, openBrowser, profiles, type RunningBrowser } from "./browser.ts";
import type { Action, Options } from "./options.ts";
import { pageWords } from "./page_words.ts";

const gameUrl = "chrome://dino/";

/** The time between two checks of the game. */
const lookMs = 250;
/** A page that does not answer within this is dead. */
const answerMs = 5000;
const openingMs = 15_000;
/** The pauses between tries while something has to be fixed. */
const pauses = { firstMs: 1000, longestMs: 15_000 };
/** After this many failures in a row, the trouble is reported and the browser is restarted. */
const patience = 3;
const noGame = () =>
  t`${gameUrl} is not the game that Livecue knows. Current versions of Chrome and Chromium have it, unless an administrator has disabled it`;
/** The scripts of the page. Each has one expression, a function. */
const scripts = ["pilot", "deeds", "effects", "display", "game"] as const;

/** What has been accepted in the page and is not over yet. Only the page reads it. */
export interface SavedDeeds {
  entries: unknown[];
  remembered: string[];
}

export interface GameStatus {
  /** The number of the run since the page was opened. Each run ends when the dino crashes. */
  run: number;
  isRunning: boolean;
  score: number;
  deeds: SavedDeeds;
  /** The error of a game that the autopilot and the effects do not know; null if there is none. */
  mistake: string | null;
}

export interface Team {
  name: string;
  color: string;
}

/** A viewer, as the page shows them. */
export interface Doer {
  id: string;
  name: string;
  team?: Team | undefined;
}

/** What a viewer makes the game do. */
export interface Deed {
  /** The same id is done once. */
  id: string;
  kind: Action["action"];
  who: Doer;
  text: string;
  /** While somebody plays, comments of others do not move the dino. */
  isComment: boolean;
  seconds?: number;
  by?: number;
  times?: number;
}

export interface GameEvents {
  /** A new page was opened. It shows nothing yet. */
  onOpened(): void;
  onStatus(status: GameStatus): void;
}

interface OpenPage {
  page: Page;
  /** Rejects when the page is lost, because a crashed page never answers. */
  lost: PromiseWithResolvers<never>;
}

export class Game {
  readonly #options: Options;
  readonly #log: ServiceLog;
  readonly #events: GameEvents;
  readonly #stopping = new AbortController();
  #browser: RunningBrowser | null = null;
  #open: OpenPage | null = null;
  /** The tab of the last game. It may show something else by now. */
  #tab: Page | null = null;
  #hasTabCrashed = false;
  #isMistakeTold = false;
  /** Already reported, and not fixed yet. */
  #trouble: BrowserTrouble | null = null;
  #failures = 0;
  #changed = Promise.withResolvers<void>();
  #watching: Promise<void> | null = null;
  /** What the last page had accepted. */
  #deeds: SavedDeeds = { entries: [], remembered: [] };

  constructor(options: Options, log: ServiceLog, events: GameEvents) {
    this.#options = options;
    this.#log = log;
    this.#events = events;
  }

  start(): void {
    this.#watching ??= this.#watch();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new DOMException("the service is being stopped", "AbortError"));
    // Also ends the calls that wait for an answer of the page.
    await this.#leaveBrowser();
    await this.#watching;
  }

  /** What to continue with in the next page. */
  restore(deeds: SavedDeeds): void {
    this.#deeds = deeds;
  }

  /**
   * Resolves with the game's status when the page has accepted the deed. If the page is lost meanwhile, the next page
   * gets it. Throws the signal's reason once it aborts, a `BrowserTrouble` if the game cannot be opened for now, and
   * a `UserError` if the deed is refused.
   */
  async perform(deed: Deed, signal: AbortSignal): Promise<GameStatus> {
    while (true) {
      const open = await this.#whenOpen(signal);
      let answer: { refusal: string | null; mistake: string | null; status: GameStatus };
      try {
        const asked = open.page.evaluate(`livecue.perform(${JSON.stringify(deed)})`) as Promise<
          typeof answer
        >;
        answer = await Promise.race([asked, open.lost.promise]);
      } catch (error) {
        signal.throwIfAborted();
        this.#lose(open, messageOf(error));
        continue;
      }
      signal.throwIfAborted();
      const { refusal, mistake, status } = answer;
      if (refusal !== null) throw new UserError(refusal);
      if (mistake !== null) throw new Error(t`the game cannot ${deed.kind} in this browser: ${mistake}`);
      this.#deeds = status.deeds;
      return status;
    }
  }

  /** Shows something in the page, if there is one. */
  async show(call: "showRecords" | "showStandings", ...values: unknown[]): Promise<void> {
    if (this.#open === null) return;
    const list = values.map((value) => JSON.stringify(value)).join(", ");
    await this.#send(this.#open, `livecue.${call}(${list})`);
  }

  /** If the page is lost meanwhile, nothing is left to show. */
  async #send({ page, lost }: OpenPage, expression: string): Promise<void> {
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

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      let pauseMs = lookMs;
      try {
        await this.#check();
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

  /** Opens the browser and the page if they are not open. Throws if that fails. */
  async #check(): Promise<void> {
    if (this.#browser?.hasEnded) {
      this.#log.warn(t`The browser was closed or has crashed. Opening it again.`);
      await this.#leaveBrowser();
    } else if (this.#failures >= patience) await this.#leaveBrowser();
    const { signal } = this.#stopping;
    this.#browser ??= await openBrowser(this.#options, { profiles, signal });
    signal.throwIfAborted();
    const open = this.#open ?? await this.#openPage(this.#browser);
    const asked = open.page.evaluate("globalThis.livecue?.status() ?? null");
    try {
      const status = await this.#inTime(Promise.race([asked, open.lost.promise]), answerMs);
      if (status === null) this.#lose(open, t`it shows something else`);
      else this.#heard(status as GameStatus);
    } catch (error) {
      this.#lose(open, messageOf(error));
    }
  }

  #heard(status: GameStatus): void {
    this.#deeds = status.deeds;
    if (status.mistake !== null && !this.#isMistakeTold) {
      this.#log.warn(t`This browser's game is different, so Livecue cannot play it: ${status.mistake}.`);
    }
    this.#isMistakeTold = status.mistake !== null;
    this.#events.onStatus(status);
  }

  async #openPage({ browser, path }: RunningBrowser): Promise<OpenPage> {
    const [first] = await this.#inTime(browser.pages(), answerMs);
    const kept = this.#tab ?? (first?.url() === emptyPage ? first : null);
    const canBeKept = kept !== null && !kept.isClosed() && !this.#hasTabCrashed && this.#failures === 0;
    const page = canBeKept ? kept : await this.#inTime(browser.newPage(), answerMs);
    // Only now, because closing the last tab would close the window.
    if (kept !== page) await this.#inTime(kept?.close() ?? Promise.resolve(), answerMs).catch(() => {});
    this.#tab = page;
    this.#hasTabCrashed = false;
    page.once("error", () => this.#hasTabCrashed = true);
    await this.#inTime(prepare(page, this.#options), openingMs);
    await this.#inTime(page.evaluate(`livecue.restore(${JSON.stringify(this.#deeds)})`), answerMs);
    const open = { page, lost: Promise.withResolvers<never>() };
    open.lost.promise.catch(() => {});
    page.once("error", () => this.#lose(open, t`it crashed`));
    page.once("close", () => this.#lose(open, t`it was closed`));
    browser.once("disconnected", () => this.#lose(open, t`its browser has exited`));
    this.#log.info(t`The game runs in ${path}.`);
    this.#trouble = null;
    this.#open = open;
    this.#events.onOpened();
    this.#change();
    return open;
  }

  /** Reports what is wrong once. Returns the pause until the next try. */
  #failed(error: unknown): number {
    this.#failures++;
    const isTrouble = error instanceof BrowserTrouble;
    if (isTrouble || this.#failures >= patience) {
      const trouble = isTrouble ? error : new BrowserTrouble(
        `the game could not be opened in ${this.#browser?.path ?? t`the browser`}: ${messageOf(error)}`,
      );
      const { message, advice } = trouble;
      if (this.#trouble?.message !== message) {
        this.#log.error(advice === "" ? t`No game: ${message}.` : t`No game: ${message}: ${advice}.`);
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
    this.#log.warn(t`The game's page was lost (${why}). Opening it again.`);
  }

  async #leaveBrowser(): Promise<void> {
    const browser = this.#browser;
    this.#browser = null;
    this.#tab = null;
    if (this.#open) this.#lose(this.#open, t`its browser is being closed`);
    await browser?.close();
  }

  async #inTime<Value>(promise: Promise<Value>, ms: number): Promise<Value> {
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, this.#stopping.signal]);
    const late = wait(ms, undefined, { signal }).then(() => {
      throw new Error(t`no answer within ${ms / 1000} s`);
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      over.abort();
      late.catch(() => {});
    }
  }
}

/** Opens the game in the page and injects the scripts that play it. */
async function prepare(page: Page, { autopilot, pause_seconds }: Options): Promise<void> {
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
  await page.emulateFocusedPage(true);
  // The game is Chrome's "no internet" page, so loading it is reported as an error even when it works.
  await page.goto(gameUrl).catch(() => {});
  await page.waitForFunction("typeof Runner === 'function'", { timeout: openingMs / 2 }).catch((error) => {
    throw error instanceof TimeoutError ? new Error(noGame()) : error;
  });
  await page.evaluate(await pageScript({ autopilot, pause_seconds }));
}

/** What is evaluated in the game's page. It defines `livecue`. */
export async function pageScript(
  { autopilot, pause_seconds }: Pick<Options, "autopilot" | "pause_seconds">,
): Promise<string> {
  const [pilot, deeds, effects, display, game] = await Promise.all(
    scripts.map((name) => Deno.readTextFile(`${import.meta.dirname}/page/${name}.js`)),
  );
  return `globalThis.livecue = (${expression(game)})({
    pauseSeconds: ${pause_seconds},
    words: ${JSON.stringify(pageWords())},
    pilot: (${expression(pilot)})({ skill: ${JSON.stringify(autopilot)} }),
    deeds: (${expression(deeds)})(${JSON.stringify(pageWords())}),
    effects: (${expression(effects)})(Runner.getInstance()),
    display: (${expression(display)})(${JSON.stringify(pageWords())}),
  }); 0`;
}

/** The text of a file that contains one arrow function, without the formatter's trailing semicolon. */
function expression(text = ""): string {
  return text.trimEnd().replace(/;$/, "");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
