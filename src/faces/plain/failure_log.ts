/**
 * What is said of the items that failed. While a program is away that a service needs, all its items fail for one
 * reason: that is a warning once a minute, so that it buries no other line; the counts and the database have them all.
 */
import type { Clock } from "../../clock.ts";
import { describeEvent } from "../../describe.ts";
import type { Log } from "../../log/log.ts";
import type { QueuedItem } from "../../item.ts";
import { describeCount } from "./plain_log.ts";

const againMs = 60_000;

export class FailureLog {
  readonly #log: Log;
  readonly #clock: Clock;
  /** When a service's reason was last a warning, by the monotonic clock. */
  readonly #warnedAt = new Map<string, number>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** `isCrash`: the service went down with the item, which is told of the service. */
  tell(slug: string, item: QueuedItem, { error, isCrash }: { error: string | null; isCrash: boolean }): void {
    const why = isCrash ? `it brought the service down ${describeCount(item.crashes, "time")}` : error;
    const what = `item ${item.id} (${describeEvent(item.event)}) failed${why ? `: ${why}` : ""}`;
    const isNews = this.#isNews(`${slug}: ${why}`);
    this.#log.named(slug)[isNews ? "warn" : "debug"](what);
  }

  #isNews(reason: string): boolean {
    const now = this.#clock.monotonic();
    for (const [old, at] of this.#warnedAt) if (now - at >= againMs) this.#warnedAt.delete(old);
    if (this.#warnedAt.has(reason)) return false;
    this.#warnedAt.set(reason, now);
    return true;
  }
}
