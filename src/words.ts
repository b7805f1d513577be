/** Finding words in what people write, whatever their case, accents and fancy letters. */
// Evaluated at the first text that is not all ASCII.
import defer * as letters from "./letters.ts";

const isAscii = /^\p{ASCII}*$/u;
const asciiWord = /[\da-z]/i;

/** The text in small plain letters, with single spaces: "¡AGÁCHATE  ya!" becomes "¡agachate ya!". */
export function simplified(text: string): string {
  return plainLetters(text).replace(/\s+/gu, " ").trim();
}

/** The text in small plain letters, with its blanks as they are. */
export function plainLetters(text: string): string {
  return isAscii.test(text) ? text.toLowerCase() : letters.plainLetters(text);
}

/** Whether the word or phrase stands in the text, not as a part of a longer word. Both are `simplified`. */
export function hasPhrase(text: string, phrase: string): boolean {
  return findPhrase(text, phrase, 0) !== -1;
}

/** Where the phrase stands next, from a place on, as `hasPhrase` finds it; -1 where it does not. */
export function findPhrase(text: string, phrase: string, from: number): number {
  let at = text.indexOf(phrase, from);
  while (at !== -1 && !(isBoundary(text, at) && isBoundary(text, at + phrase.length))) {
    at = text.indexOf(phrase, at + 1);
  }
  return at;
}

/** Whether no word goes on across this place. */
function isBoundary(text: string, at: number): boolean {
  const [before, after] = [text.charAt(at - 1), text.charAt(at)];
  if (!isAscii.test(before + after)) return letters.isBoundary(text, at);
  return !(asciiWord.test(before) && asciiWord.test(after));
}
