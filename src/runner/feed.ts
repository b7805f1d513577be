/**
 * What a runner needs from the rest of Livecue: work, and somewhere to report results. The app implements it
 * on top of the queue and the store.
 */
import type { LiveEvent } from "../event.ts";
import type { Emission, ItemView, Outcome } from "../item.ts";
import type { LiveTotals, TopUser } from "../live.ts";
import type { Pane } from "../pane.ts";
import type { IdleTimes, ReadingAnswer, ReadingQuery, SourceTimes } from "../reading_query.ts";
import type { StepAnswer, StepRequest } from "../step.ts";

/** A claimed and committed item, ready to be posted to the worker. */
export interface Work {
  item: ItemView;
  event: LiveEvent;
}

/** The outcome of an item that was handed out. */
export interface SettledItem {
  itemId: number;
  outcome: Outcome;
  /** How long the worker ran it, in milliseconds, without the time it waited in the worker. */
  runMs: number;
}

/**
 * "session" and "live" state starts empty with each new session or live. "service" state lasts and belongs to
 * no live.
 */
export type StateScope = "session" | "live" | "service";

/**
 * Which live a service means: the live of the item that it is handling, or the live of a source. `source`
 * null means the only open live.
 */
export type LiveChoice = { itemId: number } | { source: string | null };

/** A value of a service's lasting state. */
export interface KeptValue {
  key: string;
  value: unknown;
}

export interface Feed {
  /** How many async items may run at once. It may change at any time. */
  readonly maxConcurrency: number;
  /** Claims the items that the queue's rules allow now. `next` returns them once the claim is committed. */
  claim(): void;
  /** The next claimed item that may be posted now, or null. Settle each returned item exactly once. */
  next(): Work | null;
  /**
   * Stores the outcomes and the emitted events in one transaction. The events have been checked: their types
   * are declared, and their data is JSON.
   */
  settle(items: readonly SettledItem[]): void;
  /**
   * Stores the event by itself, independent of any item's outcome. If `choice` names an item, that item is
   * the event's cause. Resolves when the event is committed, or if it already was within 24 h. Rejects with a
   * sentence for the author. `keep` is stored in the same transaction.
   */
  emit(emission: Emission, choice: LiveChoice, keep?: KeptValue): Promise<void>;
  /** The path of an item's scratch folder is this, followed by the item's id. */
  readonly folderPrefix: string;
  /** The item's folder exists. It is removed when the item has ended for good. */
  useFolder(itemId: number): void;
  /** Of these items, those that have ended for good. */
  endedItems(itemIds: readonly number[]): number[];
  /** Whether a failure of the item now would be its last. */
  willFail(itemId: number): boolean;
  /** Resolves when what the answer says is committed. Rejects with a sentence for the author. */
  step(request: StepRequest): Promise<StepAnswer>;
  /** Rejects with a sentence for the author. */
  readings(query: ReadingQuery): Promise<ReadingAnswer>;
  /**
   * Resolves with the times of all sources, when there is something to do for one of them, or for one that is not in
   * `idle`. A later call replaces it.
   */
  readingNews(idle: IdleTimes): Promise<SourceTimes>;
  /** The value, or a promise of it. */
  getState(scope: StateScope, key: string, choice: LiveChoice): unknown;
  /** Resolves when the value is committed; undefined deletes the key. */
  setState(scope: StateScope, key: string, value: unknown, choice: LiveChoice): Promise<void>;
  totals(choice: LiveChoice): LiveTotals;
  top(count: number, choice: LiveChoice): TopUser[] | Promise<TopUser[]>;
  /**
   * The pane is cleaned and bounded. A pane without lines is removed, as are all panes when the worker ends.
   */
  show(pane: Pane): void;
  /** What keeps the service from its work, as a sentence; null when it is over, or when the worker ends. */
  trouble(text: string | null): void;
}
