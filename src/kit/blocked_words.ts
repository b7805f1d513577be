/** Hides words that a streamer does not want to show: "livecue/blocked_words". */
import { findPhrase, hasPhrase, plainLetters, simplified } from "../words.ts";

/** Replaces each blocked word or phrase with "***". */
export interface Mask {
  (text: string): string;
  /** The hidden parts of the text, in order, without overlaps. */
  hiddenIn(text: string): Place[];
}

/** A part of a text, from `start` (included) to `end` (excluded). */
export interface Place {
  start: number;
  end: number;
}

/** A letter with its marks. Simplifying each separately gives the same result as simplifying the whole text. */
const letterWithSigns = /\p{M}+|\P{M}\p{M}*/gu;

/** Finds the words as rules do: ignores case, accents and fancy letters, and does not match parts of longer words. */
export function maskOf(words: readonly string[]): Mask {
  const phrases = words.map(simplified).filter((phrase) => phrase !== "");
  const hiddenIn = (text: string) => {
    const simple = simplified(text);
    const found = phrases.filter((phrase) => hasPhrase(simple, phrase));
    return found.length === 0 ? [] : placesOf(found, text);
  };
  const mask = (text: string) => {
    let masked = "";
    let from = 0;
    for (const { start, end } of hiddenIn(text)) {
      masked += text.slice(from, start) + "***";
      from = end;
    }
    return masked + text.slice(from);
  };
  return Object.assign(mask, { hiddenIn });
}

function placesOf(phrases: readonly string[], text: string): Place[] {
  const { plain, places } = plainWithPlaces(text);
  const hidden: Place[] = [];
  for (const place of phrasePlaces(plain, phrases)) {
    const [first, last] = [places[place.start], places[place.end - 1]];
    if (!first || !last) continue;
    const before = hidden.at(-1);
    // An overlapping match extends the previous one.
    if (before === undefined || first.start >= before.end) hidden.push({ start: first.start, end: last.end });
    else before.end = Math.max(before.end, last.end);
  }
  return hidden;
}

/** Like `simplified`, but without trimming; `places` has the origin of each character in the text. */
function plainWithPlaces(text: string): { plain: string; places: Place[] } {
  const places: Place[] = [];
  let plain = "";
  for (const { 0: written, index: start } of text.matchAll(letterWithSigns)) {
    for (const unit of plainLetters(written).split("")) {
      const isBlank = /\s/.test(unit);
      if (isBlank && plain.endsWith(" ")) continue;
      plain += isBlank ? " " : unit;
      places.push({ start, end: start + written.length });
    }
  }
  return { plain, places };
}

function phrasePlaces(plain: string, phrases: readonly string[]): Place[] {
  const places: Place[] = [];
  for (const phrase of phrases) {
    for (let at = findPhrase(plain, phrase, 0); at !== -1; at = findPhrase(plain, phrase, at + 1)) {
      places.push({ start: at, end: at + phrase.length });
    }
  }
  return places.sort((one, other) => one.start - other.start);
}
