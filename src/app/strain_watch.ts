/**
 * Watches for events that cannot be stored at once, and logs it: when the first events are lost, once per minute while
 * it lasts, and with the totals when it is over. The store itself logs when writing fails and when it works again.
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
    /** Why nothing can be written now, as a whole sentence; null if writing works. */
    readonly trouble: string | null;
    /** The number of operations that wait to be written. */
    readonly backlog: number;
  };
  sources: {
    /** What has been shed so far. */
    shed(): CountsByType;
  };
}

const recentMs = 60_000;
const reportEveryMs = 60_000;
/** How long after the last shed event an episode counts as over. */
const calmMs = 10_000;

/** The time from the first trouble or the first shed event until everything works. Times are by the monotonic clock. */
interface Episode {
  startedAt: number;
  reportedAt: number;
  /** Whether the log has reported that events were shed. */
  hasReportedLoss: boolean;
  shedAt: number | null;
  /** The counts of shed events before the episode. */
  before: CountsByType;
}

export class StrainWatch implements Lifecycle {
  readonly #options: StrainWatchOptions;
  #episode: Episode | null = null;
  /** The counts of shed events at each check of the last minute, the oldest first. */
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

  /** The current state as a sentence; null if everything works. */
  get sentence(): string | null {
    return describeStrain(this.#look());
  }

  /** Whether nothing can be written now. */
  get isTroubled(): boolean {
    return this.#options.writer.trouble !== null;
  }

  /** The current facts. */
  #look(): Strain {
    const { clock, writer: { trouble, backlog: waiting }, sources } = this.#options;
    const now = clock.monotonic();
    const shed = sources.shed();
    const isMore = total(shed) > total(this.#shed);
    if (isMore || trouble !== null) {
      this.#episode ??= {
        startedAt: now,
        reportedAt: now,
        hasReportedLoss: false,
        shedAt: null,
        before: this.#shed,
      };
    }
    if (isMore && this.#episode !== null) this.#episode.shedAt = now;
    this.#shed = shed;
    // The first entry represents everything before the last minute.
    while (now - (this.#looks[1]?.at ?? now) >= recentMs) this.#looks.shift();
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
    if (this.#episode !== null) this.#report(strain, this.#episode, now);
    this.#looks.push({ at: now, shed: this.#shed });
  }

  #report(strain: Strain, episode: Episode, now: number): void {
    const log = this.#options.log.named("load");
    const text = describeStrain(strain);
    if (text === null) {
      this.#episode = null;
      const over = describeStrainOver(strain.inAll, (episode.shedAt ?? now) - episode.startedAt);
      if (over !== null) log.warn(over);
      return;
    }
    const isNews = strain.isShedding && !episode.hasReportedLoss;
    if (!isNews && now - episode.reportedAt < reportEveryMs) return;
    episode.reportedAt = now;
    episode.hasReportedLoss ||= strain.isShedding;
    log.warn(text);
  }
}

function total(counts: CountsByType): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** The increase since the earlier counts. */
function difference(now: CountsByType, earlier: CountsByType): CountsByType {
  const entries = (Object.entries(now) as [EventType, number][])
    .map(([type, count]) => [type, count - (earlier[type] ?? 0)] as const);
  return Object.fromEntries(entries.filter(([, count]) => count > 0));
}
