/** What the page gets from the service. Times of readings are Unix milliseconds by the clock of their source. */

/** Pages of another version reload themselves. */
export const messagesVersion = 1;

export interface Messages extends Record<string, unknown> {
  hello: { version: number; title: string; now: number };
  /** Readings that are newer than those sent before. */
  readings: { now: number; readings: NewReading[] };
  detection: ShownDetection;
}

/** The channel's key, the time, and the value. */
export type NewReading = [key: string, at: number, value: number];

export interface ShownChannel {
  /** "SOURCE:ITEM" */
  key: string;
  source: string;
  item: string;
  name: string;
  unit: string;
  /** The newest reading. */
  at: number;
  value: number;
}

export interface ShownChart {
  /** "" for the names of its channels. */
  title: string;
  /** Keys of channels. */
  channels: string[];
  /** How many more channels its names stand for. */
  more: number;
  gapMs: number;
}

/** The answer to GET /channels. */
export interface Overview {
  /** The service's own clock, in Unix milliseconds. */
  now: number;
  channels: ShownChannel[];
  charts: ShownChart[];
  /** For charts that somebody adds on the page. */
  gapMs: number;
}

/** The answer to GET /series: columns in order of time. */
export interface ShownSeries {
  /** The time that a point stands for, at least; 0: each point is one reading. */
  stepMs: number;
  at: number[];
  mean: number[];
  low: number[];
  high: number[];
}

export interface ShownDetection {
  id: number;
  /** The key of a channel. */
  channel: string;
  name: string;
  confidence: number;
  text: string;
  from: number;
  to: number;
}
