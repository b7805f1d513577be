/**
 * Limits the main thread's time for the messages that services send unasked to a share of the total. Services with
 * waiting messages take turns, one message each. Half of the share goes to whoever's turn it is; the other half is
 * divided equally, so each service has a part to itself. So many services that send too much take no more time than
 * one, and a service that sends little does not wait for them.
 */
import type { Clock } from "../clock.ts";

/** Something that has messages waiting. */
export interface Sender {
  /** Handles one message. Returns whether more wait. */
  handleNext(): boolean;
}

/** The fraction of the main thread's time for each half: common and divided. */
const share = 0.1;
/** The most of each half that may be used without a pause. */
const burstMs = 4;
const ownBurstMs = 1;

/** The measured cost of a message outside of its handling: its transfer, its answer, and later writes. */
const carriedMs = 0.02;

/** A clock belongs to one thread, so this holds one instance per thread. */
const timeByClock = new WeakMap<Clock, MessageTime>();

/** A token bucket of time: it fills as time passes, up to a burst. */
class Budget {
  readonly #burstMs: number;
  /** Negative after a message that took longer. */
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

  /** Milliseconds until the budget holds half a burst. */
  restMs(part: number): number {
    return (this.#burstMs / 2 - this.#leftMs) / part;
  }
}

export class MessageTime {
  readonly #clock: Clock;
  readonly #line = new Set<Sender>();
  readonly #common: Budget;
  /** The budgets of all senders that have sent something and not left. */
  readonly #own = new Map<Sender, Budget>();
  /** Time already spent on the message that is being handled. */
  #spentMs = 0;
  #cancelRest: (() => void) | null = null;

  private constructor(clock: Clock) {
    this.#clock = clock;
    this.#common = new Budget(burstMs, clock.monotonic());
  }

  static of(clock: Clock): MessageTime {
    const time = timeByClock.get(clock) ?? new MessageTime(clock);
    timeByClock.set(clock, time);
    return time;
  }

  /** Handles its messages, at once if there is time. */
  enter(sender: Sender): void {
    if (this.#line.has(sender)) return;
    this.#line.add(sender);
    this.#continue();
  }

  /** Removes a sender that will send no more messages. */
  leave(sender: Sender): void {
    this.#line.delete(sender);
    this.#own.delete(sender);
    if (this.#line.size === 0) this.#endRest();
  }

  /** Adds time already spent on the message that is being handled. */
  spend(ms: number): void {
    this.#spentMs += ms;
  }

  #continue(): void {
    this.#endRest();
    let now = this.#clock.monotonic();
    // A sender that is added again goes to the end of the set, and this loop reaches it again.
    for (const sender of this.#line) {
      const budget = this.#budgetOf(sender, now);
      if (budget === null) continue;
      this.#line.delete(sender);
      const begin = now;
      this.#spentMs = carriedMs;
      if (sender.handleNext()) this.#line.add(sender);
      now = this.#clock.monotonic();
      budget.take(now - begin + this.#spentMs);
    }
    if (this.#line.size > 0) this.#cancelRest = this.#clock.after(this.#restMs(), () => this.#continue());
  }

  /** The budget that pays for its next message; null if the message has to wait. */
  #budgetOf(sender: Sender, now: number): Budget | null {
    let own = this.#own.get(sender);
    if (own === undefined) this.#own.set(sender, own = new Budget(ownBurstMs, now));
    const part = share / this.#own.size;
    if (this.#common.fill(now, share) > 0) return this.#common;
    return own.fill(now, part) > 0 ? own : null;
  }

  #restMs(): number {
    const part = share / this.#own.size;
    const own = [...this.#line].map((sender) => this.#own.get(sender)?.restMs(part) ?? 0);
    return Math.max(1, Math.min(this.#common.restMs(share), ...own));
  }

  #endRest(): void {
    this.#cancelRest?.();
    this.#cancelRest = null;
  }
}
