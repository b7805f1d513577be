/** Words that a streamer does not want to see, kept from what is shown or said: "livecue/blocked_words". */
import { findPhrase, hasPhrase, plainLetters, simplified } from "../words.ts";

/** Puts "***" in place of each blocked word or phrase. */
export type Mask = (text: string) => string;

/** A letter with the signs on it. Each is made plain by itself: the same comes out as from the whole text. */
const letterWithSigns = /\p{M}+|\P{M}\p{M}*/gu;

/** Finds the words as rules do: case, accents and fancy letters do not matter, parts of longer words stay. */
export function maskOf(words: readonly string[]): Mask {
  const phrases = words.map(simplified).filter((phrase) => phrase !== "");
  return (text) => {
    const simple = simplified(text);
    const found = phrases.filter((phrase) => hasPhrase(simple, phrase));
    return found.length === 0 ? text : withoutPhrases(text, found);
  };
}

function withoutPhrases(text: string, phrases: readonly string[]): string {
  const { plain, places } = plainWithPlaces(text);
  let masked = "";
  let end = 0;
  for (const place of phrasePlaces(plain, phrases)) {
    const [first, last] = [places[place.start], places[place.end - 1]];
    if (!first || !last) continue;
    // What overlaps the one before it is hidden with it.
    if (first.start >= end) masked += text.slice(end, first.start) + "***";
    end = Math.max(end, last.end);
  }
  return masked + text.slice(end);
}

interface Place {
  start: number;
  end: number;
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
