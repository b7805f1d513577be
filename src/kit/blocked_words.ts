/** Words that a streamer does not want to see, kept from what is shown or said: "livecue/blocked_words". */
import { findPhrase, hasPhrase, plainLetters, simplified } from "../words.ts";

/** Puts "***" in place of each blocked word or phrase. */
export interface Mask {
  (text: string): string;
  /** What it hides of the text, in its order; no part reaches into another. */
  hiddenIn(text: string): Place[];
}

/** A part of a text, from the character at `start` to the one before `end`. */
export interface Place {
  start: number;
  end: number;
}

/** A letter with the signs on it. Each is made plain by itself: the same comes out as from the whole text. */
const letterWithSigns = /\p{M}+|\P{M}\p{M}*/gu;

/** Finds the words as rules do: case, accents and fancy letters do not matter, parts of longer words stay. */
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
    // What overlaps the one before it is hidden with it.
    if (before === undefined || first.start >= before.end) hidden.push({ start: first.start, end: last.end });
    else before.end = Math.max(before.end, last.end);
  }
  return hidden;
}

/** As `simplified`, but for blanks at the ends; and where in the text each of its letters comes from. */
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
