/**
 * Text in terminal columns. Terminals disagree on joined emoji, flags and some scripts' clusters; so text is
 * first brought into a form on which they agree (`steady`), and then measured. A text that was fitted here is
 * never wider than told, counted by its clusters or by its characters, as terminals do the one or the other.
 */
// Evaluated at the first text that is not narrow: it takes 30 ms, and no first frame has such a text.
import defer * as clusters from "./clusters.ts";
import { narrowText } from "./narrow.ts";

/** The text as all terminals count it alike: a joined emoji as its first one, a flag as its letters. */
export function steady(text: string): string {
  return narrowText.test(text) ? text : clusters.steady(text);
}

/** Columns that a steady text takes. */
export function textWidth(text: string): number {
  return narrowText.test(text) ? text.length : clusters.textWidth(text);
}

/** At most `width` columns of a steady text, with … at the end where something was cut. */
export function truncate(text: string, width: number): string {
  if (width <= 0) return "";
  // No character is wider than two columns.
  if (text.length * 2 <= width || textWidth(text) <= width) return text;
  if (narrowText.test(text)) return text.slice(0, width - 1) + "…";
  const [head = ""] = clusters.cut(text, width - 1);
  return head + "…";
}

/** Exactly `width` columns: cut with …, or filled with blanks behind it (before it, where aligned right). */
export function fit(text: string, width: number, align: "left" | "right" = "left"): string {
  const shown = truncate(steady(text), width);
  const blanks = " ".repeat(Math.max(0, width - textWidth(shown)));
  return align === "left" ? shown + blanks : blanks + shown;
}

/**
 * Lines of at most `width` columns, broken at blanks where there are any; line breaks in the text are kept. Where not even
 * one character fits, each line has one.
 */
export function wrap(text: string, width: number): string[] {
  return text.split(/\r?\n/).flatMap((line) =>
    wrapLine(steady(line.replaceAll("\t", "  ")), Math.max(1, width))
  );
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let rest = line;
  while (textWidth(rest) > width) {
    const [head] = clusters.cut(rest, width);
    const blank = head.lastIndexOf(" ");
    // A blank far to the left would leave a ragged hole: then the word itself is broken.
    const end = blank > head.length / 2 ? blank + 1 : head.length || firstLength(rest);
    lines.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end);
  }
  return [...lines, rest];
}

/** Units of the first character. */
function firstLength(text: string): number {
  const [first = ""] = text;
  return first.length;
}
