/** Makes what viewers wrote fit for one line on the screen of a live. */

const maxLength = 100;

/** Controls, line breaks, and marks that turn the direction of what follows them. */
const steering = /[\p{Cc}\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]+/gu;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** One line of at most 100 letters. */
export function shownText(text: string): string {
  // A letter with a thousand marks on it is one grapheme: the units are bounded as well.
  const line = text.slice(0, maxLength * 20).replace(steering, " ").replace(/\s+/gu, " ").trim();
  const letters = [...graphemes.segment(line)].map(({ segment }) => segment);
  if (letters.length <= maxLength && line.length <= maxLength * 4) return line;
  let shown = "";
  for (const letter of letters.slice(0, maxLength - 1)) {
    if (shown.length + letter.length > maxLength * 4) break;
    shown += letter;
  }
  return `${shown}…`;
}
