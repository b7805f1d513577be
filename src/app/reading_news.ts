/** How far the stored readings of each source have come, and who waits for more. */

/** By source: its time by its stored readings, in Unix milliseconds. */
export type SourceTimes = Record<string, number>;

interface Waiter {
  until: SourceTimes;
  resolve(times: SourceTimes): void;
}

export class ReadingNews {
  readonly #times = new Map<string, number>();
  readonly #waiters = new Set<Waiter>();

  /** Readings are stored. `stored`: pairs of a source and its time. */
  note(stored: Iterable<readonly [source: string, at: number]>): void {
    for (const [source, at] of stored) {
      if (at > (this.#times.get(source) ?? -Infinity)) this.#times.set(source, at);
    }
    for (const waiter of this.#waiters) this.#look(waiter);
  }

  /**
   * Calls `resolve` once with all times, when a source has come as far as `until` says or is not in it. That may be at
   * once. The returned function ends the wait.
   */
  wait(until: SourceTimes, resolve: (times: SourceTimes) => void): () => void {
    const waiter = { until, resolve };
    this.#waiters.add(waiter);
    this.#look(waiter);
    return () => void this.#waiters.delete(waiter);
  }

  #look(waiter: Waiter): void {
    const isDue = [...this.#times].some(([source, at]) =>
      !Object.hasOwn(waiter.until, source) || at >= (waiter.until[source] as number)
    );
    if (!isDue) return;
    this.#waiters.delete(waiter);
    waiter.resolve(Object.fromEntries(this.#times));
  }
}
