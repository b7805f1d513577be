/**
 * Processes the items of one source before the pipeline: opens and closes sessions, drops duplicates, counts streaks.
 * Each source has its own `Capture`; they are independent.
 */
import type { Clock } from "../clock.ts";
import type { EventType, LiveEvent } from "../event.ts";
import { t } from "../language.ts";
import type { CaptureCounts, LiveTotals } from "../live.ts";
import type { Log } from "../log/log.ts";
import type { OperationLog } from "../operation.ts";
import type { LiveSession } from "../session.ts";
import type { CapturedEvent, SourceItem, SourceTraits } from "../source.ts";
import type { KnownIds } from "./known_ids.ts";
import { OpenSession } from "./live_session.ts";
import type { Lives } from "./lives.ts";
import type { Pipeline } from "./pipeline.ts";

export interface CaptureOptions {
  /** The name of the source. */
  name: string;
  traits: SourceTraits;
  /** `--session-name`. */
  sessionName: string | null;
  clock: Clock;
  log: Log;
  operations: OperationLog;
  knownIds: KnownIds;
  lives: Lives;
  pipeline: Pipeline;
  takeSessionId(): number;
  onSessionEnded?: ((session: LiveSession, end: SessionEnd) => void) | undefined;
}

export interface SessionEnd {
  reason: string;
  totals: LiveTotals;
  /** null: its source may bring events, and brought no reading. */
  readingCount: number | null;
}

type SessionItem = Extract<SourceItem, { kind: "session" }>;

export class Capture {
  readonly counts: CaptureCounts = {
    sessions: 0,
    stored: 0,
    repeated: 0,
    history: 0,
    unknown: 0,
    corrupt: 0,
    shed: {},
  };
  readonly #options: CaptureOptions;
  #open: OpenSession | null = null;
  readonly #warnedOf = new Set<string>();

  constructor(options: CaptureOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.name;
  }

  get session(): LiveSession | null {
    return this.#open?.session ?? null;
  }

  /**
   * Accepts every item that a source yields, except `state` items, which are for people. Of readings it takes only that
   * they belong to a session: they are not events.
   */
  accept(item: Exclude<SourceItem, { kind: "state" }>): void {
    switch (item.kind) {
      case "session":
        return this.#enter(item);
      case "event":
        return this.#take(item.event, item.committed);
      case "readings":
        this.#sessionNow().readingCount += item.batch.readings.length;
        return;
      case "corrupt":
        this.counts.corrupt++;
        return this.#warnOnce(
          t`A ${item.method} message could not be read and was skipped. Further ones are only counted.`,
        );
      case "shed":
        return this.#countShed(item.eventType, item.count);
      case "time":
        return this.advance(item.at);
      case "notice":
        return this.#options.log.warn(item.text);
      case "end":
        return this.endSession(item.status, item.reason);
    }
  }

  /**
   * Advances the source's time and closes streaks that have been idle too long. `at`: the recorded time, in a
   * recording.
   */
  advance(at: number | null = null): void {
    const { pipeline } = this.#options;
    if (this.#open !== null && this.#hasMovedOn(this.#open)) this.#leaveLive();
    const open = this.#open;
    if (open === null) return;
    for (const last of open.advance(at)) pipeline.finishStreak(last);
    open.save(pipeline.nextEventId);
    open.memory.save({ upTo: pipeline.nextEventId - 1 });
  }

  /** Closes the open session, if any, and all its streaks. */
  endSession(status: "completed" | "aborted", reason: string): void {
    const { pipeline, operations, clock, traits, onSessionEnded } = this.#options;
    const open = this.#open;
    if (open === null) return;
    for (const last of open.closeStreaks()) pipeline.finishStreak(last);
    open.save(pipeline.nextEventId);
    open.memory.save({ upTo: pipeline.nextEventId - 1, atOnce: true });
    const { session } = open;
    const eventsTo = pipeline.lastEventId;
    operations.add({ kind: "close_session", id: session.id, status, endedAt: clock.now(), reason, eventsTo });
    this.#open = null;
    const isOfReadings = open.readingCount > 0 || traits.bringsEvents === false;
    const readingCount = isOfReadings ? open.readingCount : null;
    onSessionEnded?.(session, { reason, totals: open.memory.totals(), readingCount });
  }

  #enter(item: SessionItem): void {
    const { username, roomId } = item;
    const session = this.session;
    if (session !== null) {
      if (session.username === username && session.roomId === roomId) return;
      this.endSession(
        "completed",
        session.username === username ? t`@${username} started another live.` : t`Switched to @${username}.`,
      );
    }
    this.#openSession(item);
  }

  #openSession({ username, roomId, title = "", connectedAt }: Omit<SessionItem, "kind">): OpenSession {
    const { name, traits, lives, operations, pipeline, clock, sessionName, takeSessionId } = this.#options;
    const memory = lives.enter({ source: name, traits, roomId, username, title });
    const startedAt = clock.now();
    const { live } = memory;
    const session: LiveSession = {
      id: takeSessionId(),
      liveId: live.id,
      source: name,
      // A source that follows another one is in that source's room.
      username: username || live.username,
      roomId: roomId || live.roomId,
      startedAt,
    };
    const eventsFrom = pipeline.nextEventId;
    const { streamer } = lives;
    operations.add({ kind: "open_session", session, name: sessionName, eventsFrom, streamer });
    this.counts.sessions++;
    this.#open = new OpenSession({
      session,
      memory,
      traits,
      operations,
      clock,
      connectedAt: connectedAt ?? startedAt,
    });
    return this.#open;
  }

  /** The session to which an event or a reading belongs now. */
  #sessionNow(): OpenSession {
    const { traits } = this.#options;
    const open = this.#open;
    if (open !== null && !this.#hasMovedOn(open)) return open;
    if (open !== null) this.#leaveLive();
    if (traits.hasRooms) throw new Error(`Capture ${this.name}: the source sent something before a session`);
    return this.#openSession({ username: "", roomId: "" });
  }

  /** Whether the source that this one follows is now in another live. */
  #hasMovedOn({ session }: OpenSession): boolean {
    const { traits, lives } = this.#options;
    return lives.hasMovedOn(traits, session.liveId);
  }

  #leaveLive(): void {
    this.endSession("completed", t`The source that it follows is in another live now.`);
  }

  #take(captured: CapturedEvent, onCommitted?: () => void): void {
    const { pipeline, operations, traits, knownIds } = this.#options;
    const open = this.#sessionNow();
    if (this.#isRepeated(captured, open)) {
      this.counts.repeated++;
      if (onCommitted !== undefined) void operations.flush().then(onCommitted);
      return;
    }
    for (const last of open.advance(captured.createdAt)) pipeline.finishStreak(last);
    const { event, closed } = open.receive(captured, pipeline.takeEventId());
    this.#count(event);
    pipeline.take({ event, memory: open.memory, closesStreak: closed !== null, onCommitted });
    if (traits.keepsIds && event.messageId !== null) knownIds.add(this.#owner, event.messageId);
    open.follow(event);
    open.memory.save();
  }

  /**
   * A repeated message comes in the same live, whose memory knows it. A payment may be sent again in another live,
   * but the database knows its id.
   */
  #isRepeated(captured: CapturedEvent, { session, memory }: OpenSession): boolean {
    const { messageId } = captured;
    if (messageId === null) return false;
    if (this.#options.traits.keepsIds) return this.#options.knownIds.has(this.#owner, messageId);
    return !memory.seen.isNew(captured.roomId || session.roomId, messageId);
  }

  get #owner(): string {
    return `source:${this.name}`;
  }

  #count(event: LiveEvent): void {
    this.counts.stored++;
    if (event.isHistory) this.counts.history++;
    if (event.type === "UnknownEvent") this.counts.unknown++;
  }

  #countShed(eventType: EventType, count: number): void {
    const { shed } = this.counts;
    shed[eventType] = (shed[eventType] ?? 0) + count;
    this.#open?.countShed(eventType, count);
  }

  /** Logs each sentence once per run. */
  #warnOnce(text: string): void {
    if (this.#warnedOf.has(text)) return;
    this.#warnedOf.add(text);
    this.#options.log.warn(text);
  }
}
