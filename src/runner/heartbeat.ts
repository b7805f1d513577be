/**
 * Detects a worker that is dead or stuck. A busy worker has to answer pings, or to send any other message. Only seconds
 * in which the main thread could receive an answer count.
 */
import { type Clock, limitEvery } from "../clock.ts";

export interface HeartbeatOptions {
  clock: Clock;
  ping(): void;
  /** Called once, when the worker has not answered for this long. */
  onLost(seconds: number): void;
}

/** What a life knows of the heartbeat of its worker. */
export interface Pulse {
  /** By the monotonic clock; null before the first answer. */
  readonly lastPongAt: number | null;
  /** Whether pings before the latest one are unanswered. */
  readonly isLate: boolean;
  /** Memory of the service's code at the last answer; null before the first. */
  readonly heapBytes: number | null;
}

const intervalMs = 1000;
/** Unanswered pings after which a worker that sends nothing else is lost. */
const silentLimit = 5;
/**
 * The same for a worker that sends other messages: its answers may be queued behind thousands of these, or it is in a
 * loop that sends them.
 */
const unansweredLimit = 30;

export class Heartbeat implements Pulse {
  readonly #options: HeartbeatOptions;
  readonly #cancel: () => void;
  /** Pings since the last answer. */
  #unansweredCount = 0;
  /** Pings since the last message of any kind. */
  #silentCount = 0;
  #hasTickedThisTurn = false;
  /** By the monotonic clock; null before the first answer. */
  #lastPongAt: number | null = null;
  #heapBytes: number | null = null;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#ping();
    this.#cancel = limitEvery(options.clock, intervalMs, () => this.#tick());
  }

  get lastPongAt(): number | null {
    return this.#lastPongAt;
  }

  get isLate(): boolean {
    return this.#unansweredCount > 1;
  }

  get heapBytes(): number | null {
    return this.#heapBytes;
  }

  receivePong(heapBytes: number): void {
    this.#heapBytes = heapBytes;
    this.#lastPongAt = this.#options.clock.monotonic();
    this.#unansweredCount = 0;
    this.#silentCount = 0;
  }

  /** The worker sent a message other than an answer to a ping. */
  receiveSign(): void {
    this.#silentCount = 0;
  }

  stop(): void {
    this.#cancel();
  }

  #tick(): void {
    // Ticks in the same turn count as one, because an answer may be waiting to be received.
    if (this.#hasTickedThisTurn) return;
    this.#hasTickedThisTurn = true;
    queueMicrotask(() => this.#hasTickedThisTurn = false);
    // Before its first answer the worker is still loading, which has its own time limit.
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
