/**
 * The summary of a minute that grows with its readings. The sum is the very number that SQLite's `sum` gives for the
 * stored rows: it adds them in order, and with the same correction of rounding errors (Kahan and Babuška).
 */
import type { Rollup } from "../reading_query.ts";

export class MinuteFold {
  /** The start of the minute, in Unix milliseconds. */
  readonly at: number;
  #count = 0;
  #low = Infinity;
  #high = -Infinity;
  #sum = 0;
  #correction = 0;
  #first = 0;
  #last = 0;
  #lastAt = -Infinity;

  constructor(at: number) {
    this.at = at;
  }

  /** Whether a reading comes after all others, by its time and its value. Only such a reading may be added. */
  isNext(at: number, value: number): boolean {
    return at > this.#lastAt || (at === this.#lastAt && value > this.#last);
  }

  add(at: number, value: number): void {
    if (this.#count === 0) this.#first = value;
    this.#count++;
    if (value < this.#low) this.#low = value;
    if (value > this.#high) this.#high = value;
    const before = this.#sum;
    this.#sum = before + value;
    this.#correction += Math.abs(before) > Math.abs(value)
      ? (before - this.#sum) + value
      : (value - this.#sum) + before;
    this.#last = value;
    this.#lastAt = at;
  }

  rollup(): Rollup {
    const isCorrectable = Number.isFinite(this.#correction);
    return {
      at: this.at,
      count: this.#count,
      low: this.#low,
      high: this.#high,
      sum: isCorrectable ? this.#sum + this.#correction : this.#sum,
      first: this.#first,
      last: this.#last,
    };
  }
}
