/** An open session with its streaks, its source's time, and its count of shed events. */
import type { Clock } from "../clock.ts";
import type { EventType, LiveEvent, Streak } from "../event.ts";
import type { CountsByType } from "../live.ts";
import type { OperationLog } from "../operation.ts";
import type { LiveSession } from "../session.ts";
import type { CapturedEvent, SourceTraits } from "../source.ts";
import type { LiveMemory } from "./live_memory.ts";
import { type ClosedStreak, Streaks } from "./streaks.ts";

/** Messages older than this at the first connect are history: they are stored, but no service acts on them. */
const historyMarginMs = 10_000;

export interface OpenSessionOptions {
  session: LiveSession;
  memory: LiveMemory;
  traits: SourceTraits;
  operations: OperationLog;
  clock: Clock;
  /** When the source connected, Unix milliseconds, by the same clock as its messages' times. */
  connectedAt: number;
}

/** A captured event, completed. */
export interface Received {
  event: LiveEvent;
  /** Set if the event closes its streak. */
  closed: ClosedStreak | null;
}

export class OpenSession {
  readonly session: LiveSession;
  readonly memory: LiveMemory;
  readonly #options: OpenSessionOptions;
  readonly #streaks: Streaks;
  /** The last stored event of each open streak. */
  readonly #lastOfStreak = new Map<string, LiveEvent>();
  readonly #shed: CountsByType = {};
  #hasUnwrittenShed = false;
  /** Readings that came in it. */
  readingCount = 0;
  /** The recorded time of the last message, in a recording. */
  #recordedTime = 0;
  #savedStreaksFrom = 0;
  readonly #openedAt: number;

  constructor(options: OpenSessionOptions) {
    this.#options = options;
    this.session = options.session;
    this.memory = options.memory;
    this.#streaks = new Streaks(options.memory.closedStreaks);
    this.#openedAt = options.clock.monotonic();
  }

  /** The captured event as it will be stored under `id`. Call `advance` first. */
  receive(captured: CapturedEvent, id: number): Received {
    const { session, memory, clock, traits } = this.#options;
    const receivedAt = clock.now();
    const at = this.#sourceTime(captured.createdAt);
    const roomId = captured.roomId || session.roomId;
    // Truncated, because a source may send fractions and the database accepts only integers.
    const createdAt = Math.trunc(captured.createdAt ?? (traits.isLive || at === 0 ? receivedAt : at));
    const inRoom = captured.roomId === roomId ? captured : { ...captured, roomId };
    const { streak, closed } = this.#streaks.count(inRoom, at, id);
    const isTest = captured.isTest ?? false;
    const isForeign = captured.isForeign ?? (session.roomId !== "" && roomId !== session.roomId);
    const event = {
      id,
      sessionId: session.id,
      liveId: session.liveId,
      source: session.source,
      roomId,
      messageId: captured.messageId,
      isHistory: captured.isHistory ?? (traits.hasHistory && this.#isHistory(createdAt)),
      isTest,
      isForeign,
      causedBy: null,
      depth: 0,
      createdAt,
      receivedAt,
      user: captured.user,
      isFirstOfUser: !isTest && !isForeign && memory.isFirst(captured.type, captured.user.id, streak),
      streak,
      type: captured.type,
      data: captured.data,
    } as LiveEvent;
    return { event, closed };
  }

  /** Advances the source's time. Returns the last events of the streaks that have been idle too long. */
  advance(createdAt: number | null): LiveEvent[] {
    return this.#ended(this.#streaks.advance(this.#sourceTime(createdAt)));
  }

  /** Remembers the event as the last of its streak, while the streak is open. */
  follow(event: LiveEvent): void {
    const { streak } = event;
    if (streak === null) return;
    if (streak.hasEnded) this.#lastOfStreak.delete(streak.id);
    else if (!event.isHistory || this.#lastOfStreak.get(streak.id)?.isHistory !== false) {
      // A late event from before the start must not replace an event that services act on.
      this.#lastOfStreak.set(streak.id, event);
    }
  }

  /** Closes all streaks; returns their last events. */
  closeStreaks(): LiveEvent[] {
    return this.#ended(this.#streaks.closeAll());
  }

  countShed(eventType: EventType, count: number): void {
    this.#shed[eventType] = (this.#shed[eventType] ?? 0) + count;
    this.#hasUnwrittenShed = true;
  }

  /** Writes the marks that let the next start read only newer events. `nextEventId`: the next free id. */
  save(nextEventId: number): void {
    const { operations } = this.#options;
    if (this.#hasUnwrittenShed) {
      this.#hasUnwrittenShed = false;
      operations.add({ kind: "update_shed", id: this.session.id, shed: { ...this.#shed } });
    }
    const eventId = this.#streaks.oldestOpenEventId ?? nextEventId;
    if (eventId === this.#savedStreaksFrom) return;
    this.#savedStreaksFrom = eventId;
    operations.add({ kind: "save_streaks_from", sessionId: this.session.id, eventId });
  }

  /** In a live, the elapsed time, independent of the wall clock; in a recording, the recorded time. */
  #sourceTime(createdAt: number | null): number {
    const { traits, clock, session } = this.#options;
    if (traits.isLive) return session.startedAt + clock.monotonic() - this.#openedAt;
    this.#recordedTime = Math.max(this.#recordedTime, createdAt ?? 0);
    return this.#recordedTime;
  }

  #isHistory(createdAt: number): boolean {
    return createdAt < this.#options.connectedAt - historyMarginMs;
  }

  #ended(closed: ClosedStreak[]): LiveEvent[] {
    if (closed.length === 0) return [];
    return closed.flatMap(({ streakId }) => {
      const last = this.#lastOfStreak.get(streakId);
      this.#lastOfStreak.delete(streakId);
      return last === undefined ? [] : [last];
    });
  }
}

/** The last event of a streak, marked as its end, for subscriptions to final streaks. */
export function asEnd(last: LiveEvent & { streak: Streak }): LiveEvent {
  return { ...last, streak: { ...last.streak, hasEnded: true } } as LiveEvent;
}
