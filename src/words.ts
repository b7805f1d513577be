/** Finding words in what people write, whatever their case, accents and fancy letters. */
import { baseLetters } from "./base_letters.ts";

const isAscii = /^\p{ASCII}*$/u;

/** Signs on letters that one may leave out. Those of Hindi or Thai, and the two of Japanese, make another word. */
const accents = /[[\p{M}&&[\p{Script=Inherited}\p{Script=Hebrew}]]--[\u3099\u309a]]/gv;

/** Scripts that put no spaces between words: in these, a word is found wherever it stands. */
const unspaced =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}";
const startsInWord = new RegExp(`^[[\\p{L}\\p{N}]--[${unspaced}]]`, "v");
const endsInWord = new RegExp(`[[\\p{L}\\p{N}\\p{M}]--[${unspaced}]]$`, "v");
const startsInLetter = /^\p{M}/u;

let folding: { forms: RegExp; baseOf: ReadonlyMap<string, string> } | null = null;

/** Made when it is first asked for: it takes 0.4 MB, and every service's worker loads this file. */
function letterFolding(): NonNullable<typeof folding> {
  if (folding !== null) return folding;
  const baseOf = new Map(
    Object.entries(baseLetters).flatMap(([base, forms]) => [...forms].map((form) => [form, base])),
  );
  folding = { baseOf, forms: new RegExp(`[${[...baseOf.keys()].join("")}]`, "gu") };
  return folding;
}

/** The text in small plain letters, with single spaces: "¡AGÁCHATE  ya!" becomes "¡agachate ya!". */
export function simplified(text: string): string {
  return plainLetters(text).replace(/\s+/gu, " ").trim();
}

/** The text in small plain letters, with its blanks as they are. */
export function plainLetters(text: string): string {
  if (isAscii.test(text)) return text.toLowerCase();
  const { forms, baseOf } = letterFolding();
  return caseFolded(text).replace(forms, (form) => baseOf.get(form) ?? form);
}

/** Without accents and fancy letters, and in small letters: the way over capitals makes "ss" of ß, i of ı. */
export function caseFolded(text: string): string {
  const small = text.normalize("NFKD").toLowerCase().toUpperCase().toLowerCase();
  return small.replaceAll("ς", "σ").replace(accents, "");
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

/** Whether no word, and no letter with its signs, goes on across this place. A character may be two units long. */
function isBoundary(text: string, at: number): boolean {
  const after = text.slice(at, at + 2);
  if (startsInLetter.test(after)) return false;
  return !(endsInWord.test(text.slice(Math.max(0, at - 2), at)) && startsInWord.test(after));
}
