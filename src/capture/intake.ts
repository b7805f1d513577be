/**
 * The bounded buffer between a source that pushes, as TikTok does, and the app, which pulls. When it is full, what
 * matters least is let go: joins and the lesser types, then likes, then comments. What the source's traits say that it
 * keeps never is, so with that alone it grows past its bound. What was let go is counted, not kept.
 */
import type { EventType } from "../event.ts";
import type { SourceItem, SourceTraits } from "../source.ts";

type EventItem = Extract<SourceItem, { kind: "event" }>;
type CorruptItem = Extract<SourceItem, { kind: "corrupt" }>;

/** What is let go first comes first. */
const ranks = ["least", "like", "comment", "kept"] as const;
type Rank = typeof ranks[number];

const rankOf: Partial<Record<EventType, Rank>> = { LikeEvent: "like", CommentEvent: "comment" };

/** What a live room's source keeps: what somebody paid for, or does once. */
export const keptOfRoom = [
  "GiftEvent",
  "SubscribeEvent",
  "FollowEvent",
  "ShareEvent",
] as const satisfies readonly EventType[];

interface Entry {
  /** Tells the order over all ranks. */
  arrival: number;
  item: SourceItem;
}

export class Intake {
  readonly #keeps: SourceTraits["keeps"];
  readonly #capacity: number;
  readonly #lines: Record<Rank, Line> = {
    least: new Line(),
    like: new Line(),
    comment: new Line(),
    kept: new Line(),
  };
  /** What was let go since the last pull, one count a type. */
  readonly #shed = new Map<EventType, number>();
  readonly #corrupt = new Map<string, number>();
  #arrivals = 0;
  #isClosed = false;
  #wake: (() => void) | null = null;

  /** `keeps`: as in the source's traits. `capacity` bounds the events that wait. */
  constructor({ keeps }: Pick<SourceTraits, "keeps">, capacity = 10_000) {
    this.#keeps = keeps;
    this.#capacity = capacity;
  }

  /** Items waiting to be pulled, without the counts. */
  get size(): number {
    return ranks.reduce((sum, rank) => sum + this.#lines[rank].length, 0);
  }

  push(item: SourceItem): void {
    if (this.#isClosed) return;
    if (item.kind === "event") this.#pushEvent(item);
    else if (item.kind === "corrupt") this.#pushCorrupt(item);
    else this.#append("kept", item);
    this.#wakeUp();
  }

  /** Nothing more will come; what waits is still given out. */
  close(): void {
    this.#isClosed = true;
    this.#wakeUp();
  }

  /** In order of arrival; what was let go is told before the items that were kept. For one reader. */
  async *items(): AsyncGenerator<SourceItem, void> {
    while (true) {
      const item = this.#next();
      if (item !== null) yield item;
      else if (this.#isClosed) return;
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  #pushEvent(item: EventItem): void {
    const rank = this.#rankOf(item.event.type);
    if (this.size < this.#capacity) return this.#append(rank, item);
    const lowest = ranks.find((each) => this.#lines[each].length > 0 || each === rank) ?? rank;
    if (lowest === "kept") return this.#append(rank, item);
    // The oldest of the lowest rank goes: the newcomer itself only where nothing lower or equal waits.
    const victim = this.#lines[lowest].shift();
    this.#count(victim === null ? item : victim.item);
    if (victim !== null) this.#append(rank, item);
  }

  #rankOf(type: EventType): Rank {
    return this.#keeps === "all" || this.#keeps.includes(type) ? "kept" : rankOf[type] ?? "least";
  }

  #pushCorrupt(item: CorruptItem): void {
    if (this.size < this.#capacity) this.#append("least", item);
    else this.#count(item);
  }

  #count(item: SourceItem): void {
    if (item.kind === "event") addOne(this.#shed, item.event.type);
    else if (item.kind === "corrupt") addOne(this.#corrupt, item.method);
  }

  #append(rank: Rank, item: SourceItem): void {
    this.#lines[rank].push({ arrival: this.#arrivals++, item });
  }

  #next(): SourceItem | null {
    const eventType = takeOne(this.#shed);
    if (eventType !== null) return { kind: "shed", eventType };
    const method = takeOne(this.#corrupt);
    if (method !== null) return { kind: "corrupt", method };
    let first: Line | null = null;
    for (const rank of ranks) {
      const line = this.#lines[rank];
      if (line.length > 0 && (first === null || line.firstArrival < first.firstArrival)) first = line;
    }
    return first?.shift()?.item ?? null;
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

  shift(): Entry | null {
    const entry = this.#entries[this.#start];
    if (entry === undefined) return null;
    this.#start++;
    // Cutting off what was taken only now and then keeps the cost of one take constant.
    if (this.#start > 1000 && this.#start * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#start);
      this.#start = 0;
    }
    return entry;
  }
}

function addOne<Key>(counts: Map<Key, number>, key: Key): void {
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
