import type { EventType } from "./event.ts";

/** Counts of events by type; types without events may be missing. */
export type CountsByType = Partial<Record<EventType, number>>;

/** One broadcast, a row of `live`. It continues over restarts of Livecue. */
export interface Live {
  id: number;
  /** The type of its source: "tiktok", "webhook", "replay", "demo", … */
  sourceType: string;
  /** "" if its source has no rooms. */
  roomId: string;
  /** The streamer's handle, without the @. */
  username: string;
  title: string;
  /** Unix milliseconds. */
  startedAt: number;
}

/** Totals of a live. They exclude test events, gifts to a guest and messages of another room. */
export interface LiveTotals {
  diamonds: number;
  /** The number of gifts; a streak counts as many gifts as it has. */
  gifts: number;
  likes: number;
  comments: number;
  follows: number;
  shares: number;
  subscribes: number;
  joins: number;
}

/** Counts of what was captured in a run. */
export interface CaptureCounts {
  sessions: number;
  stored: number;
  repeated: number;
  history: number;
  /** Messages of unknown types, stored as UnknownEvent. */
  unknown: number;
  corrupt: number;
  /** Events that were shed, because more came than could be stored in time. */
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
