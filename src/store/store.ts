/** The only process that writes to a database: it holds the lock, and recovers what a crashed process left. */
import type { Clock } from "../clock.ts";
import { Deadline } from "../deadline.ts";
import type { ServiceConfig } from "../service.ts";
import type { LiveEvent } from "../event.ts";
import type { HostBook } from "../host_book.ts";
import type { Ids } from "../ids.ts";
import { msg, t, translated } from "../language.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { Live, LiveTotals, TopUser } from "../live.ts";
import type { Log } from "../log/log.ts";
import type { StateOwner } from "../operation.ts";
import type { RunObserver } from "../run_observer.ts";
import type { LiveSession } from "../session.ts";
import type { OpenMachineLine } from "../watch_line.ts";
import { optionalMomentIn, optionalTextIn } from "./columns.ts";
import type { Database } from "./database.ts";
import { KeptValues } from "./kept_values.ts";
import { LenientQuery } from "./lenient_query.ts";
import { Lives, type RecentMessage } from "./lives.ts";
import type { Marks } from "./mark_box.ts";
import type { Pruner } from "./pruner.ts";
import { Reader } from "./reader.ts";
import type { WhyLost } from "./postgres/trouble.ts";
import { ReaderThread } from "./reader_thread.ts";
import {
  fixingCounts,
  itemsInProgress,
  planRecovery,
  recoveryReason,
  type RecoveryReport,
} from "./recovery.ts";
import { savingServices, serviceIds } from "./services.ts";
import { bind } from "./statements.ts";
import { StoreEnding } from "./store_ending.ts";
import { countedAtOnce, type StaleReport, type StoredQueue, StoredQueues } from "./stored_queues.ts";
import { ViewerStandings } from "./viewer_standings.ts";
import { StoredViewers } from "./viewers.ts";
import { Writer } from "./writer.ts";

export interface StoreOptions {
  /** A path, or a `postgres://` address. */
  address: string;
  /** full: a committed event survives a power cut. normal: it survives a crash of Livecue. */
  durability: "normal" | "full";
  /** The name of this machine, for people; default: the computer's. */
  machine?: string | undefined;
  /** Another machine has the database: wait until it is free. Called with its name, which may be "". */
  onHeld?: ((machine: string) => void) | undefined;
  /** Ends that wait. */
  signal?: AbortSignal | undefined;
  /** Another machine has taken the database over, and nothing more is written. */
  onLost?: ((why: WhyLost) => void) | undefined;
  /** The thread in which the questions of all rooms are answered; default: one of its own. */
  questions?: ReaderThread;
  /** Whose room of a database of many it is; default "", the only room. */
  streamer?: string;
  clock: Clock;
  /** Gets write errors, and when they are over. */
  log: Log;
  /** The most events in one transaction. */
  batchSize?: number | undefined;
  observer?: Pick<RunObserver, "committed"> | undefined;
  /** As in `WriterOptions`. */
  onBug?: ((error: Error) => void) | undefined;
}

/** With this many operations not stored yet, capture waits for the database. */
const backlogBound = 20_000;

const defaultMaxCrashes = 3;

const unreadableLives = msg(
  'Some of this live\'s data in the database cannot be read, and the live continues without it. Its totals may be too low, and repeated messages may be stored twice. The command "check" says what is wrong.',
);

/** An owned database. Its methods read committed data only: flush the writer first if that matters. */
export class Store implements Lifecycle {
  readonly writer: Writer;
  /** The values that services keep. See `whenReadable`. */
  readonly kept: KeptValues;
  /** Reads in this thread, on its own connection: for reads by id. */
  readonly reader: Reader;
  /** The same in a separate thread: for reads that may take long. */
  readonly questions: ReaderThread;
  /** The counted numbers of viewers, for the path of events: what cannot be read counts as missing. */
  readonly viewers: StoredViewers;
  /** The same for many at once. */
  readonly standings: ViewerStandings;
  readonly pruner: Pruner;
  readonly marks: Marks;
  readonly hosts: HostBook | null;
  /** As in `Database`. */
  readonly openMachineLine: OpenMachineLine | null;
  readonly ids: Ids;
  readonly streamer: string;
  /** Names the database in messages. */
  readonly name: string;
  readonly #database: Database;
  /** For the path of events: what cannot be read counts as missing. */
  readonly #lenient: LenientQuery;
  readonly #lives: Lives;
  readonly #queues: StoredQueues;
  readonly #clock: Clock;
  readonly #log: Log;
  #services: ReadonlyMap<number, ServiceConfig> = new Map();
  readonly #stopping = new AbortController();
  readonly #ending: StoreEnding;

  constructor(database: Database, options: Omit<StoreOptions, "address" | "durability">) {
    const { clock, log, batchSize, observer, onBug, streamer = "" } = options;
    this.streamer = streamer;
    this.name = database.name;
    this.#database = database;
    this.#clock = clock;
    this.#log = log;
    this.#lenient = new LenientQuery(database.query, {
      isUnreadable: (error) => database.isUnreadable(error),
      onUnreadable: () => log.warn(translated(unreadableLives)),
    });
    const slugOf = (serviceId: number) => this.#services.get(serviceId)?.slug;
    this.#lives = new Lives(this.#lenient, streamer);
    this.kept = new KeptValues(database.query);
    // The only room of a database reads all of it.
    const room = streamer === "" ? null : streamer;
    this.reader = new Reader(database.query, { streamer: room });
    this.viewers = new StoredViewers(this.#lenient, room);
    this.standings = new ViewerStandings(this.#lenient, room);
    this.questions = new ReaderThread({
      address: database.address,
      streamer: room,
      shared: options.questions,
    });
    this.writer = new Writer(database, {
      clock,
      batchSize,
      onTrouble: (sentence, error) =>
        log.warn(database.isLost(error) ? sentence : t`${sentence} Livecue retries until it works.`),
      onRefused: ({ entry, error }) => log.error(refused(database.name, entry.operation.kind, error)),
      onRecovered: () => log.info(t`Writing to the database works again.`),
      onCommitted: observer && ((operations, tookMs) => observer.committed({ operations, tookMs, slugOf })),
      onBug,
    });
    this.#queues = new StoredQueues({
      database,
      writer: this.writer,
      questions: this.questions,
      clock,
      log,
      services: () => this.#services,
      signal: this.#stopping.signal,
    });
    this.#ending = new StoreEnding({ database, questions: this.questions, writer: this.writer });
    this.ids = database.ids;
    this.pruner = database.pruner;
    this.marks = database.marks;
    this.hosts = database.hosts;
    this.openMachineLine = database.openMachineLine;
  }

  /** Has the reading thread look for damaged pages, and reports them. The store itself is open from the beginning. */
  start(): void {
    // Of many rooms, one look is enough.
    if (!this.#database.isFile || this.#database.sharesIds) return;
    const look = this.questions.ask("damage");
    look.then((sentence) => sentence !== null && this.#log.warn(sentence), () => {});
  }

  /**
   * Makes the two service tables match the config, by slug, immediately; deletes nothing. Returns the ids by slug.
   * Throws a `UserError` if the database cannot be written to.
   */
  async syncServices(services: readonly ServiceConfig[]): Promise<Map<string, number>> {
    await this.#explaining(() => this.#database.execute(savingServices(services, this.streamer)));
    const ids = serviceIds(this.#database.query, { services, streamer: this.streamer });
    this.#services = new Map(services.map((service) => [ids.get(service.slug)!, service]));
    return ids;
  }

  /**
   * Recovers what a crashed process left, except its sessions: see `abortSessions`. Call it once, after
   * `syncServices` and before anything else is written.
   */
  async recover(now: number): Promise<RecoveryReport> {
    const maxCrashesOf = (serviceId: number) =>
      this.#services.get(serviceId)?.maxCrashes ?? defaultMaxCrashes;
    const inProgress =
      itemsInProgress(this.#database.query, { streamer: this.streamer, limit: countedAtOnce }) ??
        await this.questions.ask("itemsInProgress", this.streamer);
    return await this.#explaining(async () => {
      const { query } = this.#database;
      const { itemOperations, report } = planRecovery(query, {
        now,
        maxCrashesOf,
        inProgress,
        streamer: this.streamer,
      });
      await this.#database.execute(fixingCounts(inProgress));
      await this.#database.executeAll(itemOperations.map(bind));
      return report;
    });
  }

  /**
   * Closes the sessions that `recover` found. The caller adds the ends of their open streaks in the same turn, so
   * that a crash in between leaves both for the next start.
   */
  abortSessions({ sessions }: RecoveryReport): void {
    const eventsTo = this.ids.next("event") - 1;
    for (const { id, endedAt } of sessions) {
      const reason = recoveryReason;
      this.writer.add({ kind: "close_session", id, status: "aborted", endedAt, reason, eventsTo });
    }
  }

  /** See `StoredQueues.discardStale`. */
  discardStale(which: { now: number; all: boolean }): Promise<StaleReport> {
    return this.#queues.discardStale(which);
  }

  /** Resolves when the rows of all stale items are updated. Before that no item may be put back. */
  staleDiscarded(): Promise<void> {
    return this.#queues.staleDiscarded();
  }

  /** The pending rows of a service, as they will be when the writer has written everything that waits. */
  pendingOf(serviceId: number): StoredQueue {
    return this.#queues.pendingOf(serviceId);
  }

  live(id: number): Live | null {
    return this.#lives.live(id);
  }

  /** The newest live of this room; null for the room "". */
  liveOfRoom(sourceType: string, roomId: string): Live | null {
    return this.#lives.ofRoom(sourceType, roomId);
  }

  /** The live of the source's last session; null if that ended before `since`, or is not among the last sessions. */
  lastLiveOf(source: string, since: number): number | null {
    return this.#lives.lastOf(source, since);
  }

  /** The last session and the last live that are not of this source, whose type is its name. */
  lastExcept(source: string): StateOwner {
    return this.#lives.lastExcept(source);
  }

  session(id: number): LiveSession | null {
    return this.#lives.session(id);
  }

  /** A live's totals as last saved, and the last event that they include. */
  liveTotals(liveId: number): { totals: LiveTotals; upTo: number } {
    return this.#lives.totals(liveId);
  }

  /** A live's events after `upTo`, in order. */
  eventsAfter(liveId: number, upTo: number): Iterable<LiveEvent> {
    return this.#lives.eventsAfter(liveId, upTo);
  }

  /** What duplicates and streaks need of a live's last events: newest first, of the last 24 h, at most `limit`. */
  recentMessages(liveId: number, limit: number): Iterable<RecentMessage> {
    return this.#lives.recentMessages(liveId, limit, this.#clock.now());
  }

  /** The user's first event of this type in the live; null if there is none. */
  firstOf(liveId: number, userId: string, eventType: string): { streakId: string | null } | null {
    return this.#lives.firstOf(liveId, userId, eventType);
  }

  /** The top givers of a live, most diamonds first. */
  top(liveId: number, count: number): TopUser[] {
    return this.#lives.top(liveId, count);
  }

  /** When an id of this owner was last used, Unix milliseconds; null if never, or if it was forgotten. */
  knownIdAt(owner: string, id: string): number | null {
    const sql = "SELECT at FROM known_id WHERE owner = ? AND id = ?";
    return optionalMomentIn(this.#lenient.first<{ at: number }>(sql, owner, id)?.at);
  }

  /** Livecue's own values, to read and to keep. */
  readonly ownValues = {
    keptValue: (key: string): string | null => this.configValue(key),
    keepValue: (key: string, value: string): void => this.writer.add({ kind: "set_config", key, value }),
  };

  /** One of Livecue's own values; null if it was never set. The operation `set_config` sets it. */
  configValue(key: string): string | null {
    const sql = "SELECT meta_value FROM config WHERE meta_key = ?";
    const row = this.#database.query.first<{ meta_value: string }>(sql, key);
    return optionalTextIn(row?.meta_value);
  }

  /**
   * Writes everything that waits and releases the lock, by the deadline. Throws a `UserError` if something could not
   * be written; it says where the unwritten changes are kept. If the file was removed or overwritten, it says where
   * the rescued data is.
   */
  stop(deadline = new Deadline(this.#clock)): Promise<void> {
    this.#stopping.abort();
    return this.#ending.stop(deadline, this.#queues.staleDiscarded());
  }

  /** Stops at once, for callers that cannot wait. Throws as `stop` does. */
  stopNow(): void {
    this.#stopping.abort();
    this.#ending.stopNow();
  }

  /** Whether other owners take ids of the same database, so that not each id is an event. */
  get idsHaveGaps(): boolean {
    return this.#database.sharesIds;
  }

  /** Whether commits are answered over a connection, while this thread goes on. */
  get answersLater(): boolean {
    return this.#database.batchesAtOnce > 1;
  }

  /** Whether the database is away at present, so that nothing can be read or stored. */
  get isAway(): boolean {
    return this.#database.away !== null;
  }

  /** Resolves when the database is there, at once if it is. */
  whenBack(): Promise<void> {
    return this.#database.whenBack();
  }

  /**
   * null if capture may go on; otherwise resolves when it may: then ask again. While the database is away, out of ids or
   * far behind, events wait in the intake of their source, which sheds in order when it is full.
   */
  whenCaughtUp(): Promise<void> | null {
    if (!this.#database.isReady) return this.#database.whenReady();
    return this.writer.backlog > backlogBound ? this.writer.flush() : null;
  }

  /** Reads now, or, if the database is away, as soon as it is back. */
  whenReadable<Result>(read: () => Result): Result | Promise<Result> {
    try {
      return read();
    } catch (error) {
      if (!this.#database.isAway(error)) throw error;
      return this.whenBack().then(() => this.whenReadable(read));
    }
  }

  /** A sentence for an error that a person can fix; null if the error is a bug. */
  troubleOf(error: unknown): string | null {
    return this.#database.troubleOf(error);
  }

  /** Turns an error from reading or writing into a `UserError`, if a person can fix it. */
  explained(error: unknown): unknown {
    return this.#database.explained(error);
  }

  async #explaining<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw this.#database.explained(error);
    }
  }
}

function refused(name: string, kind: string, error: unknown): string {
  const why = error instanceof Error ? error.message : String(error);
  return t`${name} does not accept a row of Livecue's, which goes on without it (${kind}: ${why}). If another program changes Livecue's tables, end that; otherwise please report this.`;
}
