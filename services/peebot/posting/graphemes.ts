/** Counts what a reader sees as characters: a family of emoji is one. */
const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

export function countGraphemes(text: string): number {
  let count = 0;
  for (const _ of segmenter.segment(text)) count++;
  return count;
}
