/**
 * Questions about stored readings, and their answers. All are plain values that can be sent to a worker. Times are
 * Unix milliseconds, and a span has `from` but not `to`.
 */
import type { Channel, Reading } from "./reading.ts";

/** Identifies a channel. */
export type ChannelKey = Pick<Channel, "source" | "item">;

interface ChannelSpan {
  channel: ChannelKey;
  from: number;
  to: number;
}

export type ReadingQuery =
  | { kind: "channels" }
  /** A number that differs from the one before if anything was stored in between. It costs far less than the others. */
  | { kind: "version" }
  /** The time of each source, by its readings: that of the newest one, unless that one alone is far ahead of the others. */
  | { kind: "times" }
  /** The newest reading of each channel, up to the time of its source. */
  | { kind: "latest" }
  /** A page of the channels by source and item: those whose name, item, unit or source has the text; or a single one. */
  | { kind: "overview"; text: string; first: number; limit: number; channel?: ChannelKey }
  /**
   * The readings of a channel, or the first ones, about `limit`. With `inTime`, without those that came too late for
   * detectors.
   */
  | ChannelSpan & { kind: "window"; limit?: number; inTime?: boolean }
  /** The last reading of a channel before a time, of those that came in time for detectors. */
  | { kind: "before"; channel: ChannelKey; at: number }
  /** Summaries of spans of `stepMs`, which is a multiple of a minute. */
  | ChannelSpan & { kind: "rollups"; stepMs: number }
  /** At most `points` summaries, for a chart. */
  | ChannelSpan & { kind: "series"; points: number }
  /** The readings of a channel as lines of CSV: time, source, item, value, unit. Times are in ISO 8601, or in milliseconds. */
  | ChannelSpan & { kind: "csv"; times?: CsvTimes };

export type CsvTimes = "iso" | "ms";

/** In order of time; those of the same millisecond in order of their values. */
export interface ReadingWindow {
  at: Float64Array<ArrayBuffer>;
  value: Float64Array<ArrayBuffer>;
  /** If the span has more readings than one answer holds: where the next window starts. Otherwise null. */
  nextFrom: number | null;
}

/** A summary of the readings of a span. */
export interface Rollup {
  /** The start of the span. */
  at: number;
  count: number;
  low: number;
  high: number;
  /** NaN or infinite if it is beyond the range of numbers. */
  sum: number;
  first: number;
  last: number;
}

export interface ChannelOverview {
  channel: Channel;
  /** Up to the time of its source. null: it has none, as after its readings were deleted. */
  newest: { at: number; value: number } | null;
  /** Summaries of the minutes of the hour that ends with the newest reading. */
  minutes: Rollup[];
}

export interface OverviewPage {
  /** How many channels have the text. */
  count: number;
  channels: ChannelOverview[];
}

export interface CsvPage {
  /** Lines without a header line. */
  text: string;
  /** As in `ReadingWindow`. */
  nextFrom: number | null;
}

interface AnswerByKind {
  channels: Channel[];
  version: number;
  times: SourceTime[];
  latest: Reading[];
  overview: OverviewPage;
  window: ReadingWindow;
  /** None or one. */
  before: Pick<Reading, "at" | "value">[];
  rollups: Rollup[];
  series: Rollup[];
  csv: CsvPage;
}

export type ReadingAnswer<Query extends ReadingQuery = ReadingQuery> = AnswerByKind[Query["kind"]];

/** The time of a source by its stored readings, in Unix milliseconds. */
export interface SourceTime {
  source: string;
  at: number;
  /** How often it has gone back, as when the sender's clock was corrected, and to which time the last time. */
  setBack?: SetBack;
}

export interface SetBack {
  count: number;
  to: number;
}

export type SourceTimes = Record<string, SourceTime>;

/** By source: a service has nothing to do before this time, unless the source's time has gone back once more. */
export type IdleTimes = Record<string, { until: number; setBacks: number }>;

/** The first line of a CSV file of readings. */
export const csvHeader = "time,source,item,value,unit\r\n";

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** The start of the span of this length that contains a moment. */
export function startOf(at: number, spanMs: number): number {
  return Math.floor(at / spanMs) * spanMs;
}

/** The answer if there are no readings. */
export function emptyAnswer(query: ReadingQuery): ReadingAnswer {
  switch (query.kind) {
    case "window":
      return { at: new Float64Array(), value: new Float64Array(), nextFrom: null };
    case "overview":
      return { count: 0, channels: [] };
    case "csv":
      return { text: "", nextFrom: null };
    case "version":
      return 0;
    default:
      return [];
  }
}
