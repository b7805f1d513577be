/** What `ServiceQueue.empty` returns, and what it keeps until the rows are discarded. */

/** The items that `empty` removed. */
export interface Emptied {
  count: number;
  /** Ids to discard, oldest first. Each step reads at most two hundred. A stop may leave the rest pending. */
  chunks: Iterable<readonly number[]>;
}

/** One call of `empty`, until its rows are discarded. */
export interface Emptying {
  /** Later items have this id or a higher one. */
  beforeId: number;
}
