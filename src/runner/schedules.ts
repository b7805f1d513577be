/** What a service runs every so often. */
import type { Clock } from "../clock.ts";

export interface SchedulesOptions {
  clock: Clock;
  onThrow(thrown: unknown): void;
}

/** More than anyone needs: a loop that makes them is to end. */
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
   * Runs `run` at each multiple of `seconds` from now on; those that come while it still runs are left out. The
   * returned function ends it. Throws a `TypeError`.
   */
  add(seconds: number, run: () => void | Promise<void>): () => void {
    if (typeof seconds !== "number" || !Number.isFinite(seconds) || seconds <= 0) {
      throw new TypeError(`every: the first argument is a number of seconds above 0, not ${String(seconds)}`);
    }
    if (typeof run !== "function") throw new TypeError("every: the second argument is a function to run");
    if (this.#ends.size >= maxSchedules) {
      throw new Error(
        `every: a service has ${maxSchedules} schedules at most: end those that it needs no more`,
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
      // Also where a timer was a little early.
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

  /** Ends all; resolves when none runs any more. */
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
