/** Reads columns defensively: a failing disk or another program may have corrupted their values. */

/** Longer texts are not read. Nothing that Livecue stores comes near this size. */
export const longestTextBytes = 16 * 1024 * 1024;

/** The highest valid id. It leaves room for more ids below the limit of exact numbers in JavaScript. */
export const highestId = Number.MAX_SAFE_INTEGER - 2 ** 32;

/** The latest time that a Date can hold, in Unix milliseconds. */
export const latestMoment = 8_640_000_000_000_000;

/** SQL for a text column of unknown size: NULL if the text is too long to read. */
export function boundedText(column: string): string {
  return `CASE WHEN octet_length(${column}) <= ${longestTextBytes} THEN ${column} END`;
}

/** "" if the value is not a text. */
export function textIn(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** null if the value is not a text. */
export function optionalTextIn(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** 0 if the value is not a safe integer. */
export function numberIn(value: unknown): number {
  return optionalNumberIn(value) ?? 0;
}

export function optionalNumberIn(value: unknown): number | null {
  return Number.isSafeInteger(value) ? value as number : null;
}

/** Unix milliseconds; 0 if the value is not a valid time. */
export function momentIn(value: unknown): number {
  return optionalMomentIn(value) ?? 0;
}

export function optionalMomentIn(value: unknown): number | null {
  const number = optionalNumberIn(value);
  return number !== null && number >= 0 && number <= latestMoment ? number : null;
}

/** The parsed JSON; undefined if the value is not JSON. */
export function jsonIn(value: unknown): unknown {
  if (typeof value !== "string") return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** An object of counts by name, without its invalid entries; null if the value is not an object. */
export function countsIn(value: unknown): Record<string, number> | null {
  const counts = jsonIn(value);
  if (typeof counts !== "object" || counts === null || Array.isArray(counts)) return null;
  return Object.fromEntries(
    Object.entries(counts).filter(([, count]) => Number.isFinite(count) && count >= 0),
  );
}
