/**
 * The bounded buffer between a source that pushes, as TikTok does, and the app, which pulls. It never sheds the types
 * that the source's traits keep: when these alone fill it, `whenRoom` makes the source's server wait. It sheds the least
 * important of the others first: joins and the lesser types, then likes, then comments. Shed events are counted by
 * type.
 *
 * It sheds in two cases:
 * - More events or bytes wait than its bounds allow: it immediately sheds the oldest event of the lowest rank.
 * - Pulled items have been late for two seconds: then it sheds joins that have waited for one second, likes after
 *   two, comments after three. So a short stall costs nothing, and events that may be shed wait for at most three seconds.
 *
 * A longer stall is not a flood, but a database that is away or a computer that sleeps: what waits at the end of the
 * stall is never late, however long it takes to catch up.
 *
 * Time in the socket of a thread that is too busy to read counts too: it is the difference between a message's age
 * and the usual age on arrival. A thread that is idle is never behind, whatever the ages are.
 */
import type { Clock } from "../clock.ts";
import type { EventType } from "../event.ts";
import type { CountsByType } from "../live.ts";
import type { SourceItem, SourceTraits } from "../source.ts";

type EventItem = Extract<SourceItem, { kind: "event" }>;
type CorruptItem = Extract<SourceItem, { kind: "corrupt" }>;

/** In the order of shedding. */
const ranks = ["least", "like", "comment", "kept"] as const;
type Rank = typeof ranks[number];

const rankOf: Partial<Record<EventType, Rank>> = { LikeEvent: "like", CommentEvent: "comment" };

/**
 * The types that the source of a live room never sheds: payments, actions that happen once, and the state of the
 * live.
 */
export const keptOfRoom = [
  "GiftEvent",
  "SubscribeEvent",
  "FollowEvent",
  "ShareEvent",
  "TreasureBoxEvent",
  "DonationEvent",
  "MembershipEvent",
  "OrderEvent",
  "StreamPauseEvent",
  "StreamResumeEvent",
  "StreamEndEvent",
] as const satisfies readonly EventType[];

/** Once patience has run out, events of each rank that waited longer are shed. */
const longestWaitMs: Record<Rank, number> = { least: 1_000, like: 2_000, comment: 3_000, kept: Infinity };
/** An item that waited longer is late. */
const lateMs = longestWaitMs.least;
/** How long all pulled items may be late. */
const patienceMs = 2_000;
const longestLatenessMs = 3_000;
/** A longer time without pulls is a stall, as of a database that is away or a computer that sleeps. */
const longestPauseMs = 1_000;
/** After this much idle time, the age of the next message is taken as the usual age. */
const idleForUsualMs = 5_000;
/** The memory of an event without its message. */
const bytesOfEvent = 1_000;

interface Entry {
  /** The order over all ranks. */
  arrival: number;
  /** When it was available, by the monotonic clock. */
  at: number;
  bytes: number;
  /** Identifies its session: increases with each start or end of a session. */
  section: number;
  item: SourceItem;
}

export interface IntakeOptions {
  /** `keeps` of the source's traits. */
  keeps: SourceTraits["keeps"];
  clock: Clock;
  /** Shed events are added to these counts immediately. */
  shed?: CountsByType;
  /** The most waiting events. */
  capacity?: number;
  /** The most memory for waiting events. */
  maxBytes?: number;
}

export class Intake {
  readonly #keeps: SourceTraits["keeps"];
  readonly #clock: Clock;
  readonly #allShed: CountsByType;
  readonly #capacity: number;
  readonly #maxBytes: number;
  readonly #lines: Record<Rank, Line> = {
    least: new Line(),
    like: new Line(),
    comment: new Line(),
    kept: new Line(),
  };
  /** Shed events that are not reported yet: counts by section and type. */
  readonly #unreported = new Map<number, Map<EventType, number>>();
  readonly #corrupt = new Map<string, number>();
  #arrivals = 0;
  #bytes = 0;
  #section = 0;
  #sectionPulled = 0;
  #pulledAt: number;
  /** The end of the last stall, by the monotonic clock. */
  #stalledUntil = -Infinity;
  /** How long all pulled items were late, minus the time in which they were not, or in which nothing waited. */
  #latenessMs = 0;
  /** Time spent waiting for messages since the last pull. */
  #idleMs = 0;
  /** The age of messages on arrival without delay: the network latency plus the difference of the clocks. */
  #usualAgeMs: number | null = null;
  #idleSinceUsualMs = 0;
  #isClosed = false;
  #wake: (() => void) | null = null;
  #room: PromiseWithResolvers<void> | null = null;

  constructor(
    { keeps, clock, shed = {}, capacity = 10_000, maxBytes = 64 * 1024 * 1024 }: IntakeOptions,
  ) {
    this.#keeps = keeps;
    this.#clock = clock;
    this.#allShed = shed;
    this.#capacity = capacity;
    this.#maxBytes = maxBytes;
    this.#pulledAt = clock.monotonic();
  }

  /** The number of items that wait to be pulled, without the counts. */
  get size(): number {
    return ranks.reduce((sum, rank) => sum + this.#lines[rank].length, 0);
  }

  push(item: SourceItem): void {
    if (this.#isClosed) return;
    if (item.kind === "event") this.#pushEvent(item);
    else if (item.kind === "corrupt") this.#pushCorrupt(item);
    else {
      if (item.kind === "session" || item.kind === "end") this.#section++;
      this.#append("kept", item);
    }
    this.#wakeUp();
  }

  /** Resolves when there is room for more events that are never shed; null if there is room now. */
  whenRoom(): Promise<void> | null {
    if (this.#room === null && this.#lines.kept.length >= this.#capacity) {
      this.#room = Promise.withResolvers();
    }
    return this.#room?.promise ?? null;
  }

  /** No more items will come; the waiting ones can still be pulled. */
  close(): void {
    this.#isClosed = true;
    this.#wakeUp();
  }

  /**
   * Items in order of arrival. Counts of shed events come before later items, and within their session. For one
   * reader.
   */
  async *items(): AsyncGenerator<SourceItem, void> {
    while (true) {
      const item = this.#next();
      if (item !== null) yield item;
      else if (this.#isClosed) return;
      else await this.#nextPush();
    }
  }

  async #nextPush(): Promise<void> {
    const since = this.#clock.monotonic();
    await new Promise<void>((resolve) => this.#wake = resolve);
    const idleMs = this.#clock.monotonic() - since;
    this.#idleMs += idleMs;
    this.#idleSinceUsualMs += idleMs;
  }

  #pushEvent(item: EventItem): void {
    const rank = this.#rankOf(item.event.type);
    this.#append(rank, item);
    while (this.#isOver) {
      // The new event itself is shed only if nothing of a lower or the same rank waits.
      const lowest = ranks.find((each) => this.#lines[each].length > 0);
      if (lowest === undefined || lowest === "kept") return;
      this.#shed(this.#shift(lowest));
    }
  }

  get #isOver(): boolean {
    return this.size > this.#capacity || this.#bytes > this.#maxBytes;
  }

  #rankOf(type: EventType): Rank {
    return this.#keeps === "all" || this.#keeps.includes(type) ? "kept" : rankOf[type] ?? "least";
  }

  #pushCorrupt(item: CorruptItem): void {
    if (this.size < this.#capacity) this.#append("least", item);
    else addTo(this.#corrupt, item.method);
  }

  #shed({ item, section }: Entry): void {
    if (item.kind === "corrupt") return addTo(this.#corrupt, item.method);
    if (item.kind !== "event") throw new Error(`Intake: a ${item.kind} is never shed`);
    const { type } = item.event;
    this.#allShed[type] = (this.#allShed[type] ?? 0) + 1;
    let counts = this.#unreported.get(section);
    if (counts === undefined) this.#unreported.set(section, counts = new Map());
    addTo(counts, type);
  }

  #append(rank: Rank, item: SourceItem): void {
    const raw = item.kind === "event" ? item.raw : null;
    const bytes = bytesOfEvent + (raw?.payload.byteLength ?? 0);
    this.#bytes += bytes;
    const section = this.#section;
    const at = this.#clock.monotonic() - this.#unreadMs(item);
    this.#lines[rank].push({ arrival: this.#arrivals++, at, bytes, section, item });
  }

  /** How long it waited in the socket, according to its own time. */
  #unreadMs(item: SourceItem): number {
    if (item.kind !== "event" || item.event.createdAt === null) return 0;
    const ageMs = this.#clock.now() - item.event.createdAt;
    if (this.#usualAgeMs === null || this.#idleSinceUsualMs >= idleForUsualMs || ageMs < this.#usualAgeMs) {
      this.#usualAgeMs = ageMs;
      this.#idleSinceUsualMs = 0;
    }
    return ageMs - this.#usualAgeMs;
  }

  #shift(rank: Rank): Entry {
    const entry = this.#lines[rank].shift();
    this.#bytes -= entry.bytes;
    if (this.#room !== null && this.#lines.kept.length < this.#capacity / 2) {
      this.#room.resolve();
      this.#room = null;
    }
    return entry;
  }

  #next(): SourceItem | null {
    const counted = this.#nextCount();
    if (counted !== null) return counted;
    for (let rank = this.#firstRank(); rank !== null; rank = this.#firstRank()) {
      const entry = this.#shift(rank);
      this.#watch(entry);
      if (this.#isTooLate(rank, entry)) {
        this.#shed(entry);
        continue;
      }
      this.#sectionPulled = entry.section;
      return entry.item;
    }
    // The last waiting item may just have been shed.
    return this.#nextCount();
  }

  #nextCount(): SourceItem | null {
    for (const [section, counts] of this.#unreported) {
      if (section > this.#sectionPulled) continue;
      for (const [eventType, count] of counts) {
        counts.delete(eventType);
        return { kind: "shed", eventType, count };
      }
      this.#unreported.delete(section);
    }
    const method = takeOne(this.#corrupt);
    return method === null ? null : { kind: "corrupt", method };
  }

  #firstRank(): Rank | null {
    let first: Rank | null = null;
    for (const rank of ranks) {
      const line = this.#lines[rank];
      if (line.length > 0 && (first === null || line.firstArrival < this.#lines[first].firstArrival)) {
        first = rank;
      }
    }
    return first;
  }

  #watch({ at }: Entry): void {
    const now = this.#clock.monotonic();
    const busyMs = now - this.#pulledAt - this.#idleMs;
    if (busyMs > longestPauseMs) this.#stalledUntil = now;
    const isLate = !this.#waitedInStall(at) && now - at > lateMs;
    const change = (isLate ? busyMs : -busyMs) - this.#idleMs;
    this.#pulledAt = now;
    this.#idleMs = 0;
    this.#latenessMs = Math.min(longestLatenessMs, Math.max(0, this.#latenessMs + change));
  }

  #isTooLate(rank: Rank, { at }: Entry): boolean {
    return this.#latenessMs >= patienceMs && !this.#waitedInStall(at) &&
      this.#pulledAt - at > longestWaitMs[rank];
  }

  #waitedInStall(at: number): boolean {
    return at <= this.#stalledUntil;
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = null;
  }
}

/** A first-in, first-out queue with constant-time operations. */
class Line {
  #entries: Entry[] = [];
  #start = 0;

  get length(): number {
    return this.#entries.length - this.#start;
  }

  get firstArrival(): number {
    return this.#entries[this.#start]?.arrival ?? Infinity;
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
  }

  /** Throws if it is empty. */
  shift(): Entry {
    const entry = this.#entries[this.#start];
    if (entry === undefined) throw new Error("Line.shift: the line is empty");
    this.#start++;
    // Removing taken entries only from time to time keeps the amortized cost constant.
    if (this.#start > 1000 && this.#start * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#start);
      this.#start = 0;
    }
    return entry;
  }
}

function addTo<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Decrements the first count and returns its key; null if there are no counts. */
function takeOne<Key>(counts: Map<Key, number>): Key | null {
  for (const [key, count] of counts) {
    if (count > 1) counts.set(key, count - 1);
    else counts.delete(key);
    return key;
  }
  return null;
}
