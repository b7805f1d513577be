/**
 * The memory of one live, which survives restarts: its totals, its viewers' first events, the messages seen, the
 * counts of closed streaks. All of it is bounded, and read only for this live.
 */
import type { Clock } from "../clock.ts";
import { countsForHost, type LiveEvent, type Streak } from "../event.ts";
import type { Live, LiveTotals, TopUser } from "../live.ts";
import type { OperationLog } from "../operation.ts";
import { SeenMessages } from "./seen_messages.ts";
import { ClosedStreaks } from "./streaks.ts";
import { Totals } from "./totals.ts";

/** A message of a live in the database. */
export interface KnownMessage {
  roomId: string;
  messageId: string | null;
  type: string;
  streak: Streak | null;
}

/** What the database knows about lives. Each answer is bounded. */
export interface LiveStore {
  live(id: number): Live | null;
  /** The latest live in this room, for this type of source. */
  liveOfRoom(sourceType: string, roomId: string): Live | null;
  /** The live of the source's last session; null if that ended before `since` (Unix milliseconds). */
  lastLiveOf(source: string, since: number): number | null;
  /** The totals, which include all events up to `upTo`. */
  liveTotals(liveId: number): { totals: LiveTotals; upTo: number };
  /** The live's events with a higher id, in order. */
  eventsAfter(liveId: number, upTo: number): Iterable<LiveEvent>;
  /** Messages of the last 24 h, newest first. */
  recentMessages(liveId: number, limit: number): Iterable<KnownMessage>;
  /** The user's first event of this type in the live; null if there is none. */
  firstOf(liveId: number, userId: string, eventType: string): { streakId: string | null } | null;
  top(liveId: number, count: number): TopUser[];
}

/** How long a repeated message is recognized. */
export const repeatHorizonMs = 24 * 60 * 60_000;

/** A source may resend messages of the last minutes. The largest rooms send fewer than this. */
const maxRecentMessages = 10_000;
const maxFirsts = 50_000;
const saveEveryMs = 1_000;

export interface LiveMemoryOptions {
  live: Live;
  store: LiveStore;
  operations: OperationLog;
  clock: Clock;
  /** The live is not in the database yet. */
  isNew: boolean;
}

export class LiveMemory {
  readonly live: Live;
  readonly seen: SeenMessages;
  readonly closedStreaks = new ClosedStreaks();
  readonly #store: LiveStore;
  readonly #operations: OperationLog;
  readonly #clock: Clock;
  readonly #totals: Totals;
  /** The streak (or null) of the first event of each "type:user", least recently added first. */
  readonly #firsts = new Map<string, string | null>();
  /** `#firsts` is complete, so the database need not be queried. */
  #knowsAllFirsts: boolean;
  #lastEventId = 0;
  #savedUpTo = 0;
  #savedAt: number;

  constructor({ live, store, operations, clock, isNew }: LiveMemoryOptions) {
    this.live = live;
    this.#store = store;
    this.#operations = operations;
    this.#clock = clock;
    this.#knowsAllFirsts = isNew;
    this.#savedAt = clock.monotonic();
    this.seen = new SeenMessages({ horizonMs: repeatHorizonMs, clock });
    if (isNew) {
      this.#totals = new Totals();
      return;
    }
    const { totals, upTo } = store.liveTotals(live.id);
    this.#totals = new Totals(totals);
    for (const event of store.eventsAfter(live.id, upTo)) this.#totals.add(event);
    this.#recall();
  }

  totals(): LiveTotals {
    return this.#totals.read();
  }

  /** The top `count` givers by diamonds, from committed data. */
  top(count: number): TopUser[] {
    return this.#store.top(this.live.id, count);
  }

  /** Adds an event to the totals, and a gift to the stored gifts and givers. Call it after the `insert_event`. */
  add(event: LiveEvent): void {
    this.#totals.add(event);
    this.#lastEventId = event.id;
    if (event.type === "GiftEvent") this.#addGift(event);
  }

  /**
   * Writes the totals if they have changed and the last write is a second ago; `atOnce`: regardless of the time.
   * `upTo`: the last event of all lives, for a live that is on. So the next start does not read the events that other
   * lives brought while this one was silent.
   */
  save({ upTo = this.#lastEventId, atOnce = false }: { upTo?: number; atOnce?: boolean } = {}): void {
    const now = this.#clock.monotonic();
    if (upTo <= this.#savedUpTo || (!atOnce && now - this.#savedAt < saveEveryMs)) return;
    this.#savedAt = now;
    this.#savedUpTo = upTo;
    this.#operations.add({ kind: "save_totals", liveId: this.live.id, upTo, totals: this.#totals.read() });
  }

  /**
   * Whether this is the user's first event of its type in the live, or belongs to the same streak as the first one.
   * Remembers it; the event's row stores it for the next run.
   */
  isFirst(type: string, userId: string, streak: Streak | null): boolean {
    if (userId === "") return false;
    const key = `${type}:${userId}`;
    const known = this.#firstOf(key, type, userId);
    if (known !== undefined) return streak !== null && known === streak.id;
    this.#rememberFirst(key, streak?.id ?? null);
    return true;
  }

  #recall(): void {
    const counts: [string, number][] = [];
    for (const message of this.#store.recentMessages(this.live.id, maxRecentMessages)) {
      this.seen.isNew(message.roomId, message.messageId);
      if (message.type === "GiftEvent" && message.streak !== null) {
        counts.push([message.streak.id, message.streak.count]);
      }
    }
    // The newest comes last, because the oldest are forgotten first.
    for (const [streakId, count] of counts.reverse()) this.closedStreaks.remember(streakId, count);
  }

  #addGift(event: LiveEvent & { type: "GiftEvent" }): void {
    const { user, streak: { delta }, data: { gift } } = event;
    if (delta === 0 || event.isTest || event.isForeign) return;
    this.#operations.add({ kind: "add_gift", gift, count: delta, at: event.receivedAt });
    if (user.id === "" || !countsForHost(event)) return;
    const { id: userId, uniqueId, nickname } = user;
    const giver = { userId, uniqueId, nickname, diamonds: delta * gift.diamondCount, gifts: delta };
    this.#operations.add({ kind: "add_giver", liveId: this.live.id, giver });
  }

  #firstOf(key: string, type: string, userId: string): string | null | undefined {
    const known = this.#firsts.get(key);
    if (known !== undefined || this.#knowsAllFirsts) return known;
    const stored = this.#store.firstOf(this.live.id, userId, type);
    if (stored === null) return undefined;
    this.#rememberFirst(key, stored.streakId);
    return stored.streakId;
  }

  #rememberFirst(key: string, streakId: string | null): void {
    this.#firsts.set(key, streakId);
    if (this.#firsts.size <= maxFirsts) return;
    this.#knowsAllFirsts = false;
    for (const oldest of this.#firsts.keys()) {
      this.#firsts.delete(oldest);
      break;
    }
  }
}
