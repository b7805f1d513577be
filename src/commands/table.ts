/** Prints lists as tables with headings, or as JSON. */
import { t } from "../language.ts";
import { UserError } from "../user_error.ts";

/** Formats rows as lines. The last column is not padded. The widths are right for most scripts in a terminal. */
export function formatTable(headings: string[], rows: string[][]): string[] {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => displayWidth(row[column] ?? ""))));
  return all.map((row) =>
    row.map((text, column) => {
      const isLast = column === row.length - 1;
      return isLast ? text : text + " ".repeat((widths[column] as number) - displayWidth(text));
    }).join("  ").trimEnd()
  );
}

const wide = /[\p{Emoji_Presentation}\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\uFF01-\uFF60]/v;
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** The columns of the text in a terminal. */
function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += wide.test(segment) ? 2 : 1;
  return width;
}

/** "2026-11-21 14:03:21", local time; "" for null and for an invalid date. */
export function dateTime(at: number | null): string {
  if (at === null || Number.isNaN(new Date(at).getTime())) return "";
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace("T", " ");
}

/** Prints JSON for a program, or a table for a person. */
export function printList<Row>(
  rows: Row[],
  { json, headings, columns }: { json: boolean; headings: string[]; columns: (row: Row) => string[] },
): void {
  print(json ? JSON.stringify(rows, null, 2) : formatTable(headings, rows.map(columns)).join("\n"));
}

/** Prints a line. Ignores a reader that has exited (`| head`). Throws a `UserError` for other write errors. */
export function print(text: string): void {
  write(`${text}\n`);
}

/** Writes to the output. Returns false if its reader has exited (`| head`). Throws a `UserError` for other errors. */
export function write(text: string): boolean {
  try {
    writeText(Deno.stdout, text);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return false;
    throw new UserError(t`The output could not be written: ${(error as Error).message}`);
  }
}

/** Writes the whole text, however slow the reader is. */
function writeText(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(writeSome(stream, rest));
}

/** The time between two tries to write to a full stream. */
const fullStreamWaitMs = 5;

/** The parent process may have made the stream non-blocking. Then it waits when the stream is full. */
function writeSome(stream: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): number {
  try {
    return stream.writeSync(bytes);
  } catch (error) {
    if (!(error instanceof Deno.errors.WouldBlock)) throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, fullStreamWaitMs);
    return 0;
  }
}
