/**
 * Tells a worker that is dead or stuck from one that is busy: it has to answer pings, or to say anything else. Only
 * seconds in which this thread was there to hear it count.
 */
import { type Clock, limitEvery } from "../clock.ts";

export interface HeartbeatOptions {
  clock: Clock;
  ping(): void;
  /** Called once, when it has not answered for so long. */
  onLost(seconds: number): void;
}

const intervalMs = 1000;
/** Pings without an answer, of a worker that says nothing else. */
const silentLimit = 5;
/** The same of one that does: its answers may wait behind thousands of messages, or it is in a loop that sends them. */
const unansweredLimit = 30;

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #cancel: () => void;
  /** Pings since the last answer. */
  #unansweredCount = 0;
  /** Pings since it last said anything. */
  #silentCount = 0;
  #hasTickedThisTurn = false;
  /** By the wall clock, for display, and by the monotonic one. */
  #lastPongAt: number | null = null;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#ping();
    this.#cancel = limitEvery(options.clock, intervalMs, () => this.#tick());
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
    this.#silentCount = 0;
  }

  /** It said something. */
  receiveSign(): void {
    this.#silentCount = 0;
  }

  stop(): void {
    this.#cancel();
  }

  #tick(): void {
    // Ticks that come at once count as one: an answer may be waiting.
    if (this.#hasTickedThisTurn) return;
    this.#hasTickedThisTurn = true;
    queueMicrotask(() => this.#hasTickedThisTurn = false);
    // Before its first answer a worker is still being loaded, for which it has its own limit.
    const isLost = this.#silentCount >= silentLimit || this.#unansweredCount >= unansweredLimit;
    if (this.#lastPongAt !== null && isLost) {
      this.stop();
      this.#options.onLost((this.#unansweredCount * intervalMs) / 1000);
    } else {
      this.#ping();
    }
  }

  #ping(): void {
    this.#unansweredCount++;
    this.#silentCount++;
    this.#options.ping();
  }
}
