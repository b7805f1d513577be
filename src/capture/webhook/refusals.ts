/** Counts and logs refusals: the first of a kind immediately, further ones once a minute. */
import type { Clock } from "../../clock.ts";
import { t } from "../../language.ts";
import type { Log } from "../../log/log.ts";
import type { Refusal } from "./provider.ts";

const intervalMs = 60_000;

interface Kind {
  reportedAt: number;
  /** Refusals since then. */
  unreported: number;
}

export class Refusals {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #kinds = new Map<string, Kind>();
  #count = 0;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** All refusals of this run. */
  get count(): number {
    return this.#count;
  }

  /** True if it was logged, so that the shown count should be updated. */
  add(provider: string, { status, message }: Refusal): boolean {
    this.#count++;
    const key = `${provider} ${status}`;
    const now = this.#clock.monotonic();
    const kind = this.#kinds.get(key);
    if (kind !== undefined && now - kind.reportedAt < intervalMs) {
      kind.unreported++;
      return false;
    }
    const more = kind?.unreported ?? 0;
    this.#kinds.set(key, { reportedAt: now, unreported: 0 });
    this.#log.warn(
      more === 0
        ? t`A request to /${provider} was refused: ${message}`
        : t`A request to /${provider} was refused (and ${more} more before): ${message}`,
    );
    return true;
  }

  /** Logs the refusals that were not logged yet. */
  close(): void {
    for (const [key, { unreported }] of this.#kinds) {
      if (unreported === 0) continue;
      const [provider, status] = key.split(" ");
      this.#log.warn(t`More requests to /${provider} were refused with ${status}: ${unreported}`);
    }
    this.#kinds.clear();
  }
}
