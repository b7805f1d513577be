/** A queue item: one event waiting for, or handled by, one service. */
import type { LiveEvent } from "./event.ts";
import type { Failure } from "./failure.ts";

export type ItemStatus = "pending" | "processing" | "completed" | "failed" | "discarded";

/** Why an item was discarded. */
export type DiscardReason = "evicted" | "queue_full" | "emptied" | "stale";

/** An item in its service's queue. Priority, mode and discardability are the subscription's when it was queued. */
export interface QueuedItem {
  /** `event_queue.id`: the lower, the older, also after a restart or a retry. */
  readonly id: number;
  readonly serviceId: number;
  readonly event: LiveEvent;
  /** 1 to 10, 10 first. */
  readonly priority: number;
  readonly isAsync: boolean;
  readonly isDiscardable: boolean;
  /** What it stands for: how many gifts, likes or given subscriptions; else 1. */
  readonly count: number;
  /** Hand-outs so far; the fence against late answers. */
  attempts: number;
  /** False, throws and timeouts so far. */
  failures: number;
  /** Deaths of the worker or process while it was in it. */
  crashes: number;
  /** A retry's earliest moment, Unix milliseconds. */
  notBefore: number | null;
  /** When it was queued in this run, by the monotonic clock; null or left out where it came out of the database. */
  queuedAt?: number | null;
}

/** An item as it is stored, with all that happened to it. Times are Unix milliseconds. */
export interface StoredItem extends QueuedItem {
  serviceSlug: string;
  status: ItemStatus;
  createdAt: number;
  startedAt: number | null;
  finishedAt: number | null;
  /** What the last hand-out that failed said, with its place below. */
  error: string | null;
  discardReason: DiscardReason | null;
}

/** The items that a question was about: so many of those up to this one, as there were at that moment. */
export interface ItemsAsked {
  count: number;
  upToId: number;
}

/** What a service may know of its item. */
export interface ItemView {
  id: number;
  priority: number;
  isAsync: boolean;
  count: number;
  /** 1 on the first hand-out. */
  attempt: number;
  /** The user's first event of this type in the live: of a first streak, the item with which it begins. */
  isFirstOfUser: boolean;
}

/** An event that a service makes. */
export interface Emission {
  /** One of the service's `emits`. */
  type: string;
  data: Record<string, unknown>;
  /** An event of this id is emitted once in 24 h; null: each time. */
  id: string | null;
}

/**
 * How a hand-out ended.
 * - completed: `emitted` is stored and dispatched with the completion.
 * - failed: false, a throw, a timeout or a wrong answer; counts a failure.
 * - crashed: the worker died while the item was in it; counts a crash.
 * - released: cut off through no fault of its own (an orderly stop, a neighbor's replacement); counts nothing.
 */
export type Outcome =
  | { kind: "completed"; emitted: readonly Emission[] }
  | { kind: "failed"; failure: Failure }
  | { kind: "crashed"; failure: Failure }
  | { kind: "released" };
