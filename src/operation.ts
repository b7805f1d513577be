/**
 * Everything that is ever written, as one union. Operations are executed in the order in which they were added (but
 * in a run of inserts, events before items). Those of one batch are in one transaction.
 */
import type { Gift, LiveEvent } from "./event.ts";
import type { Live, LiveTotals, TopUser } from "./live.ts";
import type { LiveSession } from "./session.ts";
import type { Step } from "./step.ts";
import type { ViewerChange, ViewerMark } from "./viewer.ts";

/** The values of a new `event_queue` row. */
export interface NewItem {
  id: number;
  serviceId: number;
  liveEventId: number;
  priority: number;
  isAsync: boolean;
  isDiscardable: boolean;
  count: number;
  createdAt: number;
}

/** To what a value of a service belongs: to one session, one live, or (both null) to the service permanently. */
export interface StateOwner {
  sessionId: number | null;
  liveId: number | null;
}

export type Operation =
  /** `streamer`: the room of a database of many; "" in a database of one. */
  | { kind: "open_live"; live: Live; streamer: string }
  /** `eventsFrom`: no event of the session has a lower id. */
  | {
    kind: "open_session";
    session: LiveSession;
    name: string | null;
    eventsFrom: number;
    /** As of `open_live`. */
    streamer: string;
  }
  /** `eventsTo`: no event of the session has a higher id, unless `extend_session` follows. */
  | {
    kind: "close_session";
    id: number;
    status: "completed" | "aborted";
    endedAt: number;
    reason: string;
    eventsTo: number;
  }
  /** An event came after the session was closed, as one that a service emits: extends the session's id range to it. */
  | { kind: "extend_session"; id: number; eventId: number }
  /** `shed`: events shed by the intake, by type, so far. */
  | { kind: "update_shed"; id: number; shed: Record<string, number> }
  /** A live's totals up to event `upTo`, so that the next start adds only later events. */
  | { kind: "save_totals"; liveId: number; upTo: number; totals: LiveTotals }
  /**
   * All open streaks of the session have their last event at or above `eventId`: the next start searches from there.
   */
  | { kind: "save_streaks_from"; sessionId: number; eventId: number }
  | { kind: "insert_event"; event: LiveEvent }
  /** Adds a gift to its giver's totals in the live; `diamonds` and `gifts` are the amounts to add. */
  | { kind: "add_giver"; liveId: number; giver: TopUser }
  /** A gift was seen `count` times at `at` (Unix milliseconds). */
  | { kind: "add_gift"; gift: Gift; count: number; at: number }
  /** Adds to the sums of a viewer. Its `add_viewer_live` follows. */
  | { kind: "add_viewer"; change: ViewerChange }
  | { kind: "add_viewer_live"; change: ViewerChange }
  | { kind: "mark_viewer"; mark: ViewerMark }
  /** A service or a source brought an event with this id; `owner` is "service:SLUG" or "source:NAME". */
  | { kind: "add_known_id"; owner: string; id: string; at: number }
  /** Forgets ids that were last used before this time, at most a thousand at once. */
  | { kind: "forget_known_ids"; before: number }
  /** The streak with this last stored event has closed without an end frame. */
  | { kind: "end_streak"; eventId: number }
  /**
   * "processing": it was handed out on arrival, as the first attempt. "discarded": it was dropped on arrival
   * (`queue_full`).
   */
  | { kind: "insert_item"; row: NewItem; as: "pending" | "processing" | "discarded" }
  | {
    kind: "discard_item";
    serviceId: number;
    id: number;
    reason: "evicted" | "emptied" | "stale";
    at: number;
  }
  /** pending → failed: the item's event cannot be read. */
  | { kind: "set_aside_item"; serviceId: number; id: number; error: string; at: number }
  /** pending → processing; `attempts` is the new count. */
  | { kind: "claim_item"; id: number; attempts: number; startedAt: number }
  /** processing → completed or failed, only if `attempts` still matches. */
  | {
    kind: "finish_item";
    serviceId: number;
    id: number;
    attempts: number;
    status: "completed" | "failed";
    failures: number;
    crashes: number;
    finishedAt: number;
    error: string | null;
  }
  /** processing → pending, only if `attempts` still matches. */
  | {
    kind: "release_item";
    id: number;
    attempts: number;
    failures: number;
    crashes: number;
    notBefore: number | null;
    error: string | null;
  }
  /**
   * failed or discarded → pending, requested by a person: failures and crashes restart at 0, `attempts` continues, so
   * that late answers are still recognized.
   */
  | { kind: "retry_item"; id: number }
  /** A processing item has begun a step, so it is no longer discardable; only if `attempts` still matches. */
  | { kind: "keep_item"; id: number; attempts: number; crashes: number }
  /**
   * Inserts or updates a step of an item that is being processed, only if the item's `attempts` still match. `result`
   * must be JSON; undefined for none.
   */
  | { kind: "save_step"; itemId: number; itemAttempts: number; step: Step; result?: unknown }
  /** After `retry_item`: the item's failed steps have all their tries again. `isFromStart` deletes all its steps. */
  | { kind: "renew_steps"; itemId: number; isFromStart: boolean }
  /** `value` must be JSON; undefined deletes the key. */
  | ({ kind: "set_state"; serviceId: number; key: string; value: unknown } & StateOwner)
  | { kind: "set_config"; key: string; value: string };

/** The part of the writer that is visible to those who add operations. */
export interface OperationLog {
  /** Operations are stored in this order; `onCommitted` runs when this one is stored safely. */
  add(operation: Operation, onCommitted?: () => void): void;
  /** Commits all operations that `work` adds in one transaction, regardless of the batch size. */
  together(work: () => void): void;
  /** Resolves when everything added so far is committed. */
  flush(): Promise<void>;
}
