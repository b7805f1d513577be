/** Reads times and values of readings as their senders write them. */

/**
 * How a sender writes times. hours_of_year: hours since the start of its year plus 24, so that the first day is day 1.
 * arrival: the sender's time is not used.
 */
export const timeForms = ["arrival", "unix_seconds", "unix_ms", "iso8601", "hours_of_year"] as const;
export type TimeForm = typeof timeForms[number];

const hourMs = 3_600_000;
/** The last hour of a leap year, plus a day for a sender that counts on past the end. */
const maxHours = (366 + 2) * 24;
/** How far this computer's clock may be behind the sender's. */
const toleranceMs = 24 * hourMs;
/** The latest time that a Date can hold. */
const maxTimeMs = 8.64e15;

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
/** With a time zone, because without one the time would depend on this computer's. */
const isoTime = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/i;

/**
 * Unix milliseconds; null if `value` is not a time of this form. `now`, also in Unix milliseconds, is the result for
 * "arrival" and tells the year for "hours_of_year".
 */
export function readTime(value: unknown, form: TimeForm, now: number): number | null {
  if (form === "arrival") return now;
  if (form === "iso8601") return isoTimeOf(value);
  const number = readNumber(value);
  if (number === null) return null;
  if (form === "hours_of_year") return timeInYear(number, now);
  return inRange(form === "unix_seconds" ? number * 1000 : number);
}

/** A number, or a text that is exactly one decimal number; null for all other values. */
export function readNumber(value: unknown): number | null {
  const number = typeof value === "number"
    ? value
    : typeof value === "string" && value.length <= 64 && decimal.test(value.trim())
    ? Number(value)
    : NaN;
  return Number.isFinite(number) ? number : null;
}

/** A value as a source passes it on: a number, or the start of a text that is none. */
export function sentValue(value: unknown): number | string {
  return readNumber(value) ?? String(typeof value === "object" ? JSON.stringify(value) : value).slice(0, 60);
}

function isoTimeOf(value: unknown): number | null {
  if (typeof value !== "string" || !isoTime.test(value.trim())) return null;
  return inRange(Date.parse(value.trim().replace(" ", "T")));
}

/**
 * The sender does not say the year. A reading is from the past, so the year is the last one in which the time is not
 * later than now, except for a difference of the clocks.
 */
function timeInYear(hours: number, now: number): number | null {
  if (hours < 0 || hours > maxHours) return null;
  const thisYear = new Date(now).getUTCFullYear();
  const times = [1, 0, -1].map((years) =>
    Date.UTC(thisYear + years, 0, 1) + Math.round((hours - 24) * hourMs)
  );
  return times.find((time) => time <= now + toleranceMs) ?? null;
}

function inRange(ms: number): number | null {
  return Number.isFinite(ms) && Math.abs(ms) <= maxTimeMs ? Math.round(ms) : null;
}
