/** How far the stored readings of each source have come, and who waits for more. */
import type { IdleTimes, SourceTime, SourceTimes } from "../reading_query.ts";

interface Waiter {
  idle: IdleTimes;
  resolve(times: SourceTimes): void;
}

export class ReadingNews {
  readonly #times = new Map<string, SourceTime>();
  readonly #waiters = new Set<Waiter>();

  /** Readings are stored, and these are the times of sources now. */
  note(times: readonly SourceTime[]): void {
    for (const time of times) this.#times.set(time.source, time);
    for (const waiter of this.#waiters) this.#look(waiter);
  }

  /**
   * Calls `resolve` once with the times of all sources, when there is something to do for one of them, or for one that is
   * not in `idle`. That may be at once. The returned function ends the wait.
   */
  wait(idle: IdleTimes, resolve: (times: SourceTimes) => void): () => void {
    const waiter = { idle, resolve };
    this.#waiters.add(waiter);
    this.#look(waiter);
    return () => void this.#waiters.delete(waiter);
  }

  #look(waiter: Waiter): void {
    const isDue = [...this.#times].some(([source, { at, setBack }]) => {
      const known = Object.hasOwn(waiter.idle, source) ? waiter.idle[source] : undefined;
      return known === undefined || at >= known.until || (setBack?.count ?? 0) !== known.setBacks;
    });
    if (!isDue) return;
    this.#waiters.delete(waiter);
    waiter.resolve(Object.fromEntries(this.#times));
  }
}
