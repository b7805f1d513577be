/** Finds events by a text in their data or in the name of their user. */
import { simplified } from "../words.ts";
import { boundedText } from "./columns.ts";
import type { Conditions } from "./query.ts";

/**
 * `text` is simplified. The data is JSON: it is first searched as one text, then value by value, so that neither the
 * name of a field nor the address of an image counts as a match.
 */
export function addTextSearch(where: Conditions, text: string): void {
  if (text === "") return;
  const words = text.split(" ");
  const pattern = likePattern(words);
  const jsonPattern = likePattern(words.map((word) => JSON.stringify(word).slice(1, -1)));
  where.add(
    `(${holds("event.user_nickname")} OR ${holds("event.user_unique_id")} OR (
      ${mayHold("event.event_data")} AND EXISTS (SELECT 1 FROM json_tree(${readableJson}) AS part
        WHERE part.type = 'text' AND part.key IS NOT 'imageUrl' AND ${holds("part.atom")})))`,
    ...[pattern, text, pattern, text, jsonPattern, pattern, text],
  );
}

/** json_tree throws at invalid JSON. */
const readableJson = `CASE WHEN typeof(event.event_data) = 'text' AND json_valid(event.event_data)
  THEN ${boundedText("event.event_data")} ELSE '{}' END`;

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

/** Adds that one of these columns has the text, or that the condition `also` holds, which is made of other columns. */
export function addNameSearch(
  where: Conditions,
  text: string,
  { columns, also }: { columns: readonly string[]; also: (holds: (column: string) => string) => string },
): void {
  const simple = simplified(text);
  if (simple === "") return;
  let count = 0;
  const counted = (column: string) => (count += 1, holds(column));
  const condition = [...columns.map(counted), also(counted)].join(" OR ");
  const values = Array.from({ length: count }, () => [likePattern(simple.split(" ")), simple]).flat();
  where.add(`(${condition})`, ...values);
}
