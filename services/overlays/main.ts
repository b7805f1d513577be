import { resolve } from "node:path";
import { type Mask, maskOf } from "livecue/blocked_words";
import { readSecret } from "livecue/secret";
import {
  BaseQueueService,
  type LiveEvent,
  type QueueItem,
  type ServiceContext,
  UserError,
} from "livecue/service";
import { isOpenToOthers, tokenProblem } from "./access.ts";
import { AlertRules } from "./alert_rules.ts";
import { Files, folderProblem } from "./files.ts";
import { Kept } from "./kept.ts";
import { type Hello, messagesVersion } from "./messages.ts";
import type { Options } from "./options.ts";
import { describeEvent } from "./overlay_event.ts";
import { retryListening } from "./listening.ts";
import { Server, type ServerOptions } from "./server.ts";
import { Streams } from "./streams.ts";
import { type KeptRecent, type KeptTally, Tally } from "./tally.ts";
import { makeTestEvent, type TestRequest } from "./test_event.ts";
import { Throttle } from "./throttle.ts";
import { type AlertPage, WaitingAlerts } from "./waiting_alerts.ts";

export { optionsSchema } from "./options.ts";

const sumsEveryMs = 200;
/** Items wait for the sums to be written, which in a great live are some 100 kB. */
const sumsPauseMs = 100;
/** Only a chat that is opened after a crash would miss them. */
const recentPauseMs = 10_000;

/** Serves pages for OBS's browser source, and tells them what happens in the live. */
export default class Overlays extends BaseQueueService<Options> {
  readonly #streams = new Streams();
  readonly #waiting: WaitingAlerts;
  readonly #rules: AlertRules;
  readonly #mask: Mask;
  readonly #sendTotals = new Throttle(() => this.#streams.send("totals", this.#tally.totals), sumsEveryMs);
  readonly #sendBoard = new Throttle(() => this.#streams.send("board", this.#tally.board), sumsEveryMs);
  readonly #keptTally = new Kept(this.state, {
    key: "tally",
    pauseMs: sumsPauseMs,
    value: () => this.#tally.kept,
  });
  readonly #keptRecent = new Kept(this.state, {
    key: "recent",
    pauseMs: recentPauseMs,
    value: () => this.#tally.keptRecent,
  });
  readonly #keptPages = new Kept(this.state, {
    key: "alert_pages",
    pauseMs: sumsPauseMs,
    value: () => this.#waiting.openPages,
  });
  #tally = new Tally();
  #server: Server | null = null;
  #givenUpCount = 0;
  #lastTestId = 0;

  constructor(context: ServiceContext<Options>) {
    super(context);
    const { rules, blocked_words, max_waiting_alerts, reconnect_seconds } = this.options;
    this.#rules = new AlertRules(rules, this.state);
    this.#mask = maskOf(blocked_words);
    this.#waiting = new WaitingAlerts({
      max: max_waiting_alerts,
      reconnectMs: reconnect_seconds * 1000,
      onGivenUp: () => {
        this.#givenUpCount++;
        this.log.debug(`more alerts came than could be shown: ${this.#givenUpCount} given up so far`);
      },
    });
  }

  override async onStart(): Promise<void> {
    this.#tally = new Tally(
      await this.state.get<KeptTally>("tally"),
      await this.state.get<KeptRecent>("recent"),
    );
    for (const page of await this.state.get<AlertPage[]>("alert_pages") ?? []) this.#waiting.expect(page);
    const { host, port } = this.options;
    const ownToken = await this.#ownToken();
    const token = ownToken ?? await this.#madeToken();
    const options: ServerOptions = {
      access: { host, port, token },
      files: new Files(await this.#themeFolder()),
      streams: this.#streams,
      waiting: this.#waiting,
      hello: () => this.#hello(),
      onTest: (request) => this.#showTest(request),
      onError: (error) => this.log.error(`a page could not be answered: ${error}`),
      onPagesChange: () => this.#keepPages(),
    };
    // The streamer knows a token of their own; one that was made is told nowhere else.
    const toldToken = ownToken === undefined ? token : "YOUR_TOKEN";
    this.stopping.addEventListener("abort", () => this.#waiting.stop(), { once: true });
    retryListening(() => this.#listen(options, toldToken), this);
  }

  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    const alert = await this.#rules.alertOf(event, item);
    const overlayEvent = describeEvent(event, item, { alert, mask: this.#mask });
    const changed = this.#tally.add(event, overlayEvent);
    this.#streams.send("event", overlayEvent);
    if (changed.totals) this.#sendTotals.call();
    if (changed.board) this.#sendBoard.call();
    if (changed.recent) this.#keepInTime(this.#keptRecent, "the latest events");
    const isWaitedFor = alert !== null && this.options.wait_for_alerts;
    await Promise.all([
      changed.totals ? this.#keptTally.save() : null,
      isWaitedFor ? this.#waiting.add(overlayEvent, item.signal) : null,
    ]);
    return true;
  }

  override async onStop(): Promise<void> {
    this.#sendTotals.stop();
    this.#sendBoard.stop();
    await Promise.all([this.#keptTally.save(), this.state.set("recent", this.#tally.keptRecent)]);
    await this.#server?.stop();
  }

  #listen(options: ServerOptions, toldToken: string): void {
    this.#server = new Server(options);
    const query = toldToken === "" ? "" : `?token=${toldToken}`;
    this.log.info(`${this.#server.url}/${query} shows all pages, and how to put them into OBS`);
  }

  async #themeFolder(): Promise<string | undefined> {
    const { theme_folder } = this.options;
    if (theme_folder === undefined) return undefined;
    const folder = resolve(this.configFolder, theme_folder);
    const problem = await folderProblem(folder);
    if (problem === null) return folder;
    this.log.warn(problem);
    return undefined;
  }

  async #ownToken(): Promise<string | undefined> {
    const token = await readSecret("token", this.options, this.configFolder);
    const problem = token === undefined ? null : tokenProblem(token);
    if (problem !== null) throw new UserError(problem);
    return token;
  }

  /** Where others can connect, one is needed: made once, and kept. */
  async #madeToken(): Promise<string> {
    if (!isOpenToOthers(this.options.host)) return "";
    const kept = await this.state.get<string>("token");
    if (kept !== undefined) return kept;
    const made = crypto.randomUUID().replaceAll("-", "");
    await this.state.set("token", made);
    return made;
  }

  #hello(): Omit<Hello, "waiting"> {
    const { totals, board, recent } = this.#tally;
    return { version: messagesVersion, totals, board, goals: this.options.goals, recent };
  }

  /** Whose alerts are worth waiting for after a restart. A stop is not the pages' doing. */
  #keepPages(): void {
    if (!this.signal.aborted) this.#keepInTime(this.#keptPages, "which pages are open");
  }

  #keepInTime(kept: Kept, what: string): void {
    kept.save().catch((error) => this.log.warn(`${what} could not be kept: ${error}`));
  }

  #showTest(request: TestRequest): void {
    const id = --this.#lastTestId;
    const event = makeTestEvent(request, id);
    const item = { id, count: event.streak?.count ?? 1 };
    const alert = this.#rules.alertOfTest(event, item);
    this.#streams.send("event", describeEvent(event, item, { alert, mask: this.#mask, isTest: true }));
  }
}
