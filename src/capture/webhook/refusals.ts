/** Counts what was refused, and tells of it: the first at once, all further ones of its kind once a minute. */
import type { Clock } from "../../clock.ts";
import type { Log } from "../../log/log.ts";
import type { Refusal } from "./provider.ts";

const intervalMs = 60_000;

interface Kind {
  toldAt: number;
  /** Since then. */
  untold: number;
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

  /** All of this run. */
  get count(): number {
    return this.#count;
  }

  /** True where it was told, so that the count is worth showing anew. */
  add(provider: string, { status, message }: Refusal): boolean {
    this.#count++;
    const key = `${provider} ${status}`;
    const now = this.#clock.monotonic();
    const kind = this.#kinds.get(key);
    if (kind !== undefined && now - kind.toldAt < intervalMs) {
      kind.untold++;
      return false;
    }
    const more = kind === undefined || kind.untold === 0 ? "" : ` (${kind.untold} more before it)`;
    this.#kinds.set(key, { toldAt: now, untold: 0 });
    this.#log.warn(`A request to /${provider} was refused${more}: ${message}`);
    return true;
  }

  /** Tells what is not told yet. */
  close(): void {
    for (const [key, { untold }] of this.#kinds) {
      if (untold === 0) continue;
      const [provider, status] = key.split(" ");
      this.#log.warn(`Further requests to /${provider} that were refused with ${status}: ${untold}`);
    }
    this.#kinds.clear();
  }
}
