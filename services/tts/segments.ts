/** Cuts a long text at natural pauses, so that the first part plays while the next part is in progress. */
import { type Place, wordsOf } from "./words.ts";

const mostCharacters = 200;
const sentences = new Intl.Segmenter("en", { granularity: "sentence" });
/** A sentence that is too long is cut after one of these, or else after a word. */
const pause = /[,;:–—،؛，；：、]/u;

/** Whole sentences of at most 200 characters in all, trimmed; empty when the text has no word. */
export function segmentsOf(text: string): Place[] {
  const parts: Place[] = [];
  for (const { segment, index } of sentences.segment(text)) {
    for (const part of shortParts(text, { from: index, to: index + segment.length })) {
      const last = parts.at(-1);
      if (last !== undefined && part.to - last.from <= mostCharacters) {
        parts[parts.length - 1] = { from: last.from, to: part.to };
      } else {
        parts.push(part);
      }
    }
  }
  return parts.filter(({ from, to }) => wordsOf(text.slice(from, to)).length > 0).map((part) =>
    trimmed(text, part)
  );
}

function shortParts(text: string, { from, to }: Place): Place[] {
  const parts: Place[] = [];
  while (to - from > mostCharacters) {
    const end = from + cutOf(text.slice(from, from + mostCharacters));
    parts.push({ from, to: end });
    from = end;
  }
  return [...parts, { from, to }];
}

/** The number of characters before the cut. A single word that is too long is cut in the middle. */
function cutOf(part: string): number {
  const ends = wordsOf(part).slice(0, -1).map(({ to }) => to);
  const atPause = ends.findLast((end) => pause.test(part.charAt(end)));
  if (atPause !== undefined && atPause >= part.length / 2) return atPause + 1;
  return ends.at(-1) ?? wholeCharacters(part);
}

function wholeCharacters(part: string): number {
  return part.length - (/[\ud800-\udbff]$/.test(part) ? 1 : 0);
}

function trimmed(text: string, { from, to }: Place): Place {
  const part = text.slice(from, to);
  return {
    from: from + part.length - part.trimStart().length,
    to: to - (part.length - part.trimEnd().length),
  };
}
