/** How many readings a source brings, and how long ago the last one came. */
import type { Clock } from "../clock.ts";
import type { ReadingsView } from "../control.ts";

/** The time over which the rate is averaged. */
const windowMs = 10_000;
const binMs = 1_000;

export class ReadingMeter {
  readonly #clock: Clock;
  readonly #startedAt: number;
  #count = 0;
  /** By the monotonic clock. */
  #lastAt: number | null = null;
  /** The counts of the last seconds, by number of the second. */
  readonly #bins = new Map<number, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = clock.monotonic();
  }

  add(count: number): void {
    this.#lastAt = this.#clock.monotonic();
    this.#count += count;
    const bin = Math.floor(this.#lastAt / binMs);
    this.#bins.set(bin, (this.#bins.get(bin) ?? 0) + count);
    for (const old of this.#bins.keys()) {
      if (old > bin - windowMs / binMs) break;
      this.#bins.delete(old);
    }
  }

  /** null if the source has brought none. */
  view(): ReadingsView | null {
    if (this.#lastAt === null) return null;
    const now = this.#clock.monotonic();
    const from = Math.floor(now / binMs) - windowMs / binMs;
    const recent = [...this.#bins].reduce((sum, [bin, count]) => bin > from ? sum + count : sum, 0);
    // The current second is not over yet.
    const overMs = Math.min(windowMs - binMs + now % binMs, Math.max(binMs, now - this.#startedAt));
    return { count: this.#count, perSecond: recent / (overMs / 1000), sinceMs: now - this.#lastAt };
  }
}
