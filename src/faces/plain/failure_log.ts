/**
 * Logs failed items. While a program that a service needs is down, all its items fail for the same reason. So each
 * reason is a warning once per minute, which leaves room for other lines. The counts and the database include every
 * item.
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
  /** When each service's reason was last logged as a warning, by the monotonic clock. */
  readonly #warnedAt = new Map<string, number>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** `isCrash`: the service crashed with the item. The service's log reports the crash. */
  log(slug: string, item: QueuedItem, { error, isCrash }: { error: string | null; isCrash: boolean }): void {
    const why = isCrash ? `it crashed the service ${describeCount(item.crashes, "time")}` : error;
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
