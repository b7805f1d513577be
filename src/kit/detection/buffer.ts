/**
 * The stored readings of one channel, as far as a sliding window needs them: fetched in pages, ahead of the window, and
 * forgotten behind it.
 */
import { type Sample, Series } from "./series.ts";

/** A page of readings in order of time. */
export interface Page {
  at: Float64Array;
  value: Float64Array;
  /** Where the next page starts; null if the page reaches to the end of what was asked for. */
  nextFrom: number | null;
}

export class ChannelBuffer {
  readonly channel: string;
  readonly #maxGapMs: number;
  #at = new Float64Array();
  #value = new Float64Array();
  /** The window has the readings from `#start` to before `#end`. */
  #start = 0;
  #end = 0;
  #from: number;
  #to: number;
  #before: Sample | null;
  /** The end of the latest gap that ended before the end of the window. */
  #gapEnd = -Infinity;
  /** All readings before this time are here, or were. */
  fetchedTo: number;

  /** `before` is the last reading before `from`, where the first window starts. */
  constructor(channel: string, options: { from: number; before: Sample | null; maxGapMs: number }) {
    this.channel = channel;
    this.#maxGapMs = options.maxGapMs;
    this.#before = options.before;
    this.#from = this.#to = this.fetchedTo = options.from;
  }

  /** Windows that were made before keep their readings. */
  append({ at, value, nextFrom }: Page, askedTo: number): void {
    this.#at = joined(this.#at.subarray(this.#start), at);
    this.#value = joined(this.#value.subarray(this.#start), value);
    this.#end -= this.#start;
    this.#start = 0;
    this.fetchedTo = nextFrom ?? askedTo;
  }

  /** Moves the window forward. Everything before `to` has been fetched. */
  slide(from: number, to: number): void {
    const at = this.#at;
    while (this.#end < at.length && (at[this.#end] as number) < to) {
      const last = this.last;
      const next = at[this.#end] as number;
      if (last !== null && next - last.at > this.#maxGapMs) this.#gapEnd = next;
      this.#end++;
    }
    while (this.#start < this.#end && (at[this.#start] as number) < from) {
      this.#before = { at: at[this.#start] as number, value: this.#value[this.#start] as number };
      this.#start++;
    }
    this.#from = from;
    this.#to = to;
  }

  /** The last reading before the end of the window. */
  get last(): Sample | null {
    if (this.#end === this.#start) return this.#before;
    return { at: this.#at[this.#end - 1] as number, value: this.#value[this.#end - 1] as number };
  }

  /** The time of the first reading after the window; null if none is fetched. */
  get nextAt(): number | null {
    return this.#at[this.#end] ?? null;
  }

  /** Whether the window has no gap, not even a part of one. */
  get isWhole(): boolean {
    const last = this.last;
    if (last === null || this.#to - last.at > this.#maxGapMs || this.#gapEnd > this.#from) return false;
    if (this.#before !== null) return true;
    return (this.#at[this.#start] as number) - this.#from <= this.#maxGapMs;
  }

  series(): Series {
    return new Series({
      channel: this.channel,
      from: this.#from,
      to: this.#to,
      at: this.#at.subarray(this.#start, this.#end),
      value: this.#value.subarray(this.#start, this.#end),
      before: this.#before,
      maxGapMs: this.#maxGapMs,
    });
  }
}

function joined(one: Float64Array, other: Float64Array): Float64Array<ArrayBuffer> {
  const both = new Float64Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
