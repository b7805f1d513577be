/**
 * The bounded buffer between a source that pushes, as TikTok does, and the app, which pulls. What the source's traits
 * say that it keeps is never shed, so with that alone it grows past its bounds. Of the rest, what matters least goes
 * first: joins and the lesser types, then likes, then comments. What is shed is counted, by type.
 *
 * Two things make it shed:
 * - More waits than its bounds allow, in events or in bytes: the oldest of the lowest rank goes at once.
 * - What is pulled has been late for two seconds: then a join that has waited for one second goes, a like after two, a
 *   comment after three. So a moment's stall costs nothing, and what may be shed is given out within three seconds.
 *
 * What waits in the socket of a thread that is too busy to read it is as late: it is known by how much older messages
 * are than they usually are when they come. A thread that has time to wait for messages is not behind, whatever they say.
 */
import type { Clock } from "../clock.ts";
import type { EventType } from "../event.ts";
import type { CountsByType } from "../live.ts";
import type { SourceItem, SourceTraits } from "../source.ts";

type EventItem = Extract<SourceItem, { kind: "event" }>;
type CorruptItem = Extract<SourceItem, { kind: "corrupt" }>;

/** What is shed first comes first. */
const ranks = ["least", "like", "comment", "kept"] as const;
type Rank = typeof ranks[number];

const rankOf: Partial<Record<EventType, Rank>> = { LikeEvent: "like", CommentEvent: "comment" };

/** What a live room's source keeps: what somebody paid for, or does once, and how the live itself stands. */
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

/** What of each rank waited longer is shed, once there is no more patience. */
const longestWaitMs: Record<Rank, number> = { least: 1_000, like: 2_000, comment: 3_000, kept: Infinity };
/** What waited longer is late. */
const lateMs = longestWaitMs.least;
/** For so long all that is pulled may be late. */
const patienceMs = 2_000;
const longestLatenessMs = 3_000;
/** Nobody pulled for longer: that was no flood, but a database that is locked, or a computer that slept. */
const longestStallMs = 1_000;
/** After so much waiting for messages the age that they have then is what they usually have. */
const idleForUsualMs = 5_000;
/** What an event takes beside the message that it came in. */
const bytesOfEvent = 1_000;

interface Entry {
  /** Tells the order over all ranks. */
  arrival: number;
  /** When it could have been read, by the monotonic clock. */
  at: number;
  bytes: number;
  /** Which session it is of: counts up with each that begins or ends. */
  section: number;
  item: SourceItem;
}

export interface IntakeOptions {
  /** As in the source's traits. */
  keeps: SourceTraits["keeps"];
  clock: Clock;
  /** What it sheds is added to these counts at once. */
  shed?: CountsByType;
  /** Events that wait, at most. */
  capacity?: number;
  /** What they may take of the memory. */
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
  /** What was shed and is not told yet: by section, and one count a type. */
  readonly #untold = new Map<number, Map<EventType, number>>();
  readonly #corrupt = new Map<string, number>();
  #arrivals = 0;
  #bytes = 0;
  #section = 0;
  #sectionPulled = 0;
  #pulledAt: number;
  /** For how long all that was pulled was late; less again for as long as it was not, or nothing was there to pull. */
  #latenessMs = 0;
  /** Spent waiting for messages since the last pull. */
  #idleMs = 0;
  /** How old messages are when they come at once: the way that they have, and how far TikTok's clock is from this one. */
  #usualAgeMs: number | null = null;
  #idleSinceUsualMs = 0;
  #isClosed = false;
  #wake: (() => void) | null = null;

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

  /** Items waiting to be pulled, without the counts. */
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

  /** Nothing more will come; what waits is still given out. */
  close(): void {
    this.#isClosed = true;
    this.#wakeUp();
  }

  /** In order of arrival; what was shed is told before what was kept, and within its session. For one reader. */
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
      // The newcomer itself goes only where nothing lower or equal waited before it.
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
    let counts = this.#untold.get(section);
    if (counts === undefined) this.#untold.set(section, counts = new Map());
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

  /** How long it lay in the socket, as far as its own time tells. */
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
    // The last of all may just have been shed.
    return this.#nextCount();
  }

  #nextCount(): SourceItem | null {
    for (const [section, counts] of this.#untold) {
      if (section > this.#sectionPulled) continue;
      for (const [eventType, count] of counts) {
        counts.delete(eventType);
        return { kind: "shed", eventType, count };
      }
      this.#untold.delete(section);
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
    const busyMs = Math.min(now - this.#pulledAt - this.#idleMs, longestStallMs);
    const change = (now - at > lateMs ? busyMs : -busyMs) - this.#idleMs;
    this.#pulledAt = now;
    this.#idleMs = 0;
    this.#latenessMs = Math.min(longestLatenessMs, Math.max(0, this.#latenessMs + change));
  }

  #isTooLate(rank: Rank, { at }: Entry): boolean {
    return this.#latenessMs >= patienceMs && this.#pulledAt - at > longestWaitMs[rank];
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = null;
  }
}

/** First in, first out, in constant time. */
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

  /** Throws where it is empty. */
  shift(): Entry {
    const entry = this.#entries[this.#start];
    if (entry === undefined) throw new Error("Line.shift: nothing waits");
    this.#start++;
    // Cutting off what was taken only now and then keeps the cost of one take constant.
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

/** Takes one from the first count; null where all are used up. */
function takeOne<Key>(counts: Map<Key, number>): Key | null {
  for (const [key, count] of counts) {
    if (count > 1) counts.set(key, count - 1);
    else counts.delete(key);
    return key;
  }
  return null;
}
