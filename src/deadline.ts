/**
 * The deadline of a stop. It is created once, when the stop starts, and shared by all its steps. No step waits beyond
 * it, and work that did not finish in time is named.
 */
import type { Clock } from "./clock.ts";

/** The default for the whole duration of a stop. */
const usualStopMs = 14_500;

export interface WaitOptions {
  /** Waits no longer than this, in milliseconds. */
  limitMs?: number;
  /** Milliseconds before the deadline that are reserved for later steps. */
  leavesMs?: number;
}

export class Deadline {
  readonly #clock: Clock;
  /** By the monotonic clock. */
  readonly #endsAt: number;
  readonly #waits = new Set<{ who: string }>();
  readonly #givenUp: string[] = [];

  constructor(clock: Clock, limitMs = usualStopMs) {
    this.#clock = clock;
    this.#endsAt = clock.monotonic() + limitMs;
  }

  get leftMs(): number {
    return Math.max(0, this.#endsAt - this.#clock.monotonic());
  }

  /** What the stop is waiting for. */
  get waitsFor(): string[] {
    return [...this.#waits].map(({ who }) => who);
  }

  /** What the stop gave up waiting for. */
  get givenUp(): readonly string[] {
    return this.#givenUp;
  }

  /**
   * Waits for `work` of `who`, and resolves to whether it finished in time. Throws what `work` throws in time; later
   * errors are ignored.
   */
  async wait(
    who: string,
    work: Promise<unknown>,
    { limitMs = Infinity, leavesMs = 0 }: WaitOptions = {},
  ): Promise<boolean> {
    const wait = { who };
    this.#waits.add(wait);
    const late = Promise.withResolvers<false>();
    const allowedMs = Math.min(limitMs, Math.max(0, this.leftMs - leavesMs));
    const cancel = this.#clock.after(allowedMs, () => late.resolve(false));
    work.catch(() => {});
    try {
      const isThrough = await Promise.race([work.then(() => true), late.promise]);
      if (!isThrough) this.#givenUp.push(who);
      return isThrough;
    } finally {
      cancel();
      this.#waits.delete(wait);
    }
  }
}
