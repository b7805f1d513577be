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
  #lastPongAt: number | null = null;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#ping();
    this.#cancel = every(options.clock, intervalMs, () => this.#tick());
  }

  /** By the monotonic clock; null before the first. */
  get lastPongAt(): number | null {
    return this.#lastPongAt;
  }

  /** Whether it has let more than the latest ping go without an answer. */
  get isLate(): boolean {
    return this.#unansweredCount > 1;
  }

  receivePong(): void {
    this.#lastPongAt = this.#options.clock.monotonic();
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
    if (this.#lastPongAt !== null && this.#unansweredCount >= unansweredLimit) {
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
