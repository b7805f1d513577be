/**
 * The main thread's time for what services say by themselves: a share of it for all of them together, in which those
 * that have something waiting take turns, a message each. Half of the share is whoever's turn it is; the other half is
 * divided, and each has its part for itself. So many that say too much take no more than one does, and whoever says
 * little does not wait for those that say much.
 */
import type { Clock } from "../clock.ts";

/** Who has messages waiting. */
export interface Sayer {
  /** Deals with one message; returns whether more wait. */
  dealWithNext(): boolean;
}

/** Of the main thread's time: for all, and divided. */
const share = 0.1;
/** So much of each may be used in one go. */
const burstMs = 4;
const ownBurstMs = 1;

/** What a message takes beside this, as measured: to get here, its answer, and what is written later for it. */
const carriedMs = 0.02;

/** A clock is of one thread. */
const timeByClock = new WeakMap<Clock, SayingTime>();

/** Time that comes in as it passes, up to a burst. */
class Budget {
  readonly #burstMs: number;
  /** Under 0 where something took longer. */
  #leftMs: number;
  #filledAt: number;

  constructor(burstMs: number, now: number) {
    this.#burstMs = this.#leftMs = burstMs;
    this.#filledAt = now;
  }

  fill(now: number, part: number): number {
    this.#leftMs = Math.min(this.#burstMs, this.#leftMs + (now - this.#filledAt) * part);
    this.#filledAt = now;
    return this.#leftMs;
  }

  take(ms: number): void {
    this.#leftMs -= ms;
  }

  /** Until half a burst is there. */
  restMs(part: number): number {
    return (this.#burstMs / 2 - this.#leftMs) / part;
  }
}

export class SayingTime {
  readonly #clock: Clock;
  readonly #line = new Set<Sayer>();
  readonly #common: Budget;
  /** Of each that has said something, and has not left. */
  readonly #own = new Map<Sayer, Budget>();
  /** What the message that is dealt with took before. */
  #spentMs = 0;
  #cancelRest: (() => void) | null = null;

  private constructor(clock: Clock) {
    this.#clock = clock;
    this.#common = new Budget(burstMs, clock.monotonic());
  }

  static of(clock: Clock): SayingTime {
    const time = timeByClock.get(clock) ?? new SayingTime(clock);
    timeByClock.set(clock, time);
    return time;
  }

  /** Has its messages dealt with, at once where there is time. */
  enter(sayer: Sayer): void {
    if (this.#line.has(sayer)) return;
    this.#line.add(sayer);
    this.#goOn();
  }

  /** It has nothing to say any more. */
  leave(sayer: Sayer): void {
    this.#line.delete(sayer);
    this.#own.delete(sayer);
    if (this.#line.size === 0) this.#endRest();
  }

  /** While a message is dealt with: it took so much before. */
  spend(ms: number): void {
    this.#spentMs += ms;
  }

  #goOn(): void {
    this.#endRest();
    let now = this.#clock.monotonic();
    // A sayer that comes again behind those that wait is met again in this loop.
    for (const sayer of this.#line) {
      const budget = this.#budgetOf(sayer, now);
      if (budget === null) continue;
      this.#line.delete(sayer);
      const begin = now;
      this.#spentMs = carriedMs;
      if (sayer.dealWithNext()) this.#line.add(sayer);
      now = this.#clock.monotonic();
      budget.take(now - begin + this.#spentMs);
    }
    if (this.#line.size > 0) this.#cancelRest = this.#clock.after(this.#restMs(), () => this.#goOn());
  }

  /** What its next message is taken from; null where that has to wait. */
  #budgetOf(sayer: Sayer, now: number): Budget | null {
    let own = this.#own.get(sayer);
    if (own === undefined) this.#own.set(sayer, own = new Budget(ownBurstMs, now));
    const part = share / this.#own.size;
    if (this.#common.fill(now, share) > 0) return this.#common;
    return own.fill(now, part) > 0 ? own : null;
  }

  #restMs(): number {
    const part = share / this.#own.size;
    const own = [...this.#line].map((sayer) => this.#own.get(sayer)?.restMs(part) ?? 0);
    return Math.max(1, Math.min(this.#common.restMs(share), ...own));
  }

  #endRest(): void {
    this.#cancelRest?.();
    this.#cancelRest = null;
  }
}
