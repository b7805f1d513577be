/** Finds words in what people write, ignoring case, accents and fancy letters. */
// Deferred until the first text that is not ASCII.
import defer * as letters from "./letters.ts";

const isAscii = /^\p{ASCII}*$/u;
const asciiWord = /[\da-z]/i;

/** The text in plain lower-case letters, with single spaces: "¡AGÁCHATE  ya!" becomes "¡agachate ya!". */
export function simplified(text: string): string {
  return plainLetters(text).replace(/\s+/gu, " ").trim();
}

/** The text in plain lower-case letters, with its white space unchanged. */
export function plainLetters(text: string): string {
  return isAscii.test(text) ? text.toLowerCase() : letters.plainLetters(text);
}

/** Whether the text has the word or phrase, and not only as a part of a longer word. Both are `simplified`. */
export function hasPhrase(text: string, phrase: string): boolean {
  return findPhrase(text, phrase, 0) !== -1;
}

/** The position of the next match of `hasPhrase`, from a position on; -1 if there is none. */
export function findPhrase(text: string, phrase: string, from: number): number {
  let at = text.indexOf(phrase, from);
  while (at !== -1 && !(isBoundary(text, at) && isBoundary(text, at + phrase.length))) {
    at = text.indexOf(phrase, at + 1);
  }
  return at;
}

/** Whether no word spans this position. */
function isBoundary(text: string, at: number): boolean {
  const [before, after] = [text.charAt(at - 1), text.charAt(at)];
  if (!isAscii.test(before + after)) return letters.isBoundary(text, at);
  return !(asciiWord.test(before) && asciiWord.test(after));
}
