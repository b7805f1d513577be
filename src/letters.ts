/**
 * What words.ts makes of other letters than ASCII's. A module of its own, as its expressions and its table take 12 ms
 * and 3 MB to be made, in each thread that has them.
 */
import { baseLetters } from "./base_letters.ts";

/** Signs on letters that one may leave out. Those of Hindi or Thai, and the two of Japanese, make another word. */
const accents = /[[\p{M}&&[\p{Script=Inherited}\p{Script=Hebrew}]]--[\u3099\u309a]]/gv;

/** Scripts that put no spaces between words: in these, a word is found wherever it stands. */
const unspaced =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}";
const startsInWord = new RegExp(`^[[\\p{L}\\p{N}]--[${unspaced}]]`, "v");
const endsInWord = new RegExp(`[[\\p{L}\\p{N}\\p{M}]--[${unspaced}]]$`, "v");
const startsInLetter = /^\p{M}/u;

const letters = new Map(
  Object.entries(baseLetters).flatMap(([base, forms]) => [...forms].map((form) => [form, base])),
);
const formsOfLetters = new RegExp(`[${[...letters.keys()].join("")}]`, "gu");

/** The text in small plain letters, with its blanks as they are. */
export function plainLetters(text: string): string {
  return caseFolded(text).replace(formsOfLetters, (form) => letters.get(form) ?? form);
}

/** Without accents and fancy letters, and in small letters: the way over capitals makes "ss" of ß, i of ı. */
export function caseFolded(text: string): string {
  const small = text.normalize("NFKD").toLowerCase().toUpperCase().toLowerCase();
  return small.replaceAll("ς", "σ").replace(accents, "");
}

/** Whether no word, and no letter with its signs, goes on across this place. A character may be two units long. */
export function isBoundary(text: string, at: number): boolean {
  const after = text.slice(at, at + 2);
  if (startsInLetter.test(after)) return false;
  return !(endsInWord.test(text.slice(Math.max(0, at - 2), at)) && startsInWord.test(after));
}
