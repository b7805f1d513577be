/**
 * Detects events from before Livecue connected: TikFinity passes on the messages that TikTok repeats at each
 * reconnect.
 *
 * Messages have TikTok's times, and the difference to this computer's clock is unknown. The clock is trusted until
 * messages show otherwise: a message from the future shows that the clock is behind. If all messages of a minute seem
 * old, the clock is ahead.
 */
import type { Clock } from "../../clock.ts";

const marginMs = 10_000;
const doubtMs = 60_000;

export class History {
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #startedAtMonotonic: number;
  /** How far this computer's clock is ahead of TikTok's, according to the messages so far. */
  #leadMs = 0;
  /** Since when all messages have seemed old, by the monotonic clock; null if the last one did not. */
  #oldSince: number | null = null;
  #leastAgeMs = Infinity;

  /** Create it when the connection opens. */
  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#startedAtMonotonic = clock.monotonic();
  }

  /** How far this computer's clock is ahead of TikTok's; negative if it is behind. */
  get leadMs(): number {
    return this.#leadMs;
  }

  /**
   * Whether a message is history. Call it for each message on arrival. `createdAt`: Unix milliseconds by TikTok's
   * clock; null if the message has no time.
   */
  has(createdAt: number | null): boolean {
    if (createdAt === null) return false;
    const now = this.#clock.monotonic();
    const ageMs = this.#startedAt + now - this.#startedAtMonotonic - createdAt;
    this.#leadMs = Math.min(this.#leadMs, ageMs);
    if (this.#isNew(createdAt)) {
      this.#oldSince = null;
      this.#leastAgeMs = Infinity;
      return false;
    }
    this.#oldSince ??= now;
    this.#leastAgeMs = Math.min(this.#leastAgeMs, ageMs);
    if (now - this.#oldSince < doubtMs) return true;
    this.#leadMs = this.#leastAgeMs;
    return !this.#isNew(createdAt);
  }

  #isNew(createdAt: number): boolean {
    return createdAt + this.#leadMs >= this.#startedAt - marginMs;
  }
}
