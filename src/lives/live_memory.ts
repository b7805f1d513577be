/**
 * What is remembered of one live, whatever restarts in its midst: its sums, its viewers' first times, which
 * messages came, how far closed streaks had got. All of it is bounded, and read for this live alone.
 */
import type { Clock } from "../clock.ts";
import { countsForHost, type LiveEvent, type Streak } from "../event.ts";
import type { Live, LiveTotals, TopUser } from "../live.ts";
import type { OperationLog } from "../operation.ts";
import { SeenMessages } from "./seen_messages.ts";
import { ClosedStreaks } from "./streaks.ts";
import { Totals } from "./totals.ts";

/** A message that the database has of a live. */
export interface KnownMessage {
  roomId: string;
  messageId: string | null;
  type: string;
  streak: Streak | null;
}

/** What the database knows of lives. Each answer is bounded, or one row. */
export interface LiveStore {
  live(id: number): Live | null;
  /** The latest live in this room of this type of source. */
  liveOfRoom(sourceType: string, roomId: string): Live | null;
  /** The live of the source's last session, where that ended after `since` (Unix milliseconds) or is open. */
  lastLiveOf(source: string, since: number): number | null;
  /** The sums up to event `upTo`. */
  liveTotals(liveId: number): { totals: LiveTotals; upTo: number };
  /** The live's events with a higher id, in order. */
  eventsAfter(liveId: number, upTo: number): Iterable<LiveEvent>;
  /** The latest first, of the last 24 h. */
  recentMessages(liveId: number, limit: number): Iterable<KnownMessage>;
  /** How the user's first event of this type in the live was; null where there was none. */
  firstOf(liveId: number, userId: string, eventType: string): { streakId: string | null } | null;
  top(liveId: number, count: number): TopUser[];
}

/** Over how long a message is recognized as repeated. */
export const repeatHorizonMs = 24 * 60 * 60_000;

/** A source sends again what came in the last minutes; this is more than the largest rooms send in them. */
const maxRecentMessages = 10_000;
const maxFirsts = 50_000;
const saveEveryMs = 1_000;

export interface LiveMemoryOptions {
  live: Live;
  store: LiveStore;
  operations: OperationLog;
  clock: Clock;
  /** The database has nothing of it yet. */
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
  /** With which streak (or null) each "type:user" began; the one that was remembered longest ago first. */
  readonly #firsts = new Map<string, string | null>();
  /** All first times are in `#firsts`: the database need not be asked. */
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

  /** The `count` users who gave the most diamonds, most first: of what is committed. */
  top(count: number): TopUser[] {
    return this.#store.top(this.live.id, count);
  }

  /** Takes an event into the sums, and writes what of it has to outlive this run. Follows its `insert_event`. */
  add(event: LiveEvent): void {
    this.#totals.add(event);
    this.#lastEventId = event.id;
    if (event.type === "GiftEvent") this.#addGift(event);
  }

  /**
   * Writes the sums, where they changed and it is time; `atOnce`: whether it is or not. `upTo`: the last event of
   * all lives, where this live is on: what others bring in its silence is not looked through at the next start.
   */
  save({ upTo = this.#lastEventId, atOnce = false }: { upTo?: number; atOnce?: boolean } = {}): void {
    const now = this.#clock.monotonic();
    if (upTo <= this.#savedUpTo || (!atOnce && now - this.#savedAt < saveEveryMs)) return;
    this.#savedAt = now;
    this.#savedUpTo = upTo;
    this.#operations.add({ kind: "save_totals", liveId: this.live.id, upTo, totals: this.#totals.read() });
  }

  /**
   * Whether this is the user's first event of its type in the live, or of the streak that was; remembers it. The
   * event's own row says it to the next run.
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
    // The newest last, since what was remembered first is forgotten first.
    for (const [streakId, count] of counts.reverse()) this.closedStreaks.remember(streakId, count);
  }

  #addGift(event: LiveEvent & { type: "GiftEvent" }): void {
    const { user, streak: { delta }, data: { gift } } = event;
    if (delta === 0 || user.id === "" || !countsForHost(event)) return;
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
