/**
 * A queue's pending items, class by class. A class is all pending items of one priority that may, or may not, be
 * discarded. Both taking and evicting consume a class from its oldest end, so that its head is all that has to be in
 * memory; the rest is its tail, in the database alone.
 *
 * Invariant: a class's tail is its pending rows above `readUpTo` that the class does not hold in memory, and
 * `storedCount` is how many they are.
 */
import type { QueuedItem } from "../item.ts";
import { Lane } from "./lane.ts";

export interface ItemClassKey {
  /** 1 to 10, 10 first. */
  priority: number;
  isDiscardable: boolean;
}

/** How waiting items rise. */
export interface Aging {
  /** For so long an item waits until it rises by one priority. */
  stepMs: number;
  /** Unix milliseconds. */
  now: number;
}

const highestPriority = 10;

/**
 * With what priority it is taken: its own, and one more for each step that it has waited since its event came, to 10
 * at most. So no item of priority p waits behind what comes later than 10 - p steps after it.
 */
function agedPriority({ priority, event }: QueuedItem, { stepMs, now }: Aging): number {
  const steps = Math.floor(Math.max(0, now - event.receivedAt) / stepMs);
  return Math.min(highestPriority, priority + steps);
}

/** What a queue needs of the database: the pending rows of its service, as they are when all is written. */
export interface PendingRows {
  /** How many there are; classes without any may be left out. */
  counts(): Promise<readonly (ItemClassKey & { count: number })[]>;
  /** Those of a class with ids above `afterId`, oldest first. */
  page(options: ItemClassKey & { afterId: number; limit: number }): readonly QueuedItem[];
  /** Their ids alone, also below `beforeId`. */
  ids(options: ItemClassKey & { afterId: number; beforeId: number; limit: number }): readonly number[];
}

export class ItemClass implements ItemClassKey {
  readonly priority: number;
  readonly isDiscardable: boolean;
  /** Admitted, and not yet written. */
  readonly reserved = new Lane();
  /** May be taken. */
  readonly ready = new Lane();
  /** Retries whose moment has not come. */
  readonly waiting = new Lane();
  /** Rows of the tail. */
  storedCount = 0;
  /** Rows up to this id have been looked at. */
  readUpTo = 0;

  constructor({ priority, isDiscardable }: ItemClassKey) {
    this.priority = priority;
    this.isDiscardable = isDiscardable;
  }

  /** Items in memory whose rows are written. */
  get heldCount(): number {
    return this.ready.size + this.waiting.size;
  }

  get count(): number {
    return this.reserved.size + this.heldCount + this.storedCount;
  }

  /** Whether it is in memory. */
  has(id: number): boolean {
    return this.ready.has(id) || this.reserved.has(id) || this.waiting.has(id);
  }

  /** Whether it was in memory. */
  delete(item: QueuedItem): boolean {
    return this.ready.delete(item) || this.reserved.delete(item) || this.waiting.delete(item);
  }

  /** The oldest in memory, whatever it waits for. */
  oldest(): QueuedItem | undefined {
    return older(older(this.ready.first, this.reserved.first), this.waiting.first);
  }

  /** A pending row more. Where a page has just brought it, before it was told of here, the count is right again. */
  addStored(id: number): void {
    this.readUpTo = this.storedCount > 0 ? Math.min(this.readUpTo, id - 1) : id - 1;
    this.storedCount++;
  }

  /** In memory, lane by lane. */
  *values(): Generator<QueuedItem> {
    yield* this.reserved.values();
    yield* this.ready.values();
    yield* this.waiting.values();
  }
}

function older(a: QueuedItem | undefined, b: QueuedItem | undefined): QueuedItem | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.id < b.id ? a : b;
}

/** The classes that a queue has had items of. */
export class ItemClasses {
  readonly #byKey = new Map<number, ItemClass>();
  /** Highest priority first. */
  #ordered: ItemClass[] = [];

  of({ priority, isDiscardable }: ItemClassKey): ItemClass {
    const key = isDiscardable ? -priority : priority;
    let found = this.#byKey.get(key);
    if (found === undefined) {
      found = new ItemClass({ priority, isDiscardable });
      this.#byKey.set(key, found);
      this.#ordered = [...this.#byKey.values()].sort((a, b) => b.priority - a.priority);
    }
    return found;
  }

  /** Highest priority first. */
  get all(): readonly ItemClass[] {
    return this.#ordered;
  }

  /** Pending items, in memory and in the database. */
  get count(): number {
    let sum = 0;
    for (const each of this.#ordered) sum += each.count;
    return sum;
  }

  /** The item in memory that may be taken first. */
  nextToTake(): QueuedItem | undefined {
    let next: QueuedItem | undefined;
    for (const { priority, ready: { first } } of this.#ordered) {
      if (next !== undefined && priority < next.priority) break;
      if (first !== undefined && (next === undefined || first.id < next.id)) next = first;
    }
    return next;
  }

  /** The same where items rise as they wait. In each class the oldest is the first, since it has risen most. */
  nextToTakeAged(aging: Aging): QueuedItem | undefined {
    let next: { item: QueuedItem; priority: number } | undefined;
    for (const { ready: { first: item } } of this.#ordered) {
      if (item === undefined) continue;
      const priority = agedPriority(item, aging);
      const comesFirst = next === undefined || priority > next.priority ||
        (priority === next.priority && item.id < next.item.id);
      if (comesFirst) next = { item, priority };
    }
    return next?.item;
  }

  /** All in memory in the order in which they would be taken now, up to where one in the database may come first. */
  inAgedOrder(aging: Aging): QueuedItem[] {
    const order = new Map([...this.values()].map((item) => [item, agedPriority(item, aging)]));
    const items = [...order.keys()]
      .sort((a, b) => (order.get(b) ?? 0) - (order.get(a) ?? 0) || a.id - b.id);
    let end = items.length;
    for (const each of this.#ordered) {
      if (each.storedCount <= 0) continue;
      // What of its tail is not read yet comes behind what is read, and before whatever is younger.
      const isRead = (item: QueuedItem) => this.of(item) === each && item.id <= each.readUpTo;
      end = Math.min(end, items.findLastIndex(isRead) + 1);
    }
    return items.slice(0, end);
  }

  /** The item in memory that is discarded first for a higher one: the oldest of the lowest discardable class. */
  nextToEvict(): QueuedItem | undefined {
    for (let index = this.#ordered.length - 1; index >= 0; index--) {
      const each = this.#ordered[index] as ItemClass;
      const oldest = each.isDiscardable ? each.oldest() : undefined;
      if (oldest !== undefined) return oldest;
    }
    return undefined;
  }

  *values(): Generator<QueuedItem> {
    for (const each of this.#ordered) yield* each.values();
  }
}
