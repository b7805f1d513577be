/** What the screen shows of events and past sessions, and what it asks about them. Plain, cloneable data. */
import type { TypeChoice } from "./event_types.ts";

/** One line of the events pane. A streak is one line, with the values of its last event and the time of its first. */
export interface EventLine {
  /** `live_event.id` of the line's last event. */
  id: number;
  /** `live_event.id` of the streak's first known event; otherwise the same. */
  firstId: number;
  /** The time of the streak's first known event. */
  at: number;
  /** One of Livecue's types, or one that a service emits. */
  type: string;
  /** The name of its source. */
  source: string;
  liveId: number;
  /** A test event; the text says so too. */
  isTest: boolean;
  /** For example "🎁 Ana sent Rose ×5"; clean, without line breaks. */
  text: string;
  /** What a gift is worth, its whole streak so far; 0 for all others. */
  diamonds: number;
  streakId: string | null;
}

/** The events that the events pane shows. */
export interface EventsShown {
  /** The past session whose events they are; null: the current lives of the sources. */
  session: number | null;
  /** Null: all sources. */
  source: string | null;
  /** Null: all types. */
  types: TypeChoice | null;
  /** Part of a name or a text; "" for all. */
  text: string;
}

export type EventQuery =
  /** A page of events before an id (null: the latest) or else after one, newest last. */
  | EventsShown & { kind: "events"; before: number | null; after: number | null; limit: number }
  /** Where a line is among the events that are shown. */
  | EventsShown & { kind: "event_place"; firstId: number; id: number }
  /** The next line after `from` whose event has the wanted text, or the previous one; around the end if need be. */
  | EventsShown & { kind: "event_search"; wanted: string; from: number; isForward: boolean }
  /** The first event at a time that a person typed. */
  | EventsShown & { kind: "event_time"; typed: string };

export interface EventsPage {
  kind: "events";
  events: EventLine[];
  /** There are more events in this direction. */
  hasMore: boolean;
}

export interface EventPlace {
  kind: "event_place";
  /** Of the line's first and last event, from 1. */
  first: number;
  last: number;
  /** How many events are shown. */
  count: number;
}

export interface EventHit {
  kind: "event_search";
  /** The first event of the line; null if nothing was found. */
  id: number | null;
  /** Which of the hits it is, from 1. */
  number: number;
  count: number;
}

export interface EventAtTime {
  kind: "event_time";
  /** null if there is none. */
  id: number | null;
  /** A sentence that says how the time was understood, or why there is no event. */
  said: string;
}

export type EventAnswer<Asked extends EventQuery> = Asked extends { kind: "events" } ? EventsPage
  : Asked extends { kind: "event_place" } ? EventPlace
  : Asked extends { kind: "event_search" } ? EventHit
  : EventAtTime;
