/**
 * Measures text that is not narrow by its grapheme clusters (see width.ts for the reason). It is a separate module
 * because its regular expressions and tables take long to load.
 */
import stringWidth from "string-width";
import { narrow } from "./narrow.ts";

/**
 * Matches text that is not narrow, with the narrow character before and after it, which may belong to its clusters. The
 * text between two matches needs no segmenter, which is most of a comment in Latin letters with an emoji.
 */
const stretches = new RegExp(`[${narrow}]?[^${narrow}]+(?:[${narrow}][^${narrow}]+)*[${narrow}]?`, "gu");
const printableAscii = /^[ -~]*$/;
const flag = /^\p{Regional_Indicator}+$/v;
const keycap = /^([\d#*])\uFE0F?\u20E3/;
const pictographic = /^\p{Extended_Pictographic}/v;
const invisible = /(?![\u200C\u200D])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gv;
const leadingMarks = /^[\p{M}\u200C\u200D]+/v;
const firstRegionalIndicator = 0x1f1e6;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** A bounded cache, because the same lines are drawn many times per second, and new ones arrive all day. */
const known = new Map<string, string>();
const characterWidths = new Map<string, number>();
const knownWidths = new Map<string, number>();
const maxKnown = 4_000;

function remember<Value>(values: Map<string, Value>, text: string, value: Value): Value {
  if (values.size >= maxKnown) values.clear();
  values.set(text, value);
  return value;
}

/** Converts a text to a form that all terminals measure alike: a joined emoji becomes its first emoji, a flag its letters. */
export function steady(text: string): string {
  return text.replace(
    stretches,
    (stretch) => known.get(stretch) ?? remember(known, stretch, steadyStretch(stretch)),
  );
}

function steadyStretch(stretch: string): string {
  let result = "";
  for (const { segment } of graphemes.segment(stretch.normalize("NFC"))) result += steadyGrapheme(segment);
  return result;
}

function steadyGrapheme(grapheme: string): string {
  if (printableAscii.test(grapheme)) return grapheme;
  if (flag.test(grapheme)) return [...grapheme].map(letterOfFlag).join("");
  const key = keycap.exec(grapheme);
  if (key) return key[1] as string;
  const [first = ""] = grapheme;
  if (pictographic.test(grapheme)) return first;
  // Thai and Lao AM are one cluster of two columns in a terminal. Split into halves, they are two clusters of one
  // column each.
  const shown = grapheme.replace(invisible, "").replace(leadingMarks, "")
    .replace("\u0E33", "\u0E4D\u0E32").replace("\u0EB3", "\u0ECD\u0EB2");
  if (stringWidth(shown) >= widthByCharacter(shown)) return shown;
  // A conjunct is one cluster of several letters. Split, each letter has its own column in every terminal.
  return [...shown].map((character, index) =>
    index > 0 && /\p{L}/v.test(character) ? `\u200C${character}` : character
  ).join("");
}

function letterOfFlag(indicator: string): string {
  return String.fromCharCode((indicator.codePointAt(0) as number) - firstRegionalIndicator + 65);
}

function widthByCharacter(text: string): number {
  let width = 0;
  for (const character of text) {
    width += characterWidths.get(character) ??
      remember(characterWidths, character, stringWidth(character));
  }
  return width;
}

/** The columns that a steady text takes. */
export function textWidth(text: string): number {
  let width = text.length;
  for (const [stretch] of text.matchAll(stretches)) width += stretchWidth(stretch) - stretch.length;
  return width;
}

function stretchWidth(stretch: string): number {
  return knownWidths.get(stretch) ??
    remember(knownWidths, stretch, Math.max(stringWidth(stretch), widthByCharacter(stretch)));
}

/** A place between two clusters: the UTF-16 units and the columns of a steady text that stand before it. */
export interface Place {
  at: number;
  column: number;
}

/** The clusters of a steady text in order: where each begins, and where it ends. */
export function* places(text: string): Generator<Place & { end: Place }> {
  let begin: Place = { at: 0, column: 0 };
  for (const length of lengths(text)) {
    const columns = textWidth(text.slice(begin.at, begin.at + length));
    const end = { at: begin.at + length, column: begin.column + columns };
    yield { ...begin, end };
    begin = end;
  }
}

/** The lengths of the clusters of a steady text, in UTF-16 units. Narrow characters are clusters of one unit. */
function* lengths(text: string): Generator<number> {
  let at = 0;
  for (const { 0: stretch, index } of text.matchAll(stretches)) {
    for (; at < index; at++) yield 1;
    for (const { segment } of graphemes.segment(stretch)) yield segment.length;
    at += stretch.length;
  }
  for (; at < text.length; at++) yield 1;
}

/** The first `width` columns of a steady text, or fewer if the next cluster is wide. */
export function head(text: string, width: number): string {
  let at = 0;
  for (const { end } of places(text)) {
    if (end.column > width) break;
    at = end.at;
  }
  return text.slice(0, at);
}
