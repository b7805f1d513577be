/** Makes viewers' texts fit for one line on the screen. */

const maxCharacters = 100;

/**
 * Limits combining marks, which could otherwise cover the picture. Four code units per character are enough for any
 * script.
 */
const maxUnits = maxCharacters * 4;

/** Control characters, line breaks, and marks that change the direction of the text. */
const steering = /[\p{Cc}\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]+/gu;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Returns one line of at most 100 characters, with "…" in place of the rest. OBS disconnects on malformed Unicode. */
export function shownText(text: string): string {
  const line = text.toWellFormed().replace(steering, " ").replace(/\s+/gu, " ").trim();
  let shown = "";
  let characters = 0;
  for (const { segment } of graphemes.segment(line)) {
    if (++characters > maxCharacters || shown.length + segment.length > maxUnits) return `${shown}…`;
    shown += segment;
  }
  return shown;
}
