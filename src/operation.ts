/**
 * All that is ever written, one union. Operations are executed in the order in which they were added (of inserts in a
 * row, events before items), those of one batch in one transaction.
 */
import type { LiveEvent } from "./event.ts";
import type { Live, LiveTotals, TopUser } from "./live.ts";
import type { LiveSession } from "./session.ts";

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

/** Whose a service's value is: one session's, one live's, or (both null) the service's own for good. */
export interface StateOwner {
  sessionId: number | null;
  liveId: number | null;
}

export type Operation =
  | { kind: "open_live"; live: Live }
  | { kind: "open_session"; session: LiveSession; name: string | null }
  | { kind: "close_session"; id: number; status: "completed" | "aborted"; endedAt: number; reason: string }
  /** An event came to the session after its close, as what a service emits: it is looked for up to there. */
  | { kind: "extend_session"; id: number; eventId: number }
  /** `shed`: events shed by the intake, by type, so far. */
  | { kind: "update_shed"; id: number; shed: Record<string, number> }
  /** A live's sums up to event `upTo`, so that the next start adds up only what came after. */
  | { kind: "save_totals"; liveId: number; upTo: number; totals: LiveTotals }
  /** None of the session's streaks is open whose last event is below `eventId`: where the next start looks for them. */
  | { kind: "save_streaks_from"; sessionId: number; eventId: number }
  | { kind: "insert_event"; event: LiveEvent }
  /** A gift's part in its giver's sums over the live; `diamonds` and `gifts` are what is added. */
  | { kind: "add_giver"; liveId: number; giver: TopUser }
  /** The user's first event of this type in the live; with a streak, all of that streak. */
  /** A service or a source brought an event of this id; `owner` is "service:SLUG" or "source:NAME". */
  | { kind: "add_known_id"; owner: string; id: string; at: number }
  /** Forgets ids last used before this moment, at most a thousand at a time. */
  | { kind: "forget_known_ids"; before: number }
  /** The streak whose last stored event this is has closed without an end frame. */
  | { kind: "end_streak"; eventId: number }
  /** "processing": it was claimed on arrival, as the first attempt. "discarded": it was dropped on arrival (`queue_full`). */
  | { kind: "insert_item"; row: NewItem; as: "pending" | "processing" | "discarded" }
  | { kind: "discard_item"; id: number; reason: "evicted" | "emptied" | "stale"; at: number }
  /** pending → failed: what the item is about cannot be read. */
  | { kind: "set_aside_item"; id: number; error: string; at: number }
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
  /** `value` undefined deletes. Values are JSON. */
  | ({ kind: "set_state"; serviceId: number; key: string; value: unknown } & StateOwner)
  | { kind: "set_config"; key: string; value: string };

/** Where operations are written, as far as those who add them know it. */
export interface OperationLog {
  /** Operations are stored in this order; `onCommitted` runs when this one cannot be lost any more. */
  add(operation: Operation, onCommitted?: () => void): void;
  /** What `work` adds is committed in one transaction, whatever the size of a batch. */
  together(work: () => void): void;
  /** Resolves when all added so far is committed. */
  flush(): Promise<void>;
}
