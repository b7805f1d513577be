/** One open session, and all that is of it: its streaks, its source's time, what was shed. */
import type { Clock } from "../clock.ts";
import type { EventType, LiveEvent, Streak } from "../event.ts";
import type { CountsByType } from "../live.ts";
import type { OperationLog } from "../operation.ts";
import type { LiveSession } from "../session.ts";
import type { CapturedEvent, SourceTraits } from "../source.ts";
import type { LiveMemory } from "./live_memory.ts";
import { type ClosedStreak, Streaks } from "./streaks.ts";

/** Messages made longer before the first connect than this are history: stored, not acted on. */
const historyMarginMs = 10_000;

export interface OpenSessionOptions {
  session: LiveSession;
  memory: LiveMemory;
  traits: SourceTraits;
  operations: OperationLog;
  clock: Clock;
  /** When the source was connected, by the clock that its messages' times come from; Unix milliseconds. */
  connectedAt: number;
}

/** What became of a captured event. */
export interface Received {
  event: LiveEvent;
  /** Set where it closes its streak. */
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
    // A source may count in fractions, and the database takes none.
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

  /** Moves the source's time on; returns the last events of the streaks that have idled out. */
  advance(createdAt: number | null): LiveEvent[] {
    return this.#ended(this.#streaks.advance(this.#sourceTime(createdAt)));
  }

  /** Remembers the event as the last of its streak, as long as the streak is open. */
  follow(event: LiveEvent): void {
    const { streak } = event;
    if (streak === null) return;
    if (streak.hasEnded) this.#lastOfStreak.delete(streak.id);
    else if (!event.isHistory || this.#lastOfStreak.get(streak.id)?.isHistory !== false) {
      // A straggler from before the start must not stand for a streak that is acted on.
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

  /** Writes what the next start needs, so that it reads no more than what came since. `nextEventId` is the next free id. */
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

  /** In a live, the time that has passed, whatever the wall clock does; in a recording, the recorded time. */
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

/** The event that closed its streak, as it goes to those who wait for the end. */
export function asEnd(last: LiveEvent & { streak: Streak }): LiveEvent {
  return { ...last, streak: { ...last.streak, hasEnded: true } } as LiveEvent;
}
