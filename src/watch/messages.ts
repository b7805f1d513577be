/**
 * What a watcher and a machine say to one another, as JSON. Both may be of different versions: a machine answers only
 * calls of its own.
 */
import type { Action, ActionResult, Answer, Query, Snapshot } from "../control.ts";
import type { RoomRights } from "../rooms_control.ts";

/** Increase it when a message, a snapshot, an action or a question changes. */
export const protocolVersion = 1;

export type Call =
  /** Begins to watch. `isReadOnly`: the watcher wants no right to act. */
  | { kind: "open"; protocol: number; streamer: string; isReadOnly: boolean }
  /** The watcher is still there. */
  | { kind: "here" }
  | { kind: "ask"; number: number; query: Query }
  | { kind: "act"; number: number; action: Action }
  | { kind: "close" };

export type Reply =
  | { kind: "opened"; rights: RoomRights }
  /** Nothing is watched. `text` says why. */
  | { kind: "refused"; text: string }
  | { kind: "here" }
  | { kind: "snapshot"; snapshot: Snapshot }
  | { kind: "answer"; number: number; answer: Answer }
  /** The question has no answer, as a sentence. */
  | { kind: "no_answer"; number: number; text: string }
  | { kind: "result"; number: number; result: ActionResult }
  /** The machine does not know this watcher, or no longer. */
  | { kind: "unknown" }
  /** The room can be watched no longer. */
  | { kind: "ended"; text: string };

/** A reply of a machine that the database vouches for. null: it is none. */
export function replyIn(body: string): Reply | null {
  try {
    const value = JSON.parse(body);
    return typeof value === "object" && value !== null && typeof value.kind === "string" ? value : null;
  } catch {
    return null;
  }
}
