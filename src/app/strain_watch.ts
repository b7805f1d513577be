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
  sources: {
    /** What was shed up to now. */
    shed(): CountsByType;
  };
}

const latelyMs = 60_000;
const toldEveryMs = 60_000;
/** So long after the last event that was shed it is taken to be over. */
const calmMs = 10_000;

/** From the first trouble, or the first event that was shed, until all is well. Moments are by the monotonic clock. */
interface Episode {
  beganAt: number;
  toldAt: number;
  /** Whether it was told that something was shed. */
  hasToldOfLoss: boolean;
  shedAt: number | null;
  /** All that had been shed before it. */
  before: CountsByType;
}

export class StrainWatch implements Lifecycle {
  readonly #options: StrainWatchOptions;
  #episode: Episode | null = null;
  /** All that had been shed at the looks of the last minute, the oldest first. */
  #looks: { at: number; shed: CountsByType }[] = [];
  #shed: CountsByType = {};
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

  /** What is true at this moment, as a sentence; null where all is well. */
  get sentence(): string | null {
    return describeStrain(this.#look());
  }

  /** Whether nothing can be written just now. */
  get isTroubled(): boolean {
    return this.#options.writer.trouble !== null;
  }

  /** The facts at this moment. */
  #look(): Strain {
    const { clock, writer: { trouble, backlog: waiting }, sources } = this.#options;
    const now = clock.monotonic();
    const shed = sources.shed();
    const isMore = total(shed) > total(this.#shed);
    if (isMore || trouble !== null) {
      this.#episode ??= {
        beganAt: now,
        toldAt: now,
        hasToldOfLoss: false,
        shedAt: null,
        before: this.#shed,
      };
    }
    if (isMore && this.#episode !== null) this.#episode.shedAt = now;
    this.#shed = shed;
    // The first that is left stands for all that was before the last minute.
    while (now - (this.#looks[1]?.at ?? now) >= latelyMs) this.#looks.shift();
    const shedAt = this.#episode?.shedAt ?? null;
    return {
      trouble,
      waiting,
      isShedding: shedAt !== null && now - shedAt < calmMs,
      lately: difference(shed, this.#looks[0]?.shed ?? {}),
      inAll: difference(shed, this.#episode?.before ?? shed),
    };
  }

  #tick(): void {
    const now = this.#options.clock.monotonic();
    const strain = this.#look();
    if (this.#episode !== null) this.#tell(strain, this.#episode, now);
    this.#looks.push({ at: now, shed: this.#shed });
  }

  #tell(strain: Strain, episode: Episode, now: number): void {
    const log = this.#options.log.named("load");
    const text = describeStrain(strain);
    if (text === null) {
      this.#episode = null;
      const over = describeStrainOver(strain.inAll, (episode.shedAt ?? now) - episode.beganAt);
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

function total(counts: CountsByType): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** What came to the earlier counts since. */
function difference(now: CountsByType, earlier: CountsByType): CountsByType {
  const entries = (Object.entries(now) as [EventType, number][])
    .map(([type, count]) => [type, count - (earlier[type] ?? 0)] as const);
  return Object.fromEntries(entries.filter(([, count]) => count > 0));
}
