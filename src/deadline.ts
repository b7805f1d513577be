/**
 * The end of a stop. It is made once, as the stop begins, and given to all who are waited for: nobody is waited for
 * beyond it, and whoever was not through in time is named.
 */
import type { Clock } from "./clock.ts";

/** How long a stop may take in all, where nobody says. */
const usualStopMs = 14_500;

export interface WaitOptions {
  /** Waits no longer than this, in milliseconds. */
  limitMs?: number;
  /** Milliseconds before the end that are kept for those who come after. */
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

  /** Who is waited for now. */
  get waitsFor(): string[] {
    return [...this.#waits].map(({ who }) => who);
  }

  /** Who was not waited for any longer. */
  get givenUp(): readonly string[] {
    return this.#givenUp;
  }

  /**
   * Waits for `work` of `who`, and resolves to whether it was through in time. What it throws in time is thrown;
   * what it throws later is heard by nobody.
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
