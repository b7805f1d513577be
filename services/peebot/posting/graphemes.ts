/** Counts what a reader sees as characters: a family of emoji is one. */

/** Of a post on Bluesky. */
export const maxGraphemes = 300;

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

export function countGraphemes(text: string): number {
  let count = 0;
  for (const _ of segmenter.segment(text)) count++;
  return count;
}
