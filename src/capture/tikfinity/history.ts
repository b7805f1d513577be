/**
 * Tells what happened before Livecue was connected: TikFinity hands on what TikTok repeats whenever it connects anew.
 *
 * The times of messages are TikTok's, and nobody tells how far this computer's clock is from them. It is trusted until
 * messages show otherwise: one from the future shows a clock that is behind; where for a minute all that comes
 * seems to be old, the clock is ahead.
 */
import type { Clock } from "../../clock.ts";

const marginMs = 10_000;
const doubtMs = 60_000;

export class History {
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #startedAtMonotonic: number;
  /** How far this computer's clock is ahead of TikTok's, as far as messages have shown. */
  #leadMs = 0;
  /** Since when, by the monotonic clock, all messages have seemed old; null where the last one did not. */
  #oldSince: number | null = null;
  #leastAgeMs = Infinity;

  /** To be made when the connection is. */
  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#startedAtMonotonic = clock.monotonic();
  }

  /** How far this computer's clock is ahead of TikTok's; negative where it is behind. */
  get leadMs(): number {
    return this.#leadMs;
  }

  /** `createdAt`: Unix milliseconds by TikTok's clock, null where the message has no time. For each message, as it comes. */
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
