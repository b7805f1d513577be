/** A queue item: one event that waits for, or was handled by, one service. */
import type { LiveEvent } from "./event.ts";
import type { Failure } from "./failure.ts";
import { msg } from "./language.ts";
import type { ViewerNumbers } from "./viewer.ts";

export type ItemStatus = "pending" | "processing" | "completed" | "failed" | "discarded";

/** For people. */
export const itemStatusWords: Readonly<Record<ItemStatus, string>> = {
  pending: msg("pending"),
  processing: msg("processing"),
  completed: msg("completed"),
  failed: msg("failed"),
  discarded: msg("discarded"),
};

/** Why an item was discarded. */
export type DiscardReason = "evicted" | "queue_full" | "emptied" | "stale";

/** For people. */
export const discardReasonWords: Readonly<Record<DiscardReason, string>> = {
  evicted: msg("evicted"),
  queue_full: msg("queue_full"),
  emptied: msg("emptied"),
  stale: msg("stale"),
};

/**
 * An item in its service's queue. It keeps the priority, mode and discardability that its subscription had when it
 * was queued.
 */
export interface QueuedItem {
  /** `event_queue.id`. Lower ids are older, even after a restart or a retry. */
  readonly id: number;
  readonly serviceId: number;
  readonly event: LiveEvent;
  /** 1 to 10, 10 first. */
  readonly priority: number;
  readonly isAsync: boolean;
  /** No longer, once it has begun a step. */
  isDiscardable: boolean;
  /** How many gifts, likes or gifted subscriptions it stands for; otherwise 1. */
  readonly count: number;
  /** Hand-outs so far. Late answers to an earlier hand-out are recognized by this number. */
  attempts: number;
  /** How often it returned false, threw or timed out. */
  failures: number;
  /** How often the worker or process crashed while it handled the item. */
  crashes: number;
  /** The earliest time of a retry, Unix milliseconds. */
  notBefore: number | null;
  /** When it was queued in this run, by the monotonic clock; null or absent if it came from the database. */
  queuedAt?: number | null;
}

/** A stored item, with its history. Times are Unix milliseconds. */
export interface StoredItem extends QueuedItem {
  serviceSlug: string;
  status: ItemStatus;
  createdAt: number;
  startedAt: number | null;
  finishedAt: number | null;
  /** The error of the last failed hand-out, with the stack below. */
  error: string | null;
  discardReason: DiscardReason | null;
}

/** The items that the user was asked about: their number at that moment, and their highest id. */
export interface ItemsAsked {
  count: number;
  upToId: number;
}

/** The parts of an item that its service can see. */
export interface ItemView {
  id: number;
  priority: number;
  isAsync: boolean;
  count: number;
  /** 1 on the first hand-out. */
  attempt: number;
  /** The user's first event of this type in the live; for a first streak, the item that starts it. */
  isFirstOfUser: boolean;
  /** The numbers of the event's viewer when the item was handed out. */
  viewer: ViewerNumbers;
  /** In a traced run: the trace that the service's code continues, as a `traceparent` of W3C Trace Context. */
  trace?: string;
}

/** An event that a service emits. */
export interface Emission {
  /** One of the service's `emits`. */
  type: string;
  data: Record<string, unknown>;
  /** An event with this id is emitted once in 24 h; null: every time. */
  id: string | null;
  /** Whether the emitting service gets the event too, if it subscribes to the type. */
  toSelf: boolean;
}

/**
 * How a hand-out ended.
 * - completed: `emitted` is stored and dispatched with the completion.
 * - failed: it returned false, threw, timed out or gave an invalid answer; counts as a failure.
 * - crashed: the worker crashed while it handled the item; counts as a crash.
 * - released: interrupted through no fault of its own (an orderly stop, or a worker replaced because of another
 *   item); counts as nothing.
 * - waiting: a step of it waits for long, so it gives its place back until the step is due; counts as nothing.
 */
export type Outcome =
  | { kind: "completed"; emitted: readonly Emission[] }
  | { kind: "failed"; failure: Failure }
  | { kind: "crashed"; failure: Failure }
  | { kind: "released" }
  | { kind: "waiting" };
