/**
 * Where capture, queues, store and runners meet: start and stop in order, and everything a screen or a log
 * may see of it.
 *
 * Start: lock and migrate the database, put right what a dead process left, rebuild the queues, start the
 * runners, then capture. Stop: capture, then (at a natural end) drain, then the runners, then the database.
 */
import { SeenMessages } from "../live/seen_messages.ts";
import type { CapturedEvent, ConnectionState, RawMessage, Source, SourceItem } from "../source.ts";
import { Streaks } from "../live/streaks.ts";
import { type Clock, every } from "../clock.ts";
import type { Config } from "../config/config.ts";
import type { LiveEvent } from "../event.ts";
import type { Log } from "../log/log.ts";
import { EventDispatcher } from "../live/dispatcher.ts";
import type { QueuedItem } from "../item.ts";
import type { LiveTotals } from "../live.ts";
import { openStore, type Store } from "../store/owner.ts";
import type { Reader } from "../store/reader.ts";
import {
  type CaptureCounts,
  Pipeline,
  type PipelineOptions,
  type Session,
  type SessionMemory,
} from "../live/pipeline.ts";
import type { ItemEnd } from "./queue_feed.ts";
import { Services } from "./services.ts";
import type { ServiceSnapshot } from "./service_unit.ts";

/** Over how long a message of TikTok's is recognised as repeated. */
const repeatHorizonMs = 24 * 60 * 60_000;

/** The source whose events may come again, and from before it was connected. */
const tiktokName = "tiktok";

/** Operations not yet stored at which capture waits for the database. */
const backlogBound = 20_000;

export interface AppOptions {
  config: Config;
  clock: Clock;
  log: Log;
  /** null: nothing is captured, only what is pending is processed. */
  source: Source | null;
  /** Slugs of the services to process; the others' items stay pending. */
  processes: "all" | "none" | readonly string[];
  /** What to do when the source has ended, or there is none: process what is left and end, or go on until stopped. */
  whenIdle: "end" | "stay";
  sessionName?: string | null;
  /** Events in one transaction at most. */
  batchSize?: number;
  /** How long an orderly stop waits for running items. */
  stopGraceMs?: number;
  /** Discard what ended sessions left pending, whatever its age. */
  discardsPending?: boolean;
  /** Each event as it was captured, before duplicates are dropped; `streamer` is the host's handle. */
  onCaptured?: (event: CapturedEvent, raw: RawMessage | null, streamer: string) => void;
  onState?: (state: ConnectionState) => void;
  /** Each event that is stored. */
  onEvent?: (event: LiveEvent) => void;
  onSessionEnded?: PipelineOptions["onSessionEnded"];
  onItemEnded?: (slug: string, item: QueuedItem, end: ItemEnd) => void;
}

/** The settings that cannot change in a run, by their names in the file. */
const settingNames = {
  tiktok: "tiktok",
  database: "database",
  durability: "durability",
  logFile: "log_file",
} as const;
const laterSettings = Object.keys(settingNames) as (keyof typeof settingNames)[];

/** All that a log or a screen shows, as plain data. */
export interface Snapshot {
  connection: ConnectionState | null;
  session: Session | null;
  captured: CaptureCounts;
  totals: LiveTotals;
  services: ServiceSnapshot[];
}

export interface RunResult {
  /** At the end, with the services' states as they were before they were stopped. */
  snapshot: Snapshot;
  /** Why the source could not go on, as a sentence; null where it ended well. */
  failure: string | null;
}

export class App {
  readonly #options: AppOptions;
  readonly #store: Store;
  readonly #services: Services;
  readonly #pipeline: Pipeline;
  readonly #capture = new AbortController();
  readonly #idleWaiters = new Set<() => void>();
  readonly #stopping = Promise.withResolvers<void>();
  #nextSource: Source | null;
  #isCapturing = false;
  /** Aborts when the present source is left for another. */
  #leaving = new AbortController();
  #stopReason: string | null = null;
  #statesAtStop: ServiceSnapshot["state"][] | null = null;
  #connection: ConnectionState | null = null;
  /** Why the last session was aborted; null where none was. */
  #failure: string | null = null;

  /** Takes the database and puts right what a dead process left; throws a `UserError`. Follow with `run`. */
  static async open(options: AppOptions): Promise<App> {
    const { config: { database: path, durability }, clock, log, batchSize } = options;
    const store = openStore({ path, durability, clock, batchSize, log: log.named("store") });
    try {
      return new App(options, store);
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  private constructor(options: AppOptions, store: Store) {
    const { config, clock, log } = options;
    this.#options = options;
    this.#nextSource = options.source;
    this.#store = store;
    const dispatcher = new EventDispatcher(store.nextIds.item);
    this.#services = new Services(config, {
      store,
      clock,
      log,
      dispatcher,
      processes: options.processes,
      session: {
        id: () => this.#pipeline.lastSessionId,
        totals: () => this.#pipeline.totals.read(),
        top: (count) => this.#pipeline.totals.top(count),
      },
      onItemEnded: options.onItemEnded,
      onChange: () => this.#settleIdle(),
    });
    this.#pipeline = new Pipeline({
      sessionName: options.sessionName ?? null,
      nextIds: store.nextIds,
      log: log.named("capture"),
      clock,
      operations: store.writer,
      dispatcher,
      remember: () => this.#remember(),
      onEvent: options.onEvent,
      onDecisions: (decisions) => this.#services.countDiscarded(decisions),
      onSessionEnded: options.onSessionEnded,
    });
    this.#recover();
  }

  /** Runs to the end of the source or to `stop`, drains where nobody asked to stop, and closes all. */
  async run(): Promise<RunResult> {
    this.#services.start();
    let states: ServiceSnapshot["state"][] = [];
    try {
      await this.#captureAll();
      if (this.#stopReason === null) await this.#drain();
    } finally {
      states = this.#statesAtStop ?? this.#services.snapshot().map(({ state }) => state);
      await this.#close();
    }
    const snapshot = this.snapshot();
    const services = snapshot.services.map((service, index) => ({
      ...service,
      state: states[index] ?? service.state,
    }));
    return { snapshot: { ...snapshot, services }, failure: this.#failure };
  }

  /** Ends capture; running items are let finish, the rest stays pending. Idempotent. */
  stop(reason: string): void {
    this.#stopReason ??= reason;
    this.#statesAtStop ??= this.#services.snapshot().map(({ state }) => state);
    // At once: what ends while the capture is being closed must not make room for another.
    this.#services.stop(this.#options.stopGraceMs ?? 10_000).catch(() => {});
    this.#stopping.resolve();
    this.#capture.abort();
    this.#settleIdle();
  }

  /** Leaves the present source, if there is one, for this one. */
  switchSource(source: Source): void {
    this.#nextSource = source;
    this.#leaving.abort();
  }

  /** Ends capture, then processes what is left: `--for`. Idempotent. */
  endCapture(): void {
    this.#capture.abort();
  }

  /**
   * Resolves when no service that is at work has anything left and all of that is stored, or when a stop was
   * asked for.
   */
  async idle(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#idleWaiters.add(resolve);
      this.#settleIdle();
    });
    await Promise.race([this.#store.writer.flush(), this.#stopping.promise]);
  }

  /**
   * Takes a changed config: services, queues and subscriptions change while the live goes on. What else it
   * changes holds from the next start, and is named in the log. Throws a `UserError` where it cannot be stored.
   */
  async applyConfig(config: Config): Promise<void> {
    const { log } = this.#options;
    await this.#services.apply(config);
    const later = laterSettings.filter((key) =>
      JSON.stringify(config[key]) !== JSON.stringify(this.#options.config[key])
    );
    const names = later.map((key) => settingNames[key]).join(", ");
    log.info(`The changed config holds now.${later.length > 0 ? ` From the next start on: ${names}.` : ""}`);
  }

  /** Whether there is, or is about to be, something that is captured. */
  get hasSource(): boolean {
    return this.#nextSource !== null || this.#isCapturing;
  }

  get services(): Services {
    return this.#services;
  }

  /** On a connection of its own: it sees what is committed. */
  get reader(): Reader {
    return this.#store.reader;
  }

  /** One of Livecue's own values, kept in the database; null where it was never set. */
  keptValue(key: string): string | null {
    return this.#store.configValue(key);
  }

  keepValue(key: string, value: string): void {
    this.#store.writer.add({ kind: "set_config", key, value });
  }

  /** Takes in an event that nobody sent, as if it came from the live; without one, in a session of its own. */
  inject(event: CapturedEvent): void {
    if (this.#pipeline.session === null) {
      this.#pipeline.accept({ kind: "session", username: event.user.uniqueId, roomId: event.roomId });
    }
    this.#pipeline.accept({ kind: "event", event, raw: null });
  }

  snapshot(): Snapshot {
    return {
      connection: this.#connection,
      session: this.#pipeline.session,
      captured: { ...this.#pipeline.counts },
      totals: this.#pipeline.totals.read(),
      services: this.#services.snapshot(),
    };
  }

  /** One source after the other; without a next one it ends, or waits for one until it is stopped. */
  async #captureAll(): Promise<void> {
    while (!this.#capture.signal.aborted) {
      const source = this.#nextSource;
      this.#nextSource = null;
      if (source !== null) await this.#captureFrom(source);
      else if (this.#options.whenIdle === "end") return;
      else await aborted(AbortSignal.any([this.#capture.signal, this.#leaving.signal]));
    }
  }

  async #captureFrom(source: Source): Promise<void> {
    const { clock } = this.#options;
    this.#leaving = new AbortController();
    this.#failure = null;
    this.#isCapturing = true;
    const signal = AbortSignal.any([this.#capture.signal, this.#leaving.signal]);
    // Test events may have opened a session of their own.
    this.#pipeline.endSession("completed", "A live was started.");
    this.#pipeline.setSource({
      name: source.name,
      ...source.traits,
    });
    const stopTicking = source.traits.isLive
      ? every(clock, 1000, () => this.#pipeline.advance(clock.now()))
      : () => {};
    try {
      for await (const item of source.open(signal)) await this.#take(item);
      this.#pipeline.endSession("completed", this.#stopReason ?? this.#leaveReason);
    } catch (error) {
      this.#pipeline.endSession("aborted", error instanceof Error ? error.message : String(error));
      throw error;
    } finally {
      this.#isCapturing = false;
      stopTicking();
    }
  }

  get #leaveReason(): string {
    return this.#leaving.signal.aborted ? "Another live was chosen." : "The capture's time was up.";
  }

  async #take(item: SourceItem): Promise<void> {
    const { onCaptured, onState } = this.#options;
    if (item.kind === "state") {
      this.#connection = item.state;
      onState?.(item.state);
      return;
    }
    if (item.kind === "event") {
      onCaptured?.(item.event, item.raw, this.#pipeline.session?.username ?? "");
    }
    if (item.kind === "end" && item.status === "aborted") this.#failure = item.reason;
    this.#pipeline.accept(item);
    if (this.#store.writer.backlog > backlogBound) {
      await Promise.race([this.#store.writer.flush(), aborted(this.#capture.signal)]);
    }
  }

  /** Processes what is left; services that are paused or switched off are not waited for. */
  async #drain(): Promise<void> {
    const left = this.#services.remaining().map(({ slug, count }) => `${slug} ${count}`);
    if (left.length > 0) {
      this.#options.log.info(
        `Processing what is left: ${left.join(", ")}. Ctrl-C leaves it for the next start.`,
      );
    }
    await this.idle();
  }

  async #close(): Promise<void> {
    await this.#services.stop(this.#options.stopGraceMs ?? 10_000);
    await this.#store.close();
  }

  /** What a dead process left: its items in hand, its sessions, its open streaks; then what is pending is queued again. */
  #recover(): void {
    const { clock, log, discardsPending } = this.#options;
    const now = clock.now();
    const { sessions, returnedItems, failedItems, openStreaks } = this.#store.recover(now);
    for (const { id, username } of sessions) {
      log.warn(`Session ${id} (@${username}) was cut off when Livecue died and is closed now.`);
    }
    if (returnedItems > 0) {
      log.warn(`Items that were cut off with it and are processed again: ${returnedItems}.`);
    }
    if (failedItems > 0) {
      log.warn(`Items that had been in too many crashes and are failed now: ${failedItems}.`);
    }
    const { discarded, leftOver } = this.#store.discardStale({ now, all: discardsPending ?? false });
    if (discarded > 0) {
      log.info(`Items that earlier sessions left pending, discarded as stale: ${discarded}.`);
    }
    if (leftOver > 0) {
      log.info(
        `Items that earlier sessions left pending, and that are still to be processed: ${leftOver}. ` +
          'Add --discard-pending to discard them, or set "stale_after_seconds" to have old ones discarded always.',
      );
    }
    this.#services.restore();
    for (const last of openStreaks) this.#pipeline.closeAbandonedStreak(last);
  }

  /**
   * What is known of the last day, so that neither a restart nor a return to a room repeats anything or counts
   * it twice. Of all rooms: some of a live's messages carry another's id, as those of a battle's other side.
   */
  #remember(): SessionMemory {
    const { clock } = this.#options;
    const streaks = new Streaks();
    if (!this.#pipeline.source.mayRepeat) return { seen: new SeenMessages(), streaks };
    const seen = new SeenMessages({ horizonMs: repeatHorizonMs, clock });
    const counts = new Map<string, number>();
    for (const event of this.#store.recentEvents(tiktokName, clock.now() - repeatHorizonMs)) {
      seen.isNew(event.roomId, event.messageId);
      if (event.type !== "GiftEvent" || event.streak === null) continue;
      counts.set(event.streak.id, Math.max(event.streak.count, counts.get(event.streak.id) ?? 0));
    }
    // The newest last, since what was remembered first is forgotten first.
    for (const [streakId, count] of [...counts].reverse()) streaks.restore({ streakId, count });
    return { seen, streaks };
  }

  #settleIdle(): void {
    if (this.#stopReason === null && !this.#services.isIdle) return;
    for (const resolve of this.#idleWaiters) resolve();
    this.#idleWaiters.clear();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
