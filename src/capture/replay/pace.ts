/** Waits between the messages of a recording as long as there was between them when they happened. */
import { type Clock, sleep } from "../../clock.ts";
import type { SourceItem } from "../../source.ts";

/** Nobody wants to watch a silence of minutes; also what ends a streak, so that none is cut short by it. */
const maxGapMs = 10_000;
const tickMs = 1000;

export interface PaceOptions {
  clock: Clock;
  /** 1 as it happened, 2 twice as fast. */
  speed: number;
  /** Waits out gaps of over 10 s as well. */
  keepGaps: boolean;
}

export class Pace {
  readonly #options: PaceOptions;
  /** Where the recording stands, in its own time. */
  #recordedAt: number | null = null;
  /** Where it stood before the last long gap. */
  #beforeLeap = Infinity;
  /** When the recording should be there, or should have been, by the monotonic clock: what a late timer loses is made up for. */
  #dueAt = 0;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /**
   * Waits until it is the turn of what was recorded at `at`. Tells the time each recorded second, and of a gap
   * that is shortened. Ends early where `signal` aborts. Without a time, or with an earlier one, nothing waits.
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
      // Back from a leap: what leapt had a wrong time. All else is out of order, or came once more.
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
    // At a high speed many waits pass between two timers.
    const waitMs = this.#dueAt - clock.monotonic();
    if (waitMs >= 1) await sleep(clock, waitMs, signal);
  }
}

function describeGap(gapMs: number): string {
  return `A gap of ${describeDuration(gapMs)} in the recording is shortened to 10 s; --exact-gaps keeps it.`;
}

function describeDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
