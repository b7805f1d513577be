/**
 * The main thread's time for what services say by themselves: a share of it for all of them together, in which those
 * that have something waiting take turns, a message each. So many that say too much take no more than one does.
 */
import type { Clock } from "../clock.ts";

/** Who has messages waiting. */
export interface Sayer {
  /** Deals with one message; returns whether more wait. */
  dealWithNext(): boolean;
}

/** Of the main thread's time. */
const share = 0.2;
/** So much of it may be used in one go. */
const burstMs = 4;

/** A clock is of one thread. */
const timeByClock = new WeakMap<Clock, SayingTime>();

export class SayingTime {
  readonly #clock: Clock;
  readonly #line = new Set<Sayer>();
  /** Under 0 where something took longer. */
  #leftMs = burstMs;
  #filledAt: number;
  #cancelRest: (() => void) | null = null;

  private constructor(clock: Clock) {
    this.#clock = clock;
    this.#filledAt = clock.monotonic();
  }

  static of(clock: Clock): SayingTime {
    const time = timeByClock.get(clock) ?? new SayingTime(clock);
    timeByClock.set(clock, time);
    return time;
  }

  /** Has its messages dealt with, at once where there is time. */
  enter(sayer: Sayer): void {
    this.#line.add(sayer);
    if (this.#cancelRest === null) this.#goOn();
  }

  /** It has nothing to say any more. */
  leave(sayer: Sayer): void {
    this.#line.delete(sayer);
    if (this.#line.size === 0) this.#endRest();
  }

  #goOn(): void {
    this.#cancelRest = null;
    let now = this.#clock.monotonic();
    this.#leftMs = Math.min(burstMs, this.#leftMs + (now - this.#filledAt) * share);
    // A sayer that comes again behind those that wait is met again in this loop.
    for (const sayer of this.#line) {
      if (this.#leftMs <= 0) break;
      this.#line.delete(sayer);
      const begin = now;
      if (sayer.dealWithNext()) this.#line.add(sayer);
      now = this.#clock.monotonic();
      this.#leftMs -= now - begin;
    }
    this.#filledAt = now;
    if (this.#line.size === 0) return;
    const restMs = (burstMs / 2 - this.#leftMs) / share;
    this.#cancelRest = this.#clock.after(restMs, () => this.#goOn());
  }

  #endRest(): void {
    this.#cancelRest?.();
    this.#cancelRest = null;
  }
}
