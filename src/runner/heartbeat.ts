/** Tells a worker that is dead or stuck from one that is busy: it has to answer pings. */
import { type Clock, every } from "../clock.ts";

export interface HeartbeatOptions {
  clock: Clock;
  ping(): void;
  /** Called once, when as many pings as are allowed were not answered. */
  onLost(): void;
}

const intervalMs = 1000;
const unansweredLimit = 5;

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #cancel: () => void;
  /** Pings since the last answer. */
  #unansweredCount = 0;
  #hasTickedThisTurn = false;
  /** By the wall clock, for display, and by the monotonic one. */
  #lastPong: { at: number; monotonic: number } | null = null;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#ping();
    this.#cancel = every(options.clock, intervalMs, () => this.#tick());
  }

  /** Unix milliseconds; null before the first. */
  get lastPongAt(): number | null {
    return this.#lastPong?.at ?? null;
  }

  /** Milliseconds since the last answer; null before the first. */
  get ageMs(): number | null {
    return this.#lastPong === null ? null : this.#options.clock.monotonic() - this.#lastPong.monotonic;
  }

  /** Whether it has let more than the latest ping go without an answer. */
  get isLate(): boolean {
    return this.#unansweredCount > 1;
  }

  receivePong(): void {
    const { clock } = this.#options;
    this.#lastPong = { at: clock.now(), monotonic: clock.monotonic() };
    this.#unansweredCount = 0;
  }

  stop(): void {
    this.#cancel();
  }

  #tick(): void {
    // Ticks that come at once, after this thread was held up itself, count as one: an answer may be waiting.
    if (this.#hasTickedThisTurn) return;
    this.#hasTickedThisTurn = true;
    queueMicrotask(() => this.#hasTickedThisTurn = false);
    // Before its first answer a worker is still being loaded, for which it has its own limit.
    if (this.#lastPong !== null && this.#unansweredCount >= unansweredLimit) {
      this.stop();
      this.#options.onLost();
    } else {
      this.#ping();
    }
  }

  #ping(): void {
    this.#unansweredCount++;
    this.#options.ping();
  }
}
