/** Splits a text into words, for captions and times. */

/** [from, to) of a text, in UTF-16 units. */
export interface Place {
  readonly from: number;
  readonly to: number;
}

const segmenter = new Intl.Segmenter("en", { granularity: "word" });
/** Scripts that put no space between words. */
const isUnspaced =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;

/** Two words with only this between them become one, and so do the hours and minutes of a time. */
const joint = /^[&@._/'’+#-]?$/;
const isTime = /^\d:\d$/;

/**
 * Words without the punctuation around them. Parts without a space between them are one word, such as "AT&T" and
 * "well-known", except in a script without spaces.
 */
export function wordsOf(text: string): Place[] {
  const words: { from: number; to: number; isUnspaced: boolean }[] = [];
  for (const { segment, index, isWordLike } of segmenter.segment(text)) {
    if (!isWordLike) continue;
    const word = { from: index, to: index + segment.length, isUnspaced: isUnspaced.test(segment) };
    const last = words.at(-1);
    const isJoined = last !== undefined &&
      (joint.test(text.slice(last.to, index)) || isTime.test(text.slice(last.to - 1, index + 1)));
    if (isJoined && !last.isUnspaced && !word.isUnspaced) last.to = word.to;
    else words.push(word);
  }
  return words.map(({ from, to }) => ({ from, to }));
}
