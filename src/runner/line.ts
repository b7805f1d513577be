/**
 * The order in which a worker begins its items: as they came. Async items run beside one another, up to a bound. A sync
 * item begins beside async ones that run already, and nothing begins beside it.
 *
 * The worker decides by it, and the main thread keeps one of its own for each worker, moved on by the ends that it hears:
 * so it knows what the worker has begun, and no message has to say it.
 */
export class Line<Item extends { isAsync: boolean }> {
  /** Async items that run at once, at most. */
  maxConcurrency = 1;
  /** Nothing begins until it is false again. */
  isHeld = false;
  #waiting: Item[] = [];
  readonly #running = new Set<Item>();
  #isSyncRunning = false;

  add(item: Item): void {
    this.#waiting.push(item);
  }

  /** The next item, where it begins now; else null. Call it until it gives none. */
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

  /** Takes out those that have not begun. */
  clear(): Item[] {
    const items = this.#waiting;
    this.#waiting = [];
    return items;
  }
}
