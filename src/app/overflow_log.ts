/** Tells of what a full queue discards, by type: a second after the first, then once a minute while more is. */
import type { Clock } from "../clock.ts";
import { describeCounts } from "../describe.ts";
import type { QueuedItem } from "../item.ts";
import type { Log } from "../log/log.ts";

const firstMs = 1_000;
const againMs = 60_000;

/** Of one service. */
export class OverflowLog {
  readonly #clock: Clock;
  readonly #log: Log;
  /** Not told yet. */
  #counts: Record<string, number> = {};
  #cancel: (() => void) | null = null;
  /** By the monotonic clock. */
  #toldAt = -Infinity;
  #isStopped = false;

  /** `log`: the service's. */
  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** `bound`: how many items the queue holds. */
  count({ event: { type } }: QueuedItem, bound: number): void {
    this.#counts[type] = (this.#counts[type] ?? 0) + 1;
    if (this.#cancel !== null || this.#isStopped) return;
    const waitMs = Math.max(firstMs, this.#toldAt + againMs - this.#clock.monotonic());
    this.#cancel = this.#clock.after(waitMs, () => this.#tell(bound));
  }

  /** Tells what is not told yet. What still comes is told by the counts at the end of the run alone. */
  stop(bound: number): void {
    this.#isStopped = true;
    if (this.#cancel === null) return;
    this.#cancel();
    this.#tell(bound);
  }

  #tell(bound: number): void {
    const counts = describeCounts(this.#counts);
    this.#counts = {};
    this.#cancel = null;
    this.#toldAt = this.#clock.monotonic();
    const full = `its queue was full (${bound.toLocaleString("en")} waiting)`;
    this.#log.warn(`${full}: ${counts} discarded. They stay in the database, and can be put back`);
  }
}
