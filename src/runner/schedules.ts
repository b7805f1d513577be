/** Functions that a service runs at intervals. */
import type { Clock } from "../clock.ts";

export interface SchedulesOptions {
  clock: Clock;
  onThrow(thrown: unknown): void;
}

/** More than anyone needs. The limit ends a loop that adds schedules. */
const maxSchedules = 1_000;

export class Schedules {
  readonly #options: SchedulesOptions;
  readonly #ends = new Set<() => void>();
  readonly #running = new Set<Promise<void>>();
  #hasEnded = false;

  constructor(options: SchedulesOptions) {
    this.#options = options;
  }

  /**
   * Runs `run` at each multiple of `seconds` from now on, and skips a time at which the last run has not finished. The
   * returned function ends the schedule. Throws a `TypeError`.
   */
  add(seconds: number, run: () => void | Promise<void>): () => void {
    if (typeof seconds !== "number" || !Number.isFinite(seconds) || seconds <= 0) {
      throw new TypeError(
        `every: the first argument must be a number of seconds above 0, not ${String(seconds)}`,
      );
    }
    if (typeof run !== "function") throw new TypeError("every: the second argument must be a function");
    if (this.#ends.size >= maxSchedules) {
      throw new Error(
        `every: a service can have at most ${maxSchedules} schedules: end those that it no longer needs`,
      );
    }
    if (this.#hasEnded) return () => {};
    const { clock } = this.#options;
    const intervalMs = seconds * 1000;
    const begin = clock.monotonic();
    let turn = 0;
    let cancel = () => {};
    let isEnded = false;
    const plan = () => {
      const passedMs = clock.monotonic() - begin;
      // The maximum also covers a timer that fired slightly early.
      turn = Math.max(turn, Math.floor(passedMs / intervalMs)) + 1;
      cancel = clock.after(turn * intervalMs - passedMs, async () => {
        await this.#run(run);
        if (!isEnded) plan();
      });
    };
    const end = () => {
      isEnded = true;
      cancel();
      this.#ends.delete(end);
    };
    this.#ends.add(end);
    plan();
    return end;
  }

  /** Ends all schedules. Resolves when none is running. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    for (const end of this.#ends) end();
    await Promise.all(this.#running);
  }

  async #run(run: () => void | Promise<void>): Promise<void> {
    const running = (async () => {
      try {
        await run();
      } catch (thrown) {
        this.#options.onThrow(thrown);
      }
    })();
    this.#running.add(running);
    await running;
    this.#running.delete(running);
  }
}
