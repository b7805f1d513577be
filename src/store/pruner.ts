/** Deletes old sessions from a database. */

export interface PruneOptions {
  /** Sessions that ended before this time are deleted; Unix milliseconds. */
  before: number;
  /** The last session of each source stays: a running Livecue may refer to it. */
  keepsLast: boolean;
}

/** What a pruning deletes. */
export interface PruneCounts {
  sessions: number;
  events: number;
  items: number;
  /** Old sessions that stay, because items of theirs are not done. */
  keptSessions: number;
}

export interface Pace {
  /** Milliseconds that a step should take. */
  stepMs: number;
  /** The most events of a step. */
  mostEvents: number;
}

export interface Pruner {
  /**
   * Each step of the returned generator deletes a little. Its last value is what was deleted in all. Throws the
   * database's errors; what was deleted before stays deleted, and another call continues.
   */
  prune(options: PruneOptions, pace: Pace): AsyncGenerator<void, PruneCounts>;
  /** Each step gives free space back to the disk, where the database does not do that by itself. */
  shrink(): AsyncGenerator<void>;
  /** Whether `shrink` can give back all of the free space. If not, `rewrite` can. */
  readonly shrinksInSteps: boolean;
  /** Rewrites the database without free space. May take long. */
  rewrite(): void | Promise<void>;
  /**
   * When the newest event of a source happened, by the source's clock; null if there is none among the last events. So
   * a computer's clock that is set wrong does not make everything old.
   */
  newestEventAt(): number | null;
}
