/** Measurements for the screen: counts for each of the last seconds, and the durations of the last items. */
import type { Clock } from "../clock.ts";
import type { Percentiles } from "../control.ts";
import type { QueuedItem } from "../item.ts";

/** A value for each of the last `size` full seconds, the newest last. */
export class PerSecond {
  readonly #size: number;
  #values: number[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  push(value: number): void {
    this.#values.push(value);
    if (this.#values.length > this.#size) this.#values.shift();
  }

  /** A copy. */
  values(): number[] {
    return [...this.#values];
  }

  /** The mean of the last `seconds` values; 0 if there are none. */
  mean(seconds: number): number {
    const last = this.#values.slice(-seconds);
    return last.length === 0 ? 0 : last.reduce((sum, value) => sum + value, 0) / last.length;
  }
}

/** The last `size` samples of a duration in milliseconds. */
export class Samples {
  readonly #values: number[] = [];
  readonly #size: number;
  #next = 0;
  #percentiles: Percentiles | null = null;

  constructor(size = 256) {
    this.#size = size;
  }

  add(value: number): void {
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % this.#size;
    this.#percentiles = null;
  }

  percentiles(): Percentiles {
    return this.#percentiles ??= this.#sort();
  }

  #sort(): Percentiles {
    const sorted = this.#values.toSorted((a, b) => a - b);
    const at = (part: number) =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? null;
    return { p50: at(0.5), p95: at(0.95) };
  }
}

const historySeconds = 180;

/**
 * The measurements of one service. Its queue feeds them, and `tick` is called once per second. All times are by the
 * monotonic clock.
 */
export class ServiceMetrics {
  readonly depths = new PerSecond(historySeconds);
  readonly wait = new Samples();
  readonly run = new Samples();
  readonly #clock: Clock;
  readonly #ended = new PerSecond(10);
  readonly #busy = new PerSecond(10);
  #endedNow = 0;
  #busyMs = 0;
  #inFlight = 0;
  #busySince = 0;
  #tickedAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#tickedAt = clock.monotonic();
  }

  /** An item that was read from the database adds no sample, because nobody knows how long it waited. */
  started(item: QueuedItem, at: number): void {
    if (item.queuedAt != null) this.wait.add(at - item.queuedAt);
    if (this.#inFlight++ === 0) this.#busySince = at;
  }

  ended({ at, runMs }: { at: number; runMs: number }): void {
    this.run.add(runMs);
    this.#endedNow++;
    if (--this.#inFlight === 0) this.#busyMs += at - this.#busySince;
  }

  /** Called once per second. */
  tick(depth: number): void {
    const now = this.#clock.monotonic();
    const seconds = Math.max(0.001, (now - this.#tickedAt) / 1000);
    this.#tickedAt = now;
    this.depths.push(depth);
    this.#ended.push(this.#endedNow / seconds);
    this.#endedNow = 0;
    if (this.#inFlight > 0) {
      this.#busyMs += now - this.#busySince;
      this.#busySince = now;
    }
    this.#busy.push(Math.min(1, this.#busyMs / 1000 / seconds));
    this.#busyMs = 0;
  }

  /** Items ended per second. */
  get rate(): number {
    return this.#ended.mean(10);
  }

  /** The share of the time with an item in progress, 0 to 1. */
  get busy(): number {
    return this.#busy.mean(10);
  }
}

/** The latest `size` entries, the newest last. */
export class Latest<Entry> {
  readonly #size: number;
  #entries: Entry[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
    // Trimmed occasionally rather than at each push, because a thousand entries may arrive per second.
    if (this.#entries.length > 2 * this.#size) this.#entries = this.#entries.slice(-this.#size);
  }

  /** A copy. */
  values(): Entry[] {
    return this.#entries.slice(-this.#size);
  }
}
