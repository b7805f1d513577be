/**
 * Finds events by a text in their data or in the name of their user, and viewers by their names. Only SQLite has a
 * function of ours that tells whether a text holds another. In PostgreSQL a sieve rules out most rows, and who asks looks
 * into those that are left, with `eventHolds` and `says`.
 */
import { simplified } from "../words.ts";
import { boundedText, jsonIn } from "./columns.ts";
import type { Dialect } from "./dialect.ts";
import type { Conditions } from "./query.ts";

/**
 * Adds that an event holds the text, which is simplified. The data is JSON: it is first searched as one text, then value
 * by value, so that neither the name of a field nor the address of an image counts as a match.
 */
export function addTextSearch(where: Conditions, text: string, dialect: Dialect): void {
  if (text === "") return;
  const names = ["event.user_nickname", "event.user_unique_id"];
  const { sieve } = dialect;
  if (sieve !== null) {
    where.add(sieve.condition([...names, "event.event_data"]), sieve.pattern(text));
    return;
  }
  const words = text.split(" ");
  const pattern = likePattern(words);
  const jsonPattern = likePattern(words.map((word) => JSON.stringify(word).slice(1, -1)));
  where.add(
    `(${names.map(holds).join(" OR ")} OR (
      ${mayHold("event.event_data")} AND EXISTS (SELECT 1 FROM json_tree(${readableJson}) AS part
        WHERE part.type = 'text' AND part.key IS NOT 'imageUrl' AND ${holds("part.atom")})))`,
    ...[pattern, text, pattern, text, jsonPattern, pattern, text],
  );
}

/** json_tree throws at invalid JSON. */
const readableJson = `CASE WHEN typeof(event.event_data) = 'text' AND json_valid(event.event_data)
  THEN ${boundedText("event.event_data")} ELSE '{}' END`;

/** The columns of an event in which a text may be. */
export interface EventTexts {
  user_nickname: string | null;
  user_unique_id: string | null;
  event_data: string | null;
}

/** The same as `addTextSearch`, of an event that was read. */
export function eventHolds({ user_nickname, user_unique_id, event_data }: EventTexts, text: string): boolean {
  return says(user_nickname, text) === 1 || says(user_unique_id, text) === 1 ||
    isWithin(jsonIn(event_data), text);
}

function isWithin(value: unknown, text: string): boolean {
  if (typeof value === "string") return says(value, text) === 1;
  if (Array.isArray(value)) return value.some((part) => isWithin(part, text));
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([name, part]) =>
    (name !== "imageUrl" || typeof part !== "string") && isWithin(part, text)
  );
}

/** Has two parameters: the pattern and the text. */
function holds(column: string): string {
  // The driver hangs if a function gets a number over 2^53.
  return `(${mayHold(column)} AND says(CASE WHEN typeof(${column}) = 'text' THEN ${column} END, ?))`;
}

/**
 * Has one parameter: the pattern. SQLite's own LIKE is many times faster than `says`, but knows only ASCII. So it
 * rules out ASCII texts that lack the words.
 */
function mayHold(column: string): string {
  return String.raw`(octet_length(${column}) > length(${column}) OR ${column} LIKE ? ESCAPE '\')`;
}

/** The SQL function `says`. */
export function says(written: unknown, text: unknown): number {
  return typeof written === "string" && simplified(written).includes(String(text)) ? 1 : 0;
}

/** Matches the words in this order, with anything between them. */
function likePattern(words: readonly string[]): string {
  return `%${words.map((word) => word.replaceAll(/[\\%_]/g, String.raw`\$&`)).join("%")}%`;
}

export interface NameSearch {
  dialect: Dialect;
  columns: readonly string[];
  /** A condition that is made of other columns, any of which has the text. */
  also?: (holds: (columns: readonly string[]) => string) => string;
}

/** Adds that one of these columns has the text, or that the condition `also` holds. */
export function addNameSearch(
  where: Conditions,
  text: string,
  { dialect, columns, also }: NameSearch,
): void {
  const simple = simplified(text);
  if (simple === "") return;
  const { sieve } = dialect;
  const pattern = sieve?.pattern(simple) ?? likePattern(simple.split(" "));
  const values: string[] = [];
  const anyHolds = (columns: readonly string[]) => {
    values.push(...(sieve === null ? columns.flatMap(() => [pattern, simple]) : [pattern]));
    return sieve?.condition(columns) ?? `(${columns.map(holds).join(" OR ")})`;
  };
  const conditions = [anyHolds(columns), ...(also === undefined ? [] : [also(anyHolds)])];
  where.add(`(${conditions.join(" OR ")})`, ...values);
}
