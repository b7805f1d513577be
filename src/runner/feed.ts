/** What a runner needs from the rest: its work, and somewhere to report to. The app implements it over the queue and the store. */
import type { LiveEvent } from "../event.ts";

/** What a service may know of a queue item. */
export interface ItemView {
  id: number;
  priority: number;
  isAsync: boolean;
  /** How many gifts or likes it stands for; 1 for other events. */
  count: number;
  /** 1 on the first hand-out. */
  attempt: number;
  /** The user's first event of this type in the session: of a first streak, the item with which it begins. */
  isFirstOfUser: boolean;
}

/** A claimed and committed item, ready to be posted to the worker. */
export interface Work {
  item: ItemView;
  event: LiveEvent;
}

/**
 * How a hand-out ended.
 * - failed: false, a throw, a timeout or a wrong answer; counts a failure. `error` is a sentence, and where the
 *   service threw, the place in its code on the lines below.
 * - crashed: the worker died while the item was in it; counts a crash.
 * - released: cut off through no fault of its own (an orderly stop, a neighbour's replacement); counts nothing.
 */
export type Outcome =
  | { kind: "completed" }
  | { kind: "failed"; error: string }
  | { kind: "crashed"; error: string }
  | { kind: "released" };

/** Sums over the current session. */
export interface SessionTotals {
  diamonds: number;
  /** Gifts counted one by one over their streaks. */
  gifts: number;
  likes: number;
  comments: number;
  follows: number;
  shares: number;
  subscribes: number;
  joins: number;
}

/** A giver, most diamonds first. */
export interface TopUser {
  userId: string;
  uniqueId: string;
  nickname: string;
  diamonds: number;
  gifts: number;
}

export interface Feed {
  /**
   * The next item that may be posted now under the queue's rules (order, sync and async, concurrency),
   * or null. Each item given must be settled exactly once. The runner is woken (`Runner.wake`) when a null may have changed.
   */
  next(): Work | null;
  settle(itemId: number, outcome: Outcome): void;
  /** `scope` session: the current session's; the promise of a set resolves when it is committed. */
  getState(scope: "session" | "service", key: string): unknown;
  setState(scope: "session" | "service", key: string, value: unknown): Promise<void>;
  totals(): SessionTotals;
  top(count: number): TopUser[];
}
