/** What a face shows of channels of readings: a line for each, and charts. Plain data. */

/** A channel of readings. */
export interface ChannelLine {
  source: string;
  item: string;
  name: string;
  unit: string;
  /** Its newest reading; `at` is by the sender's clock. null: its readings were deleted. */
  newest: { at: number; value: number } | null;
  ageMs: number | null;
  /** quiet: it brings nothing for longer than usual. lost: its source says that it has no signal. */
  signal: "live" | "quiet" | "lost";
  /** The mean of each minute of the hour that ends with the newest reading; null for a minute without readings. */
  hour: (number | null)[];
}

export type ChartSpan = "hour" | "day" | "week";

/** The readings of a short time. */
export interface ChartPoint {
  /** The start, in Unix milliseconds. */
  at: number;
  low: number;
  high: number;
  first: number;
  last: number;
}

/** A detection in a chart. */
export interface ChartMark {
  at: number;
  name: string;
  text: string;
  /** 0 to 1; null: unknown. */
  confidence: number | null;
}
