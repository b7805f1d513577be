/** Finding words in what people write, whatever their case, accents and fancy letters. */

/** Scripts that put no spaces between words: in these, a word is found wherever it stands. */
const unspaced =
  "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}";
const startsInWord = new RegExp(`^[[\\p{L}\\p{N}]--[${unspaced}]]`, "v");
const endsInWord = new RegExp(`[[\\p{L}\\p{N}]--[${unspaced}]]$`, "v");

/** The text in small plain letters, with single spaces: "¡AGÁCHATE  ya!" becomes "¡agachate ya!". */
export function simplified(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/\s+/gu, " ").trim();
}

/** Whether the word or phrase stands in the text, not as a part of a longer word. Both are `simplified`. */
export function hasPhrase(text: string, phrase: string): boolean {
  for (let at = text.indexOf(phrase); at !== -1; at = text.indexOf(phrase, at + 1)) {
    if (isBoundary(text, at) && isBoundary(text, at + phrase.length)) return true;
  }
  return false;
}

/** Whether no word goes on across this place. A character may be two units long. */
function isBoundary(text: string, at: number): boolean {
  return !(endsInWord.test(text.slice(Math.max(0, at - 2), at)) && startsInWord.test(text.slice(at, at + 2)));
}
