import type { Clock } from "../../src/clock.ts";

interface Timer {
  dueAt: number;
  run: () => void;
}

/** Time that moves only when told to. Timers run in the order of their moments, equal ones as they were set. */
export class FakeClock implements Clock {
  #nowMs: number;
  readonly #timers = new Set<Timer>();

  constructor(startMs = 1_700_000_000_000) {
    this.#nowMs = startMs;
  }

  /** Timers not yet run or cancelled. */
  get timerCount(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { dueAt: this.#nowMs + Math.max(0, delayMs), run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Runs every timer due within `ms`, also those that a timer sets, each at its own moment. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let next = this.#next(); next !== null && next.dueAt <= endMs; next = this.#next()) {
      this.#fire(next);
    }
    this.#nowMs = endMs;
  }

  /** Moves on to the next timer and runs it; false where none is set. */
  advanceToNext(): boolean {
    const next = this.#next();
    if (next === null) return false;
    this.#fire(next);
    return true;
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    this.#nowMs = Math.max(this.#nowMs, timer.dueAt);
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
