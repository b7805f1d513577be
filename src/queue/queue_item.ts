import type { LiveEvent } from "../event.ts";

/** Why an item was discarded. */
export type DiscardReason = "evicted" | "queue_full" | "emptied" | "stale";

export type QueueItemStatus = "pending" | "processing" | "completed" | "failed" | "discarded";

/** One event waiting for, or handled by, one service. Priority, mode and discardability are the subscription's when it was queued. */
export interface QueueItem {
  /** `event_queue.id`: the lower, the older, also after a restart or a retry. */
  readonly id: number;
  readonly serviceId: number;
  readonly event: LiveEvent;
  /** 1 to 10, 10 first. */
  readonly priority: number;
  readonly isAsync: boolean;
  readonly isDiscardable: boolean;
  /** How many gifts or likes it stands for: what its event adds, or the whole of a streak that has closed; else 1. */
  readonly count: number;
  /** Hand-outs so far; the fence against late answers. */
  attempts: number;
  /** False, throws and timeouts so far. */
  failures: number;
  /** Deaths of the worker or process while it was in it. */
  crashes: number;
  /** A retry's earliest moment, Unix milliseconds. */
  notBefore: number | null;
}
