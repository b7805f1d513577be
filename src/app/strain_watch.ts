/**
 * Watches what keeps events from being stored at once, and tells of it: as it begins to cost something, once a minute
 * while it lasts, and with the sums when it is over. That writing fails, and that it works again, the store tells.
 */
import { type Clock, every } from "../clock.ts";
import type { EventType } from "../event.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { CountsByType } from "../live.ts";
import type { Log } from "../log/log.ts";
import { describeStrain, describeStrainOver, type Strain } from "../strain.ts";

export interface StrainWatchOptions {
  clock: Clock;
  log: Log;
  writer: {
    /** Why nothing can be written just now, as a whole sentence; null where it can. */
    readonly trouble: string | null;
    /** Operations that wait to be written. */
    readonly backlog: number;
  };
}

const latelyMs = 60_000;
const toldEveryMs = 60_000;
/** So long after the last event that was let go it is taken to be over. */
const calmMs = 10_000;

/** From its first trouble, or first event that was let go, until all is well. All moments are by the monotonic clock. */
interface Episode {
  beganAt: number;
  toldAt: number;
  /** Whether it was told that something was let go. */
  hasToldOfLoss: boolean;
  shedAt: number | null;
  inAll: CountsByType;
}

export class StrainWatch implements Lifecycle {
  readonly #options: StrainWatchOptions;
  #episode: Episode | null = null;
  /** What was let go in the last minute: the counts between two ticks, the oldest first. */
  #lately: { at: number; counts: CountsByType }[] = [];
  #sinceTick: CountsByType = {};
  #stopTicking: (() => void) | null = null;
  #hasStopped = false;

  constructor(options: StrainWatchOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#hasStopped) return;
    this.#stopTicking ??= every(this.#options.clock, 1000, () => this.#tick());
  }

  stop(): void {
    this.#hasStopped = true;
    this.#stopTicking?.();
  }

  /** What is true of it at this moment; null where all is well. */
  get sentence(): string | null {
    return describeStrain(this.#strain());
  }

  countShed(type: EventType, count: number): void {
    const now = this.#options.clock.monotonic();
    const episode = this.#episode ??= newEpisode(now);
    episode.shedAt = now;
    add(episode.inAll, { [type]: count });
    add(this.#sinceTick, { [type]: count });
  }

  #tick(): void {
    const now = this.#options.clock.monotonic();
    if (Object.keys(this.#sinceTick).length > 0) this.#lately.push({ at: now, counts: this.#sinceTick });
    this.#sinceTick = {};
    this.#lately = this.#lately.filter(({ at }) => now - at < latelyMs);
    const strain = this.#strain();
    if (strain.trouble !== null) this.#episode ??= newEpisode(now);
    if (this.#episode !== null) this.#tell(strain, this.#episode, now);
  }

  #strain(): Strain {
    const { clock, writer: { trouble, backlog: waiting } } = this.#options;
    const lately: CountsByType = {};
    for (const { counts } of this.#lately) add(lately, counts);
    add(lately, this.#sinceTick);
    const shedAt = this.#episode?.shedAt ?? null;
    const isShedding = shedAt !== null && clock.monotonic() - shedAt < calmMs;
    return { trouble, waiting, isShedding, lately, inAll: { ...this.#episode?.inAll } };
  }

  #tell(strain: Strain, episode: Episode, now: number): void {
    const { log } = this.#options;
    const text = describeStrain(strain);
    if (text === null) {
      this.#episode = null;
      const over = describeStrainOver(episode.inAll, (episode.shedAt ?? now) - episode.beganAt);
      if (over !== null) log.warn(over);
      return;
    }
    const isNews = strain.isShedding && !episode.hasToldOfLoss;
    if (!isNews && now - episode.toldAt < toldEveryMs) return;
    episode.toldAt = now;
    episode.hasToldOfLoss ||= strain.isShedding;
    log.warn(text);
  }
}

function newEpisode(now: number): Episode {
  return { beganAt: now, toldAt: now, hasToldOfLoss: false, shedAt: null, inAll: {} };
}

function add(sum: CountsByType, counts: CountsByType): void {
  for (const [type, count] of Object.entries(counts) as [EventType, number][]) {
    sum[type] = (sum[type] ?? 0) + count;
  }
}
