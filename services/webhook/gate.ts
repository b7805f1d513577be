/**
 * What all deliveries to one target pass: so many at a time, first come first served, none while the target
 * has asked for quiet, and none while it is down, but for one now and then that finds out whether it still is.
 */
import { setTimeout as wait } from "node:timers/promises";
import { Undelivered } from "./undelivered.ts";

export class Gate {
  readonly #waiting = new Set<PromiseWithResolvers<void>>();
  #free: number;
  #quietUntil = 0;
  #down: { why: string; nextTryAt: number } | null = null;

  /** `width`: how many may pass at the same time. */
  constructor(width: number) {
    this.#free = width;
  }

  /** Resolves with whether this delivery finds out if the target is still down. Each needs its `leave`. */
  async enter(signal: AbortSignal): Promise<{ isProbe: boolean }> {
    if (this.#down !== null) return this.#probe(this.#down);
    if (this.#free > 0) this.#free--;
    else await this.#queue(signal);
    return { isProbe: false };
  }

  leave(): void {
    // A probe that was cut off has found out nothing: the next delivery may try.
    if (this.#down?.nextTryAt === Infinity) this.#down.nextTryAt = Date.now();
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free++;
    } else {
      this.#waiting.delete(next);
      next.resolve();
    }
  }

  /** The target wants no request for so long. */
  keepQuiet(milliseconds: number): void {
    this.#quietUntil = Math.max(this.#quietUntil, Date.now() + milliseconds);
  }

  /** Resolves when no quiet is asked for. */
  async quietIsOver(signal: AbortSignal): Promise<void> {
    for (let left = this.#quietUntil - Date.now(); left > 0; left = this.#quietUntil - Date.now()) {
      await wait(left, undefined, { signal });
    }
    signal.throwIfAborted();
  }

  /** Turns away all that wait, and all that come, until the next try. */
  close(why: string, milliseconds: number): void {
    this.#down = { why, nextTryAt: Date.now() + milliseconds };
    for (const waiter of this.#waiting) waiter.reject(new Undelivered(why));
  }

  open(): void {
    this.#down = null;
  }

  /** Throws where the target has gone down in the meantime. */
  throwIfDown(): void {
    if (this.#down !== null) throw new Undelivered(this.#down.why);
  }

  #probe(down: { why: string; nextTryAt: number }): { isProbe: boolean } {
    if (Date.now() < down.nextTryAt || this.#free === 0) throw new Undelivered(down.why);
    // Whoever comes while it tries is turned away as before.
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
