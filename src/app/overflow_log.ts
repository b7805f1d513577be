/**
 * Logs how many items a full queue discards, by type: one second after the first, then once per minute while it
 * discards more.
 */
import type { Clock } from "../clock.ts";
import { describeCounts } from "../describe.ts";
import type { QueuedItem } from "../item.ts";
import { formatNumber, t } from "../language.ts";
import type { Log } from "../log/log.ts";

const firstMs = 1_000;
const repeatMs = 60_000;

/** The log of one service. */
export class OverflowLog {
  readonly #clock: Clock;
  readonly #log: Log;
  /** Not logged yet. */
  #counts: Record<string, number> = {};
  #cancel: (() => void) | null = null;
  /** By the monotonic clock. */
  #reportedAt = -Infinity;
  #isStopped = false;

  /** `log` is the service's log. */
  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** `bound` is the size of the queue. */
  count({ event: { type } }: QueuedItem, bound: number): void {
    this.#counts[type] = (this.#counts[type] ?? 0) + 1;
    if (this.#cancel !== null || this.#isStopped) return;
    const waitMs = Math.max(firstMs, this.#reportedAt + repeatMs - this.#clock.monotonic());
    this.#cancel = this.#clock.after(waitMs, () => this.#report(bound));
  }

  /** Logs the counts that are not logged yet. Later items are only in the totals at the end of the run. */
  stop(bound: number): void {
    this.#isStopped = true;
    if (this.#cancel === null) return;
    this.#cancel();
    this.#report(bound);
  }

  #report(bound: number): void {
    const counts = describeCounts(this.#counts);
    this.#counts = {};
    this.#cancel = null;
    this.#reportedAt = this.#clock.monotonic();
    const size = formatNumber(bound);
    this.#log.warn(
      t`its queue was full (${size} waiting): ${counts} discarded. They stay in the database, and you can put them back`,
    );
  }
}
