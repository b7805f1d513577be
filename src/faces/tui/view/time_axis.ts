/** The times that are labelled below a chart, in local time. */
import { formatTime } from "../format.ts";

export interface TimeTick {
  at: number;
  label: string;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const steps = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * minuteMs),
  ...[1, 2, 3, 6, 12].map((hours) => hours * hourMs),
  ...[1, 2, 7, 14].map((days) => days * dayMs),
];
/** The room for a label. */
const fewestColumns = 9;
const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** Round times within a span, far enough apart for their labels. */
export function timeTicks(from: number, to: number, columns: number): TimeTick[] {
  const least = (to - from) / columns * fewestColumns;
  const step = steps.find((step) => step >= least && (step >= dayMs || to - from <= 2 * dayMs)) ?? to - from;
  const local = new Date(from).getTimezoneOffset() * minuteMs;
  const ticks: TimeTick[] = [];
  for (let at = Math.ceil((from - local) / step) * step + local; at < to; at += step) {
    ticks.push({ at, label: step >= dayMs ? dayLabel(at) : formatTime(at).slice(0, 5) });
  }
  return ticks;
}

/** "Fri 27". */
export function dayLabel(at: number): string {
  const date = new Date(at);
  return `${weekdays[date.getDay()]} ${date.getDate()}`;
}
