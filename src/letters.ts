/**
 * The part of words.ts for non-ASCII characters. It is a separate module, because its expressions and its table take
 * 12 ms and 3 MB in each thread that loads it.
 */
import { baseLetters } from "./base_letters.ts";

/** Accents that may be left out. Marks of Hindi or Thai, and the two of Japanese, would make another word. */
const accents = /[[\p{M}&&[\p{Script=Inherited}\p{Script=Hebrew}]]--[\u3099\u309a]]/gv;

/** Scripts without spaces between words: in these, a word is found anywhere. */
const unspaced =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}";
const startsInWord = new RegExp(`^[[\\p{L}\\p{N}]--[${unspaced}]]`, "v");
const endsInWord = new RegExp(`[[\\p{L}\\p{N}\\p{M}]--[${unspaced}]]$`, "v");
const startsInLetter = /^\p{M}/u;

const letters = new Map(
  Object.entries(baseLetters).flatMap(([base, forms]) => [...forms].map((form) => [form, base])),
);
const formsOfLetters = new RegExp(`[${[...letters.keys()].join("")}]`, "gu");

/** The text in plain lower-case letters, with its white space unchanged. */
export function plainLetters(text: string): string {
  return caseFolded(text).replace(formsOfLetters, (form) => letters.get(form) ?? form);
}

/**
 * The text in lower case, without accents and fancy letters. Converting to upper case first turns ß into "ss", ı into
 * "i".
 */
export function caseFolded(text: string): string {
  const small = text.normalize("NFKD").toLowerCase().toUpperCase().toLowerCase();
  return small.replaceAll("ς", "σ").replace(accents, "");
}

/** Whether no word, and no letter with its marks, spans this position. A character may be two units long. */
export function isBoundary(text: string, at: number): boolean {
  const after = text.slice(at, at + 2);
  if (startsInLetter.test(after)) return false;
  return !(endsInWord.test(text.slice(Math.max(0, at - 2), at)) && startsInWord.test(after));
}
