/**
 * Measures text in terminal columns. Terminals disagree on joined emoji, flags and the clusters of some scripts. So
 * text is first converted to a form on which they agree (`steady`), and then measured. A text that was fitted here is
 * never wider than requested, whether a terminal counts clusters or characters.
 */
// Evaluated at the first text that is not narrow, because it takes 30 ms and no first frame has such a text.
import defer * as clusters from "./clusters.ts";
import { narrowText } from "./narrow.ts";

/** Converts a text to a form that all terminals measure alike: a joined emoji becomes its first emoji, a flag its letters. */
export function steady(text: string): string {
  return narrowText.test(text) ? text : clusters.steady(text);
}

/** The columns that a steady text takes. */
export function textWidth(text: string): number {
  return narrowText.test(text) ? text.length : clusters.textWidth(text);
}

/** At most `width` columns of a steady text. A cut text ends with "…". */
export function truncate(text: string, width: number): string {
  if (width <= 0) return "";
  // No character is wider than two columns.
  if (text.length * 2 <= width || textWidth(text) <= width) return text;
  if (narrowText.test(text)) return text.slice(0, width - 1) + "…";
  return clusters.head(text, width - 1) + "…";
}

/** Exactly `width` columns: cut with "…", or padded with spaces at the end (at the start if aligned right). */
export function fit(text: string, width: number, align: "left" | "right" = "left"): string {
  const shown = truncate(steady(text), width);
  const blanks = " ".repeat(Math.max(0, width - textWidth(shown)));
  return align === "left" ? shown + blanks : blanks + shown;
}

/**
 * Lines of at most `width` columns, broken at spaces if possible. Line breaks in the text are kept. Each line has at
 * least one character, even if it does not fit. Text after the first `maxLines` is not measured.
 */
export function wrap(text: string, width: number, maxLines = Infinity): string[] {
  const lines: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    for (const part of wrapLine(steady(line.replaceAll("\t", "  ")), Math.max(1, width))) {
      lines.push(part);
      if (lines.length >= maxLines) return lines;
    }
  }
  return lines;
}

function* wrapLine(line: string, width: number): Generator<string> {
  if (line.length * 2 <= width || (line.length <= width && narrowText.test(line))) return yield line;
  // Places in the line, and the columns up to them: of the shown line's begin, and of the end of its last space.
  let begin = { at: 0, column: 0 };
  let blank = begin;
  for (const { at, column, end } of narrowText.test(line) ? narrowPlaces(line) : clusters.places(line)) {
    if (end.column - begin.column > width && at > begin.at) {
      // A break at a space far to the left would leave a large gap, so the word itself is broken.
      const isNear = blank.at - begin.at > (at - begin.at) / 2;
      const next = isNear ? blank : { at, column };
      yield line.slice(begin.at, next.at).trimEnd();
      begin = next;
    }
    if (line[at] === " ") blank = end;
  }
  yield line.slice(begin.at);
}

/** Each letter is a cluster. The log pane wraps its lines for each frame, and measuring clusters took a fifth of it. */
function* narrowPlaces(line: string): Generator<clusters.Place & { end: clusters.Place }> {
  for (let at = 0; at < line.length; at++) {
    yield { at, column: at, end: { at: at + 1, column: at + 1 } };
  }
}
