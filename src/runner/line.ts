/**
 * The order in which a worker begins its items: as they arrived. Async items run concurrently, up to a limit. A sync
 * item may begin while async ones run, but nothing begins while it runs.
 *
 * The worker uses one, and the main thread keeps a copy for each worker, which it advances as it receives the ends. So
 * the main thread knows which items the worker has begun without a message for each.
 */
export class Line<Item extends { isAsync: boolean }> {
  /** The most async items that run at once. */
  maxConcurrency = 1;
  /** While it is true, no item begins. */
  isHeld = false;
  #waiting: Item[] = [];
  readonly #running = new Set<Item>();
  #isSyncRunning = false;

  add(item: Item): void {
    this.#waiting.push(item);
  }

  /** Begins and returns the next item, or returns null if none may begin now. Call it until it returns null. */
  begin(): Item | null {
    const next = this.#waiting[0];
    if (next === undefined || this.isHeld || this.#isSyncRunning) return null;
    if (next.isAsync && this.#running.size >= this.maxConcurrency) return null;
    this.#waiting.shift();
    this.#running.add(next);
    this.#isSyncRunning = !next.isAsync;
    return next;
  }

  /** The item has ended, or will never begin. */
  leave(item: Item): void {
    if (this.#running.delete(item)) {
      if (!item.isAsync) this.#isSyncRunning = false;
    } else {
      this.#waiting = this.#waiting.filter((other) => other !== item);
    }
  }

  /** Nothing runs, and nothing waits. */
  get isEmpty(): boolean {
    return this.#running.size === 0 && this.#waiting.length === 0;
  }

  /** Removes and returns the items that have not begun. */
  clear(): Item[] {
    const items = this.#waiting;
    this.#waiting = [];
    return items;
  }
}
