/** Makes what viewers wrote fit for one line on the screen of a live. */

const maxLetters = 100;

/** A letter may carry any number of marks, which would cover the picture: four of its kind are enough for any script. */
const maxUnits = maxLetters * 4;

/** Controls, line breaks, and marks that turn the direction of what follows them. */
const steering = /[\p{Cc}\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]+/gu;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** One line of at most 100 letters; "…" stands for the rest. OBS hangs up on text that is no Unicode. */
export function shownText(text: string): string {
  const line = text.toWellFormed().replace(steering, " ").replace(/\s+/gu, " ").trim();
  let shown = "";
  let letters = 0;
  for (const { segment } of graphemes.segment(line)) {
    if (++letters > maxLetters || shown.length + segment.length > maxUnits) return `${shown}…`;
    shown += segment;
  }
  return shown;
}
