/**
 * The part of a queue that is not in memory, class by class. A class is all pending items of one priority that
 * may, or may not, be discarded; both taking and evicting consume it from its oldest end, so that its head is
 * all that has to be in memory.
 *
 * Invariant: a class's tail is its pending rows above `readUpTo` that the queue does not hold in memory, and
 * `count` is how many they are.
 */
import type { QueuedItem } from "../item.ts";

export interface ItemClass {
  /** 1 to 10, 10 first. */
  priority: number;
  isDiscardable: boolean;
}

/** What a queue needs of the database: the pending rows of its service, as they are when all is written. */
export interface PendingRows {
  /** How many there are; classes without any may be left out. */
  counts(): Promise<readonly (ItemClass & { count: number })[]>;
  /** Those of a class with ids above `afterId`, oldest first. */
  page(options: ItemClass & { afterId: number; limit: number }): readonly QueuedItem[];
  /** Their ids alone, also below `beforeId`. */
  ids(options: ItemClass & { afterId: number; beforeId: number; limit: number }): readonly number[];
}

export interface Tail extends ItemClass {
  count: number;
  /** Rows up to this id have been looked at. */
  readUpTo: number;
  /** Items of the class that are in memory, and whose rows are written. */
  held: number;
}

export class Tails {
  readonly #tails = new Map<number, Tail>();
  #count = 0;

  /** Rows in all of them. */
  get count(): number {
    return this.#count;
  }

  of({ priority, isDiscardable }: ItemClass): Tail {
    const key = isDiscardable ? -priority : priority;
    let tail = this.#tails.get(key);
    if (tail === undefined) {
      tail = { priority, isDiscardable, count: 0, readUpTo: 0, held: 0 };
      this.#tails.set(key, tail);
    }
    return tail;
  }

  /** Those that have rows. */
  *values(): Generator<Tail> {
    if (this.#count === 0) return;
    for (const tail of this.#tails.values()) if (tail.count > 0) yield tail;
  }

  /** `by` may be negative. */
  grow(tail: Tail, by: number): void {
    tail.count += by;
    this.#count += by;
  }

  /** A pending row more. Where a page has just brought it, before it was told of here, the count is right again. */
  add(id: number, itemClass: ItemClass): void {
    const tail = this.of(itemClass);
    tail.readUpTo = tail.count > 0 ? Math.min(tail.readUpTo, id - 1) : id - 1;
    this.grow(tail, 1);
  }
}
