/** Pending items that wait out the backoff of a retry: when each may be taken. */
import type { QueuedItem } from "../item.ts";
import { PriorityHeap } from "./priority_heap.ts";

/** However often an item has failed, a retry waits no longer; no stored wait either. */
export const longestBackoffMs = 5 * 60_000;

export class Retries {
  readonly #due = new PriorityHeap<QueuedItem>((a, b) => this.#isDueFirst(a, b));
  /** By the monotonic clock. */
  readonly #dueAt = new Map<QueuedItem, number>();
  /** Items as they were read: who next asks what is due knows the time, and dates them. */
  readonly #undated = new Set<QueuedItem>();

  get hasUndated(): boolean {
    return this.#undated.size > 0;
  }

  /** When the next one may be taken, by the monotonic clock; null where none waits. */
  get nextAt(): number | null {
    const next = this.#due.peek();
    return next === undefined ? null : this.#dueAt.get(next) ?? null;
  }

  /** `dueAt` by the monotonic clock; null where only the item's `notBefore` is known. */
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

  /** Takes out those that are due. */
  takeDue({ now, monotonic }: { now: number; monotonic: number }): QueuedItem[] {
    for (const item of this.#undated) {
      // A stored moment is wall time, which may have been set since: no wait is longer than the longest.
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
