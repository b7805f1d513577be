/** Pending items that wait for the backoff of a retry, and when each of them is due. */
import type { QueuedItem } from "../item.ts";
import { PriorityHeap } from "./priority_heap.ts";

/** The longest wait before a retry, however often the item has failed. It also caps stored waits. */
export const longestBackoffMs = 5 * 60_000;

/** A point in time: wall time for rows, and the monotonic clock for waits. Both in milliseconds. */
export interface Moment {
  now: number;
  monotonic: number;
}

export class Retries {
  readonly #due = new PriorityHeap<QueuedItem>((a, b) => this.#isDueFirst(a, b));
  /** By the monotonic clock. */
  readonly #dueAt = new Map<QueuedItem, number>();
  /** Items as read from the database. The next call of `takeDue` knows the time, and sets when they are due. */
  readonly #undated = new Set<QueuedItem>();

  get hasUndated(): boolean {
    return this.#undated.size > 0;
  }

  /** When the next item is due, by the monotonic clock; null if none waits. */
  get nextAt(): number | null {
    const next = this.#due.peek();
    return next === undefined ? null : this.#dueAt.get(next) ?? null;
  }

  /** `dueAt` is by the monotonic clock, or null if only the item's `notBefore` is known. */
  add(item: QueuedItem, dueAt: number | null): void {
    if (dueAt === null) return void this.#undated.add(item);
    this.#dueAt.set(item, dueAt);
    this.#due.push(item);
  }

  delete(item: QueuedItem): void {
    this.#undated.delete(item);
    this.#due.delete(item);
    this.#dueAt.delete(item);
  }

  /** Removes and returns the items that are due. */
  takeDue({ now, monotonic }: Moment): QueuedItem[] {
    for (const item of this.#undated) {
      // The stored time is wall time, and the clock may have been changed since. So the wait is capped.
      this.add(item, monotonic + Math.min(longestBackoffMs, Math.max(0, (item.notBefore ?? 0) - now)));
    }
    this.#undated.clear();
    const items: QueuedItem[] = [];
    for (let next = this.#due.peek(); next && this.#isDue(next, monotonic); next = this.#due.peek()) {
      this.delete(next);
      items.push(next);
    }
    return items;
  }

  #isDue(item: QueuedItem, monotonic: number): boolean {
    return (this.#dueAt.get(item) ?? 0) <= monotonic;
  }

  #isDueFirst(a: QueuedItem, b: QueuedItem): boolean {
    const [dueA, dueB] = [this.#dueAt.get(a) ?? 0, this.#dueAt.get(b) ?? 0];
    return dueA !== dueB ? dueA < dueB : a.id < b.id;
  }
}
