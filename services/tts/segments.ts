/** A long text, cut where a speaker draws breath: so that the first part is heard while the next one is made. */
import { type Place, wordsOf } from "./words.ts";

const mostLetters = 200;
const sentences = new Intl.Segmenter("en", { granularity: "sentence" });
/** Where a sentence may be cut that is too long: behind these, else behind a word. */
const pause = /[,;:–—،؛，；：、]/u;

/** Whole sentences of up to about 200 letters, without the blanks around them; none where there is no word. */
export function segmentsOf(text: string): Place[] {
  const parts: Place[] = [];
  for (const { segment, index } of sentences.segment(text)) {
    for (const part of shortParts(text, { from: index, to: index + segment.length })) {
      const last = parts.at(-1);
      if (last !== undefined && part.to - last.from <= mostLetters) {
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
  while (to - from > mostLetters) {
    const end = from + cutOf(text.slice(from, from + mostLetters));
    parts.push({ from, to: end });
    from = end;
  }
  return [...parts, { from, to }];
}

/** After how many letters; of a word that is longer than all, in its midst. */
function cutOf(part: string): number {
  const ends = wordsOf(part).slice(0, -1).map(({ to }) => to);
  const atPause = ends.findLast((end) => pause.test(part.charAt(end)));
  if (atPause !== undefined && atPause >= part.length / 2) return atPause + 1;
  return ends.at(-1) ?? wholeLetters(part);
}

function wholeLetters(part: string): number {
  return part.length - (/[\ud800-\udbff]$/.test(part) ? 1 : 0);
}

function trimmed(text: string, { from, to }: Place): Place {
  const part = text.slice(from, to);
  return {
    from: from + part.length - part.trimStart().length,
    to: to - (part.length - part.trimEnd().length),
  };
}
