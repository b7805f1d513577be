/** Waits between the messages of a recording as long as the original gaps. */
import { type Clock, sleep } from "../../clock.ts";
import type { SourceItem } from "../../source.ts";

/** Longer gaps are shortened to this. It is also the idle time that ends a streak, so streaks still end in order. */
const maxGapMs = 10_000;
const tickMs = 1000;

export interface PaceOptions {
  clock: Clock;
  /** 1 as it happened, 2 twice as fast. */
  speed: number;
  /** Whether to keep gaps of over 10 s. */
  keepGaps: boolean;
}

export class Pace {
  readonly #options: PaceOptions;
  /** The current position in the recording, in recorded time. */
  #recordedAt: number | null = null;
  /** The position before the last long gap. */
  #beforeLeap = Infinity;
  /** When the current position is due, by the monotonic clock. So delays of late timers do not add up. */
  #dueAt = 0;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /**
   * Waits until the recorded time `at`. Yields the time at each recorded second, and a notice about each shortened
   * gap. Stops early if `signal` aborts. Does not wait if `at` is null or in the past.
   */
  async *waitFor(at: number | null, signal: AbortSignal): AsyncGenerator<SourceItem> {
    const { speed, keepGaps, clock } = this.#options;
    if (at === null) return;
    const from = this.#recordedAt;
    if (from === null) {
      this.#recordedAt = at;
      this.#dueAt = clock.monotonic();
      return;
    }
    if (at <= from) {
      // Back from a jump: the message that jumped had a wrong time. Other messages are out of order, or repeated.
      if (at >= this.#beforeLeap && from - at > maxGapMs) this.#recordedAt = at;
      return;
    }
    const gapMs = at - from;
    if (gapMs > maxGapMs) this.#beforeLeap = from;
    const isShortened = gapMs > maxGapMs && !keepGaps;
    if (isShortened) yield { kind: "notice", text: describeGap(gapMs) };
    const waitMs = isShortened ? maxGapMs : gapMs;
    for (let passedMs = tickMs; passedMs <= waitMs; passedMs += tickMs) {
      await this.#waitMs(tickMs / speed, signal);
      if (signal.aborted) return;
      yield { kind: "time", at: from + passedMs };
    }
    await this.#waitMs((waitMs % tickMs) / speed, signal);
    this.#recordedAt = at;
  }

  async #waitMs(ms: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    this.#dueAt += ms;
    // At high speed, many waits are shorter than a timer.
    const waitMs = this.#dueAt - clock.monotonic();
    if (waitMs >= 1) await sleep(clock, waitMs, signal);
  }
}

function describeGap(gapMs: number): string {
  return `A gap of ${describeDuration(gapMs)} in the recording is shortened to 10 s. --exact-gaps keeps it.`;
}

function describeDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
