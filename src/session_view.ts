/** What the screen shows of past sessions, and what it asks about them. Plain, cloneable data. */
import type { ServiceWork } from "./session_report.ts";

/** A session that is over. Times are Unix milliseconds. */
export interface PastSession {
  id: number;
  /** The streamer's handle, without the @; "" if there is none. */
  username: string;
  name: string | null;
  source: string;
  startedAt: number;
  endedAt: number | null;
}

export interface SessionSums {
  /** All that are stored. */
  events: number;
  /** Gifts and diamonds as in its report: without tests, other rooms and gifts to guests. */
  gifts: number;
  diamonds: number;
  /** The most viewers at a time; null if the platform did not say. */
  viewers: number | null;
}

export type SessionQuery =
  /** A page of the sessions that are over, the latest first. */
  | { kind: "sessions"; first: number; limit: number }
  /** The numbers of some: of the first, and of as many of the others as are read quickly. */
  | { kind: "session_sums"; ids: readonly number[] }
  /** What services did with its events. */
  | { kind: "session_work"; id: number };

export interface SessionsPage {
  kind: "sessions";
  count: number;
  lines: PastSession[];
}

export interface SessionSumsFound {
  kind: "session_sums";
  sums: readonly (SessionSums & { id: number })[];
}

export interface SessionWork {
  kind: "session_work";
  services: ServiceWork[];
}

export type SessionAnswer<Asked extends SessionQuery> = Asked extends { kind: "sessions" } ? SessionsPage
  : Asked extends { kind: "session_sums" } ? SessionSumsFound
  : SessionWork;
