import type { EventType } from "./event.ts";

/** How many events of each type; of those that are left out, none. */
export type CountsByType = Partial<Record<EventType, number>>;

/** One broadcast. What is said to be "of the live" is of this, whatever restarts in its midst. A row of `live`. */
export interface Live {
  id: number;
  /** The type of the source that it came by: "tiktok", "webhook", "replay", "demo", … */
  sourceType: string;
  /** "" where its source has no rooms. */
  roomId: string;
  /** The streamer's handle, without the @. */
  username: string;
  title: string;
  /** Unix milliseconds. */
  startedAt: number;
}

/** Sums over a live. Test events, gifts to a guest and messages of another room are in none of them. */
export interface LiveTotals {
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

/** What was captured in a run. */
export interface CaptureCounts {
  sessions: number;
  stored: number;
  repeated: number;
  history: number;
  /** Of kinds that Livecue does not know: stored, as UnknownEvent. */
  unknown: number;
  corrupt: number;
  /** Let go, since more came than could be stored in time. */
  shed: CountsByType;
}

/** A giver of a live. */
export interface TopUser {
  userId: string;
  uniqueId: string;
  nickname: string;
  diamonds: number;
  gifts: number;
}

export function noTotals(): LiveTotals {
  return { diamonds: 0, gifts: 0, likes: 0, comments: 0, follows: 0, shares: 0, subscribes: 0, joins: 0 };
}
