/**
 * All that is ever written, one union. Operations are executed in the order in which they were added,
 * those of one batch in one transaction.
 */
import type { LiveEvent } from "../event.ts";

/** The values of a new `event_queue` row. */
export interface ItemRow {
  id: number;
  serviceId: number;
  liveEventId: number;
  priority: number;
  isAsync: boolean;
  isDiscardable: boolean;
  count: number;
  createdAt: number;
}

export type Operation =
  | {
    kind: "open_session";
    id: number;
    username: string;
    name: string | null;
    roomId: string;
    source: string;
    startedAt: number;
  }
  | { kind: "close_session"; id: number; status: "completed" | "aborted"; endedAt: number; reason: string }
  /** `shed`: events let go by the intake, by type, so far. */
  | { kind: "update_shed"; id: number; shed: Record<string, number> }
  | { kind: "insert_event"; event: LiveEvent }
  /** The streak whose last stored event this is has closed without an end frame. */
  | { kind: "end_streak"; eventId: number }
  /** `discardReason` set: the item was dropped on arrival and is stored as discarded. */
  | { kind: "insert_item"; row: ItemRow; discardReason: "queue_full" | null }
  | { kind: "discard_item"; id: number; reason: "evicted" | "emptied" | "stale"; at: number }
  /** pending → processing; `attempts` is the new count. */
  | { kind: "claim_item"; id: number; attempts: number; startedAt: number }
  /** processing → completed or failed, only where `attempts` still matches. */
  | {
    kind: "finish_item";
    id: number;
    attempts: number;
    status: "completed" | "failed";
    failures: number;
    crashes: number;
    finishedAt: number;
    error: string | null;
  }
  /** processing → pending, only where `attempts` still matches. */
  | {
    kind: "release_item";
    id: number;
    attempts: number;
    failures: number;
    crashes: number;
    notBefore: number | null;
    error: string | null;
  }
  /** failed or discarded → pending, by a person's hand: failures and crashes start anew, `attempts` goes on as the fence. */
  | { kind: "retry_item"; id: number }
  /** `sessionId` null: the service's own scope. `value` undefined deletes. Values are JSON. */
  | { kind: "set_state"; serviceId: number; sessionId: number | null; key: string; value: unknown }
  | { kind: "set_config"; key: string; value: string };
