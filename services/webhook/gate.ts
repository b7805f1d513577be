/**
 * Controls the deliveries to one target. A limited number run at a time, first come, first served. None run while the
 * target has asked for a pause. While the target is down, only an occasional probe runs, which finds out whether it
 * still is.
 */
import { setTimeout as wait } from "node:timers/promises";
import { Undelivered } from "./undelivered.ts";

export class Gate {
  readonly #waiting = new Set<PromiseWithResolvers<void>>();
  #free: number;
  #pausedUntil = 0;
  #down: { why: string; nextTryAt: number } | null = null;

  /** `maxConcurrency` is the number of deliveries that may run at the same time. */
  constructor(maxConcurrency: number) {
    this.#free = maxConcurrency;
  }

  /** Resolves with whether this delivery is the probe. Each call needs a matching `leave`. */
  async enter(signal: AbortSignal): Promise<{ isProbe: boolean }> {
    if (this.#down !== null) return this.#probe(this.#down);
    if (this.#free > 0) this.#free--;
    else await this.#queue(signal);
    return { isProbe: false };
  }

  leave(): void {
    // The probe was interrupted before it found out anything, so the next delivery may be one.
    if (this.#down?.nextTryAt === Infinity) this.#down.nextTryAt = Date.now();
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free++;
    } else {
      this.#waiting.delete(next);
      next.resolve();
    }
  }

  /** Pauses requests, because the target has asked for it. */
  pause(milliseconds: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, Date.now() + milliseconds);
  }

  /** Resolves when the pause is over. */
  async pauseIsOver(signal: AbortSignal): Promise<void> {
    for (let left = this.#pausedUntil - Date.now(); left > 0; left = this.#pausedUntil - Date.now()) {
      await wait(left, undefined, { signal });
    }
    signal.throwIfAborted();
  }

  /** Fails all waiting and new deliveries until the next probe. */
  close(why: string, milliseconds: number): void {
    this.#down = { why, nextTryAt: Date.now() + milliseconds };
    for (const waiter of this.#waiting) waiter.reject(new Undelivered(why));
  }

  open(): void {
    this.#down = null;
  }

  /** Throws if the target has gone down in the meantime. */
  throwIfDown(): void {
    if (this.#down !== null) throw new Undelivered(this.#down.why);
  }

  #probe(down: { why: string; nextTryAt: number }): { isProbe: boolean } {
    if (Date.now() < down.nextTryAt || this.#free === 0) throw new Undelivered(down.why);
    // Other deliveries fail while the probe runs.
    down.nextTryAt = Infinity;
    this.#free--;
    return { isProbe: true };
  }

  async #queue(signal: AbortSignal): Promise<void> {
    const turn = Promise.withResolvers<void>();
    const giveUp = () => turn.reject(signal.reason);
    signal.throwIfAborted();
    signal.addEventListener("abort", giveUp, { once: true });
    this.#waiting.add(turn);
    try {
      await turn.promise;
    } finally {
      this.#waiting.delete(turn);
      signal.removeEventListener("abort", giveUp);
    }
  }
}
