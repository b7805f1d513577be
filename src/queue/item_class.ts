/**
 * A queue's pending items, grouped into classes. A class is all pending items of one priority that are discardable, or
 * all that are not. Both taking and evicting consume a class from its oldest end, so only its head has to be in memory.
 * The rest, its tail, is only in the database.
 *
 * Invariant: a class's tail consists of its pending rows above `readUpTo` that are not in memory, and `storedCount` is
 * their number.
 */
import type { QueuedItem } from "../item.ts";
import { Lane } from "./lane.ts";

export interface ItemClassKey {
  /** 1 to 10, 10 first. */
  priority: number;
  isDiscardable: boolean;
}

export type Place = Pick<QueuedItem, "priority" | "id">;

export const isTakenFirst = (a: Place, b: Place) =>
  a.priority !== b.priority ? a.priority > b.priority : a.id < b.id;
export const isEvictedFirst = (a: Place, b: Place) =>
  a.priority !== b.priority ? a.priority < b.priority : a.id < b.id;

/** How the priority of waiting items rises. */
export interface Aging {
  /** How long an item waits before it rises by one priority. */
  stepMs: number;
  /** Unix milliseconds. */
  now: number;
}

const highestPriority = 10;

/**
 * The priority with which an item is taken: its own, plus one for each step that it has waited since its event arrived,
 * up to 10. So an item of priority p never waits behind an item that arrives more than 10 - p steps later.
 */
function agedPriority({ priority, event }: QueuedItem, { stepMs, now }: Aging): number {
  const steps = Math.floor(Math.max(0, now - event.receivedAt) / stepMs);
  return Math.min(highestPriority, priority + steps);
}

/** What a queue needs from the database: the pending rows of its service, including every write so far. */
export interface PendingRows {
  /** The number of rows per class. Empty classes may be omitted. */
  counts(): Promise<readonly (ItemClassKey & { count: number })[]>;
  /** Rows of a class with ids above `afterId`, oldest first; null if they cannot be read at present. */
  page(options: ItemClassKey & { afterId: number; limit: number }): readonly QueuedItem[] | null;
  /** Called when they can be read again. */
  onReadable?: () => void;
  /** The ids of rows of a class between `afterId` and `beforeId`, both exclusive. */
  ids(options: ItemClassKey & { afterId: number; beforeId: number; limit: number }): readonly number[];
}

export class ItemClass implements ItemClassKey {
  readonly priority: number;
  readonly isDiscardable: boolean;
  /** Admitted, but not written yet. */
  readonly reserved = new Lane();
  /** May be taken. */
  readonly ready = new Lane();
  /** Retries that are not due yet. */
  readonly waiting = new Lane();
  /** The number of rows in the tail. */
  storedCount = 0;
  /** Rows up to this id have been read. */
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

  /** Whether the item is in memory. */
  has(id: number): boolean {
    return this.ready.has(id) || this.reserved.has(id) || this.waiting.has(id);
  }

  /** Returns whether the item was in memory. */
  delete(item: QueuedItem): boolean {
    return this.ready.delete(item) || this.reserved.delete(item) || this.waiting.delete(item);
  }

  /** The oldest item in memory, in any lane. */
  oldest(): QueuedItem | undefined {
    return older(older(this.ready.first, this.reserved.first), this.waiting.first);
  }

  /**
   * Adds a pending row. If a page already brought the row, before this call, the page's decrement makes the count
   * right.
   */
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

/** The classes of all items that a queue has had. */
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

  /** The same when items rise as they wait. The first of each class is its oldest item, which has risen most. */
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

  /**
   * The items in memory in the order in which they would be taken now, up to the point at which an item in the database
   * may come first.
   */
  inAgedOrder(aging: Aging): QueuedItem[] {
    const order = new Map([...this.values()].map((item) => [item, agedPriority(item, aging)]));
    const items = [...order.keys()]
      .sort((a, b) => (order.get(b) ?? 0) - (order.get(a) ?? 0) || a.id - b.id);
    let end = items.length;
    for (const each of this.#ordered) {
      if (each.storedCount <= 0) continue;
      // The unread tail comes after the rows that were read, and before any younger item.
      const isRead = (item: QueuedItem) => this.of(item) === each && item.id <= each.readUpTo;
      end = Math.min(end, items.findLastIndex(isRead) + 1);
    }
    return items.slice(0, end);
  }

  /**
   * The item in memory that is evicted first for one with a higher priority: the oldest of the lowest discardable
   * class.
   */
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
