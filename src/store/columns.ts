/** What a column holds, whatever stands in it: rows may have been spoilt by a broken disk or another program. */

/** Bytes of a text that is read: nothing that Livecue takes in comes near it. */
export const longestTextBytes = 16 * 1024 * 1024;

/** The highest id that counts: the numbers above it are not all exact in JavaScript, or too near to the end. */
export const highestId = Number.MAX_SAFE_INTEGER - 2 ** 32;

/** The last moment that a date can hold. */
export const latestMoment = 8_640_000_000_000_000;

/** SQL for a column of text that may be of any size: NULL where it is too long to be read. */
export function boundedText(column: string): string {
  return `CASE WHEN octet_length(${column}) <= ${longestTextBytes} THEN ${column} END`;
}

/** "" where it is no text. */
export function textIn(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** null where it is no text. */
export function optionalTextIn(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** 0 where it is no whole number that JavaScript holds. */
export function numberIn(value: unknown): number {
  return optionalNumberIn(value) ?? 0;
}

export function optionalNumberIn(value: unknown): number | null {
  return Number.isSafeInteger(value) ? value as number : null;
}

/** Unix milliseconds; 0 where no date holds it. */
export function momentIn(value: unknown): number {
  return optionalMomentIn(value) ?? 0;
}

export function optionalMomentIn(value: unknown): number | null {
  const number = optionalNumberIn(value);
  return number !== null && number >= 0 && number <= latestMoment ? number : null;
}

/** The parsed JSON; undefined where it is none. */
export function jsonIn(value: unknown): unknown {
  if (typeof value !== "string") return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** An object of counts by name: what of it is none is left out. null where it is no such object. */
export function countsIn(value: unknown): Record<string, number> | null {
  const counts = jsonIn(value);
  if (typeof counts !== "object" || counts === null || Array.isArray(counts)) return null;
  return Object.fromEntries(
    Object.entries(counts).filter(([, count]) => Number.isFinite(count) && count >= 0),
  );
}
