/** Puts "***" in place of words that the streamer does not want to see. */

const cover = "***";

export class Mask {
  readonly #pattern: RegExp | null;

  constructor(words: readonly string[]) {
    const any = words.map((word) => RegExp.escape(word)).join("|");
    this.#pattern = words.length === 0
      ? null
      : new RegExp(`(?<![\\p{L}\\p{N}])(?:${any})(?![\\p{L}\\p{N}])`, "giu");
  }

  apply(text: string): string {
    return this.#pattern === null ? text : text.replace(this.#pattern, cover);
  }

  /** Where a place in the text, an index, is once the text is masked. One within a word moves behind it. */
  placeOf(at: number, text: string): number {
    let moved = 0;
    for (const { 0: word, index } of this.#pattern === null ? [] : text.matchAll(this.#pattern)) {
      if (index >= at) break;
      moved += cover.length - Math.min(word.length, at - index);
    }
    return at + moved;
  }
}
