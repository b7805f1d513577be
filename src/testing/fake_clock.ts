import type { Clock } from "../clock.ts";

interface Timer {
  /** By the monotonic clock. */
  dueAt: number;
  run: () => void;
}

/**
 * Time that moves only when the test moves it. Timers run in the order of their moments, and equal ones in the order
 * in which they were set.
 */
export class FakeClock implements Clock {
  /** The wall clock's lead over the monotonic one: changed by hand, as a person or a time server does. */
  #wallLeadMs: number;
  #monotonicMs = 0;
  /** What the monotonic clock did not see. */
  #sleptMs = 0;
  readonly #timers = new Set<Timer>();

  constructor(startMs = 1_700_000_000_000) {
    this.#wallLeadMs = startMs;
  }

  /** Timers not yet run or cancelled. */
  get timerCount(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#wallLeadMs + this.#monotonicMs;
  }

  monotonic(): number {
    return this.#monotonicMs;
  }

  uptime(): number {
    return this.#monotonicMs + this.#sleptMs;
  }

  /** Time passes and nothing runs, as while a process is stopped: what was due meanwhile is run by the next `advance`. */
  stall(ms: number): void {
    this.#monotonicMs += ms;
  }

  /** The computer sleeps, and its monotonic clock stops during the sleep. */
  suspend(ms: number): void {
    this.#wallLeadMs += ms;
    this.#sleptMs += ms;
  }

  /** Sets the wall clock forward, or with a negative number back; no time passes. */
  shiftWall(ms: number): void {
    this.#wallLeadMs += ms;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { dueAt: this.#monotonicMs + Math.max(0, delayMs), run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Runs every timer due within `ms`, also those that a timer sets, each at its own moment. */
  advance(ms: number): void {
    const endMs = this.#monotonicMs + ms;
    for (let next = this.#next(); next !== null && next.dueAt <= endMs; next = this.#next()) {
      this.#fire(next);
    }
    this.#monotonicMs = endMs;
  }

  /** Moves on to the next timer and runs it; false if no timer is set. */
  advanceToNext(): boolean {
    const next = this.#next();
    if (next === null) return false;
    this.#fire(next);
    return true;
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    this.#monotonicMs = Math.max(this.#monotonicMs, timer.dueAt);
    timer.run();
  }

  #next(): Timer | null {
    let first: Timer | null = null;
    for (const timer of this.#timers) {
      if (first === null || timer.dueAt < first.dueAt) first = timer;
    }
    return first;
  }
}
