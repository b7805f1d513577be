/** Waits between the messages of a recording as long as the original gaps. */
import { type Clock, sleep } from "../../clock.ts";
import { t } from "../../language.ts";
import type { SourceItem } from "../../source.ts";
import type { Player } from "./player.ts";
import { maxGapMs } from "./timeline.ts";

const tickMs = 1000;

export interface PaceOptions {
  clock: Clock;
  /** Its speed and its pauses apply at once. */
  player: Player;
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
    const { player, keepGaps, clock } = this.#options;
    if (at === null) return;
    await this.#hold(signal);
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
    for (let passedMs = tickMs; passedMs <= waitMs && !player.isHurried; passedMs += tickMs) {
      await this.#waitMs(tickMs, signal);
      if (signal.aborted) return;
      player.passTo(from + passedMs);
      yield { kind: "time", at: from + passedMs };
    }
    if (!player.isHurried) await this.#waitMs(waitMs % tickMs, signal);
    if (player.isHurried) this.#dueAt = clock.monotonic();
    this.#recordedAt = at;
  }

  /** Waits for recorded time at the present speed. A change of the speed, a pause and a jump apply at once. */
  async #waitMs(recordedMs: number, signal: AbortSignal): Promise<void> {
    const { clock, player } = this.#options;
    for (let left = recordedMs; left > 0 && !player.isHurried && !signal.aborted;) {
      const { speed, changed } = player;
      const factor = speed === "max" ? Infinity : speed;
      const dueAt = this.#dueAt + left / factor;
      // At high speed, many waits are shorter than a timer.
      const waitMs = dueAt - clock.monotonic();
      if (waitMs >= 1) await sleep(clock, waitMs, AbortSignal.any([signal, changed]));
      if (!changed.aborted) {
        this.#dueAt = dueAt;
        return;
      }
      left -= Math.max(0, (clock.monotonic() - this.#dueAt) * factor);
      this.#dueAt = clock.monotonic();
      await this.#hold(signal);
    }
  }

  /** Waits while a person has paused the replay. */
  async #hold(signal: AbortSignal): Promise<void> {
    const { clock, player } = this.#options;
    if (!player.isHeld) return;
    while (player.isHeld && !signal.aborted) await aborted(AbortSignal.any([signal, player.changed]));
    this.#dueAt = clock.monotonic();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function describeGap(gapMs: number): string {
  return t`A gap of ${describeDuration(gapMs)} in the recording is shortened to 10 s. --exact-gaps keeps it.`;
}

function describeDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return t`${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return t`${minutes} min ${seconds % 60} s`;
  return t`${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
