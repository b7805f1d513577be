/** What a runner needs from the rest: its work, and somewhere to report to. The app implements it over the queue and the store. */
import type { LiveEvent } from "../event.ts";
import type { Emission, ItemView, Outcome } from "../item.ts";
import type { LiveTotals, TopUser } from "../live.ts";
import type { Pane } from "../pane.ts";

/** A claimed and committed item, ready to be posted to the worker. */
export interface Work {
  item: ItemView;
  event: LiveEvent;
}

/** How a hand-out ended. */
export interface SettledItem {
  itemId: number;
  outcome: Outcome;
  /** How long the worker was at it, in milliseconds, without its wait for its turn there. */
  runMs: number;
}

/** "session" and "live" are emptied with each new one, "service" stays for good and is of no live. */
export type StateScope = "session" | "live" | "service";

/**
 * Which live a service means: that of the item it is handling, or that of a source. `source` null: of the only
 * one there is.
 */
export type LiveChoice = { itemId: number } | { source: string | null };

export interface Feed {
  /** Async items that may run at once; it may change at any time. */
  readonly maxConcurrency: number;
  /** Claims what may be taken now under the queue's rules; `next` gives it once that is committed. */
  claim(): void;
  /** The next claimed item that may be posted now, or null. Each item given must be settled exactly once. */
  next(): Work | null;
  /** What is emitted has been checked: declared types, and JSON. All of it is stored in one transaction. */
  settle(items: readonly SettledItem[]): void;
  /**
   * Stored by itself, whatever becomes of an item: one that is named is what caused it. Resolves when the event is
   * committed, or was already within 24 h. Rejects with a sentence for the author.
   */
  emit(emission: Emission, choice: LiveChoice): Promise<void>;
  getState(scope: StateScope, key: string, choice: LiveChoice): unknown;
  /** Resolves when the value is committed; undefined forgets the key. */
  setState(scope: StateScope, key: string, value: unknown, choice: LiveChoice): Promise<void>;
  totals(choice: LiveChoice): LiveTotals;
  top(count: number, choice: LiveChoice): TopUser[];
  /** Cleaned and bounded; without lines it goes, as all do when the worker ends. */
  show(pane: Pane): void;
}
