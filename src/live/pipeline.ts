/**
 * An event's way from its source to the queues: duplicates dropped, streaks counted, sessions opened and
 * closed, every decision written down. All of it is synchronous and in arrival order; nothing here waits.
 */
import type { CapturedEvent, SourceItem, SourceTraits } from "../source.ts";
import type { SeenMessages } from "./seen_messages.ts";
import type { ClosedStreak, Streaks } from "./streaks.ts";
import type { Clock } from "../clock.ts";
import type { EventType, LiveEvent, Streak } from "../event.ts";
import type { Log } from "../log/log.ts";
import type { Decision, EventDispatcher, Occasion } from "./dispatcher.ts";
import type { LiveTotals } from "../live.ts";
import type { OperationLog } from "../operation.ts";
import { Totals } from "./totals.ts";

/** Messages made longer before the first connect than this are history: stored, not acted on. */
const historyMarginMs = 10_000;

export interface Session {
  id: number;
  username: string;
  roomId: string;
  startedAt: number;
}

/** What was seen before the session, so that nothing is counted twice. */
export interface SessionMemory {
  seen: SeenMessages;
  streaks: Streaks;
}

export interface PipelineOptions {
  /** `--session-name`. */
  sessionName: string | null;
  /** The highest ids + 1. */
  nextIds: { live: number; session: number; event: number };
  log: Log;
  clock: Clock;
  operations: OperationLog;
  dispatcher: EventDispatcher;
  /** Called for each session. */
  remember: () => SessionMemory;
  onEvent?: (event: LiveEvent) => void;
  onDecisions?: (decisions: Decision[]) => void;
  onSessionEnded?: (session: Session, end: { reason: string; totals: LiveTotals }) => void;
}

/** A source's traits, with the name that is stored with each session. */
export interface NamedTraits extends SourceTraits {
  name: string;
}

/** What was captured in this run. */
export interface CaptureCounts {
  sessions: number;
  stored: number;
  repeated: number;
  history: number;
  /** Of kinds that Livecue does not know: stored, as UnknownEvent. */
  unknown: number;
  corrupt: number;
  shed: number;
}

export class Pipeline {
  readonly counts: CaptureCounts = {
    sessions: 0,
    stored: 0,
    repeated: 0,
    history: 0,
    unknown: 0,
    corrupt: 0,
    shed: 0,
  };
  /** Of the current or, between two, the last session. */
  totals = new Totals();
  readonly #options: PipelineOptions;
  #nextLiveId: number;
  #nextSessionId: number;
  #nextEventId: number;
  #session: (Session & SessionMemory) | null = null;
  /** The last stored event of each open streak. */
  readonly #lastOfStreak = new Map<string, LiveEvent>();
  /** The streak (or null) with which each "type:user" of this session began. */
  readonly #firsts = new Map<string, string | null>();
  /** What was made before is history to this session. */
  #historyBefore = 0;
  #shed: Partial<Record<EventType, number>> = {};
  #hasUnwrittenShed = false;
  /** The source's time: of the last message in a replay, the clock's in a live. */
  #sourceTime = 0;
  readonly #toldOf = new Set<string>();

  #source: NamedTraits = {
    name: "test",
    type: "test",
    isLive: true,
    mayRepeat: false,
    hasHistory: false,
    isEndless: false,
    hasRooms: false,
    follows: null,
  };

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#nextLiveId = options.nextIds.live;
    this.#nextSessionId = options.nextIds.session;
    this.#nextEventId = options.nextIds.event;
  }

  /** The session's, or where none is open the last one's there ever was; null before the first. */
  get lastSessionId(): number | null {
    return this.#nextSessionId > 1 ? this.#nextSessionId - 1 : null;
  }

  get session(): Session | null {
    if (this.#session === null) return null;
    const { id, username, roomId, startedAt } = this.#session;
    return { id, username, roomId, startedAt };
  }

  get source(): NamedTraits {
    return this.#source;
  }

  /** From now on events come from this source. Only between two sessions. */
  setSource(source: NamedTraits): void {
    if (this.#session) throw new Error("Pipeline.setSource: a session is open");
    this.#source = source;
    this.#sourceTime = 0;
  }

  /** Takes in whatever a source yields, except `state` items, which are the app's to show. */
  accept(item: Exclude<SourceItem, { kind: "state" }>): void {
    switch (item.kind) {
      case "session":
        return this.#enterRoom(item);
      case "event":
        return this.#acceptEvent(item.event);
      case "corrupt":
        return this.#acceptCorrupt(item.method);
      case "shed":
        return this.#acceptShed(item.eventType);
      case "time":
        return this.advance(item.at);
      case "notice":
        return this.#options.log.warn(item.text);
      case "end":
        return this.endSession(item.status, item.reason);
    }
  }

  /** Moves the source's time on: closes the streaks that have idled out by `at`. */
  advance(at: number): void {
    this.#sourceTime = Math.max(this.#sourceTime, at);
    if (!this.#session) return;
    for (const closed of this.#session.streaks.advance(this.#sourceTime)) this.#closeStreak(closed);
    this.#writeShed();
  }

  /** Closes the session, if one is open, and all its streaks. */
  endSession(status: "completed" | "aborted", reason: string): void {
    const session = this.#session;
    if (!session) return;
    for (const closed of session.streaks.closeAll()) this.#closeStreak(closed);
    this.#writeShed();
    this.#options.operations.add({
      kind: "close_session",
      id: session.id,
      status,
      endedAt: this.#options.clock.now(),
      reason,
    });
    this.#session = null;
    this.#options.onSessionEnded?.(session, { reason, totals: this.totals.read() });
  }

  /** Closes a streak that a dead process left open: its last stored event is queued for "final". */
  closeAbandonedStreak(last: LiveEvent): void {
    this.#finishStreak(last);
  }

  #enterRoom({ username, roomId, connectedAt }: Extract<SourceItem, { kind: "session" }>): void {
    const { operations, clock, remember, sessionName } = this.#options;
    const session = this.#session;
    if (session?.username === username && session.roomId === roomId) return;
    this.endSession(
      "completed",
      session?.username === username ? `@${username} started another live.` : `Switched to @${username}.`,
    );
    this.#firsts.clear();
    this.#lastOfStreak.clear();
    this.#shed = {};
    this.totals = new Totals();
    const id = this.#nextSessionId++;
    const startedAt = clock.now();
    this.#historyBefore = (connectedAt ?? startedAt) - historyMarginMs;
    this.#session = { id, username, roomId, startedAt, ...remember() };
    this.counts.sessions++;
    const liveId = this.#nextLiveId++;
    const { type: sourceType } = this.#source;
    operations.add({
      kind: "open_live",
      live: { id: liveId, sourceType, roomId, username, title: "", startedAt },
    });
    operations.add({
      kind: "open_session",
      name: sessionName,
      session: { id, liveId, username, roomId, source: this.#source.name, startedAt },
    });
  }

  #acceptEvent(captured: CapturedEvent): void {
    const session = this.#session;
    if (!session) throw new Error("Pipeline: the source sent an event before a session");
    const roomId = captured.roomId || session.roomId;
    if (!session.seen.isNew(roomId, captured.messageId)) {
      this.counts.repeated++;
      return;
    }
    const receivedAt = this.#options.clock.now();
    const at = this.#source.isLive ? receivedAt : Math.max(this.#sourceTime, captured.createdAt ?? 0);
    this.advance(at);

    const id = this.#nextEventId++;
    const { streak, closed } = session.streaks.count({ ...captured, roomId }, at, id);
    const createdAt = captured.createdAt ?? (this.#source.isLive || at === 0 ? receivedAt : at);
    const event = {
      id,
      sessionId: session.id,
      liveId: this.#nextLiveId - 1,
      source: this.#source.name,
      isTest: captured.isTest ?? false,
      isForeign: false,
      causedBy: null,
      depth: 0,
      roomId,
      messageId: captured.messageId,
      isHistory: captured.isHistory ??
        (this.#source.mayRepeat && createdAt < this.#historyBefore),
      createdAt,
      receivedAt,
      user: captured.user,
      isFirstOfUser: this.#isFirst(captured, streak),
      streak,
      type: captured.type,
      data: captured.data,
    } as LiveEvent;
    this.#store(event, closed !== null);
  }

  #store(event: LiveEvent, closesStreak: boolean): void {
    this.#options.operations.add({ kind: "insert_event", event });
    this.counts.stored++;
    this.totals.add(event);
    if (event.type === "UnknownEvent") {
      this.counts.unknown++;
      this.#tellOnce(
        `Livecue does not know messages of the kind ${event.data.method} yet; they are stored as unknown.`,
        "info",
      );
    }
    this.#options.onEvent?.(event);

    const { streak } = event;
    if (streak) {
      if (streak.hasEnded) this.#lastOfStreak.delete(streak.id);
      else if (!event.isHistory || this.#lastOfStreak.get(streak.id)?.isHistory !== false) {
        // A straggler from before the start must not stand for a streak that is acted on.
        this.#lastOfStreak.set(streak.id, event);
      }
    }
    if (event.isHistory) {
      this.counts.history++;
      return;
    }
    this.#dispatch(event, occasionOf(streak, closesStreak));
  }

  /** A streak idled out, or its source ended: the last stored event becomes its end. */
  #closeStreak(closed: ClosedStreak): void {
    const last = this.#lastOfStreak.get(closed.streakId);
    if (last) this.#finishStreak(last);
    this.#lastOfStreak.delete(closed.streakId);
  }

  #finishStreak(last: LiveEvent): void {
    this.#options.operations.add({ kind: "end_streak", eventId: last.id });
    if (last.isHistory || last.streak === null) return;
    const ended = { ...last, streak: { ...last.streak, hasEnded: true } } as LiveEvent;
    this.#dispatch(ended, { added: null, ended: last.streak.count });
  }

  #dispatch(event: LiveEvent, occasion: Occasion): void {
    const decisions = this.#options.dispatcher.dispatch(event, occasion);
    if (decisions.length === 0) return;
    const at = this.#options.clock.now();
    for (const decision of decisions) this.#write(decision, at);
    this.#options.onDecisions?.(decisions);
  }

  #write(decision: Decision, at: number): void {
    const { operations } = this.#options;
    const { item, queue, outcome } = decision;
    const { id, serviceId, priority, isAsync, isDiscardable, count } = item;
    const row = {
      id,
      serviceId,
      liveEventId: item.event.id,
      priority,
      isAsync,
      isDiscardable,
      count,
      createdAt: at,
    };
    if (outcome === "queue_full") {
      operations.add({ kind: "insert_item", row, discardReason: "queue_full" });
      return;
    }
    if (decision.evicted) {
      operations.add({ kind: "discard_item", id: decision.evicted.id, reason: "evicted", at });
    }
    operations.add({ kind: "insert_item", row, discardReason: null }, () => queue.commit(item));
  }

  #isFirst({ type, user }: CapturedEvent, streak: Streak | null): boolean {
    if (user.id === "") return false;
    const key = `${type}:${user.id}`;
    const first = this.#firsts.get(key);
    if (first !== undefined) return streak !== null && first === streak.id;
    this.#firsts.set(key, streak?.id ?? null);
    return true;
  }

  #acceptCorrupt(method: string): void {
    this.counts.corrupt++;
    this.#tellOnce(`A ${method} could not be read and was left out; further ones are only counted.`, "warn");
  }

  #acceptShed(eventType: EventType): void {
    this.counts.shed++;
    this.#shed[eventType] = (this.#shed[eventType] ?? 0) + 1;
    this.#hasUnwrittenShed = true;
    this.#tellOnce(
      `Events come in faster than they can be stored: ${eventType}s are being let go. Gifts never are.`,
      "warn",
    );
  }

  #writeShed(): void {
    if (!this.#hasUnwrittenShed || !this.#session) return;
    this.#hasUnwrittenShed = false;
    this.#options.operations.add({ kind: "update_shed", id: this.#session.id, shed: { ...this.#shed } });
  }

  /** Each sentence once a run. */
  #tellOnce(text: string, level: "info" | "warn"): void {
    if (this.#toldOf.has(text)) return;
    this.#toldOf.add(text);
    this.#options.log[level](text);
  }
}

function occasionOf(streak: Streak | null, isClosed: boolean): Occasion {
  if (streak === null) return { added: 1, ended: 1 };
  const added = streak.delta > 0 ? streak.delta : null;
  if (isClosed) return { added, ended: streak.count };
  return { added, ended: streak.hasEnded ? added : null };
}
