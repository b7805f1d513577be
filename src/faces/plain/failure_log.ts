/**
 * Logs failed items. While a program that a service needs is down, all its items fail for the same reason. So each
 * reason is a warning once per minute, and a service has three of them, which leaves room for other lines. Reasons that
 * differ only in who or what the event names are the same. The counts and the database include every item.
 */
import type { Clock } from "../../clock.ts";
import { describeEvent } from "../../describe.ts";
import { counted, noun, t } from "../../language.ts";
import type { Log } from "../../log/log.ts";
import type { QueuedItem } from "../../item.ts";

const againMs = 60_000;
const mostReasons = 3;

export interface FailedEnd {
  error: string | null;
  /** The service crashed with the item. The service's log reports the crash. */
  isCrash: boolean;
  /** A person has blocked the item's viewer. */
  isBlocked?: boolean;
}

export class FailureLog {
  readonly #log: Log;
  readonly #clock: Clock;
  /** When each reason of each service was last logged as a warning, by the monotonic clock. */
  readonly #warnedAt = new Map<string, Map<string, number>>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  log(slug: string, item: QueuedItem, { error, isCrash, isBlocked = false }: FailedEnd): void {
    const why = isCrash ? t`it crashed the service ${counted(item.crashes, noun("time"))}` : error;
    const event = describeEvent(item.event);
    const failed = isBlocked
      ? t`item ${item.id} (${event}) of ${slug} failed`
      : t`item ${item.id} (${event}) failed`;
    const what = failed + (why ? `: ${why}` : "");
    const isNews = this.#isNews(slug, withoutDetails(why ?? "", item));
    this.#log.named(isBlocked ? "viewers" : slug)[isNews ? "warn" : "debug"](what);
  }

  #isNews(slug: string, reason: string): boolean {
    const now = this.#clock.monotonic();
    const warnedAt = this.#warnedAt.get(slug) ?? new Map<string, number>();
    this.#warnedAt.set(slug, warnedAt);
    for (const [old, at] of warnedAt) if (now - at >= againMs) warnedAt.delete(old);
    if (warnedAt.has(reason) || warnedAt.size >= mostReasons) return false;
    warnedAt.set(reason, now);
    return true;
  }
}

/** A reason without its numbers, and without the names and texts of its event. */
function withoutDetails(reason: string, { event: { user, data } }: QueuedItem): string {
  const details = [user.nickname, user.uniqueId, ...Object.values(data)]
    .filter((text): text is string => typeof text === "string" && text.length > 1)
    .sort((one, other) => other.length - one.length);
  return details.reduce((text, detail) => text.replaceAll(detail, "…"), reason).replace(/\d+/g, "#");
}
