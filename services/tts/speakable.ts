/** Text as an engine reads it aloud; each piece of it knows its place in what was written. */
import { amountPattern, numberPattern, spokenAmount, spokenNumber } from "./amounts.ts";
import { type EmojiNames, emojiNamesOf } from "./emoji_names.ts";
import { type Place, wordsOf } from "./words.ts";

export interface Speakable {
  /** "" where nothing of it can be said. */
  readonly text: string;
  /** Where [from, to) of `text` stands in what was written; what was replaced has the place of the whole. */
  placeOf(from: number, to: number): Place;
}

export interface SpeakableOptions {
  /** A BCP 47 tag: that of the voice. */
  language: string;
  /** Of what is said, in UTF-16 units: it is cut at a word. */
  maxLetters: number;
  /** Parts that are not to be said, in their order, as blocked words. */
  leftOut?: readonly { start: number; end: number }[];
}

const maxEmoji = 3;
/** So many times the limit is looked at: links and laughter become shorter. */
const lookAhead = 10;

/**
 * Emoji become their names, the first three of them; a link becomes "link"; letters, laughter and words that are
 * repeated come twice; numbers and amounts are written as the language says them; fancy letters become plain ones;
 * signs that steer a terminal or turn the direction are left out.
 */
export async function speakable(text: string, options: SpeakableOptions): Promise<Speakable> {
  const language = knownLanguage(options.language);
  const sayings = new Sayings(language, await emojiNamesOf(language));
  const length = Math.min(text.length, options.maxLetters * lookAhead);
  const pieces = new Pieces(text);
  let end = 0;
  for (
    const { start, end: next } of [...options.leftOut ?? [], { start: length, end: length }]
  ) {
    if (start > end) sayPart(text, { from: end, to: Math.min(start, length) }, { sayings, pieces });
    end = Math.max(end, next);
  }
  return pieces.done(options.maxLetters);
}

function sayPart(
  text: string,
  { from, to }: Place,
  { sayings, pieces }: { sayings: Sayings; pieces: Pieces },
): void {
  if (from > 0) pieces.add(" ", { from, to: from });
  let end = from;
  for (const match of text.slice(from, to).matchAll(replaced)) {
    const place = { from: from + match.index, to: from + match.index + match[0].length };
    pieces.addWritten(end, place.from);
    pieces.add(sayings.of(match), place);
    end = place.to;
  }
  pieces.addWritten(end, to);
}

/** Klingon and the like have tags of eSpeak's own. */
function knownLanguage(language: string): string {
  try {
    return Intl.getCanonicalLocales(language)[0] ?? "en";
  } catch {
    return "en";
  }
}

function cutAtWord(text: string, maxLetters: number): string {
  if (text.length <= maxLetters) return text;
  const last = wordsOf(text.slice(0, maxLetters + 1)).findLast(({ to }) => to <= maxLetters);
  return text.slice(0, last?.to ?? maxLetters);
}

/** Domains that a word behind a full stop is hardly taken for. Before a slash every word is one. */
const domains = "com|net|org|info|tv|gg|io|ly|app|dev|xyz|uk|br|mx|jp|kr|cn|ru";
const host = String.raw`(?<![\p{L}\p{N}@.\-])(?:[a-z0-9][a-z0-9\-]{0,62}\.){1,5}`;
const path = String.raw`[!-~]*[A-Za-z0-9\/=_~#&\-]`;

/** Sources of regular expressions with the flag "v"; of two that fit, the first one counts. */
const patterns = {
  terminal: String.raw`\x1b(?:\[[0-9;?]*[\x20-\x2f]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)`,
  link: String.raw`(?i:(?:https?:\/\/|www\.)${path}|` +
    String.raw`${host}(?:[a-z]{2,24}\/${path}|(?:${domains})(?![\p{L}\p{N}\-])\/?))`,
  emoji: String
    .raw`\p{RGI_Emoji}|[0-9#*]\ufe0f?\u20e3|\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f?`,
  amount: amountPattern,
  number: numberPattern,
  words: String
    .raw`(?i:(?<![\p{L}\p{N}])(?<word>[\p{L}\p{M}]{1,12})(?:[\s,.!]{1,4}\k<word>(?![\p{L}\p{N}])){3,})`,
  letters: String.raw`(?i:(?<syllable>\p{L}{1,3}?)\k<syllable>{2,})`,
  ornament: String.raw`[*_~\|\^\x60\\]+|(?<sign>[\p{P}\p{S}])\k<sign>+`,
};

type Saying = keyof typeof patterns;

const replaced = new RegExp(
  Object.entries(patterns).map(([name, source]) => `(?<${name}>${source})`).join("|"),
  "gv",
);

/** What is said in place of what was found. */
class Sayings {
  readonly #language: string;
  readonly #emojiNames: EmojiNames;
  #emojiCount = 0;

  constructor(language: string, emojiNames: EmojiNames) {
    this.#language = language;
    this.#emojiNames = emojiNames;
  }

  of({ 0: found, groups = {} }: RegExpExecArray): string {
    const kind = (Object.keys(patterns) as Saying[]).find((name) => groups[name] !== undefined) as Saying;
    switch (kind) {
      case "terminal":
        return " ";
      case "link":
        return " link ";
      case "emoji":
        return this.#emoji(found);
      case "amount":
        return ` ${spokenAmount(found, this.#language)} `;
      case "number":
        return spokenNumber(found, this.#language);
      case "words":
        return `${groups["word"]}, ${groups["word"]}`;
      case "letters":
        // A number.
        return found === "III" ? found : `${groups["syllable"]}${groups["syllable"]}`;
      case "ornament":
        return groups["sign"] ?? " ";
    }
  }

  #emoji(emoji: string): string {
    if (this.#emojiCount === maxEmoji) return " ";
    const name = this.#emojiNames(emoji);
    if (name !== null) this.#emojiCount++;
    return name === null ? " " : ` ${name} `;
  }
}

/** A piece of what is said, and of what was written. */
interface Piece {
  from: number;
  to: number;
  written: Place;
  /** Each letter of it has its own place. */
  isSame: boolean;
}

/** A letter with at most this many signs over and under it. */
const maxSigns = 3;
const hasPlainForm = /[\p{L}\p{Nd}\u2460-\u24ff\uff00-\uffef]/u;
/** Of signs that are no letters and no emoji, as in pictures of letters. */
const spokenSign = /[°№℃℉©®™]/u;
const unspoken = /[\p{Cc}\p{Cs}\p{Co}\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufe0f\ufffd]/u;

class Pieces {
  readonly #written: string;
  readonly #pieces: Piece[] = [];
  #text = "";

  constructor(written: string) {
    this.#written = written;
  }

  /** Of two blanks in a row, one. */
  add(saying: string, written: Place, isSame = false): void {
    const text = /(?:^|\s)$/u.test(this.#text.slice(-1)) ? saying.trimStart() : saying;
    if (text === "") return;
    const from = this.#text.length;
    this.#text += text;
    const last = this.#pieces.at(-1);
    if (isSame && last?.isSame && last.written.to === written.from) {
      last.to = this.#text.length;
      last.written = { from: last.written.from, to: written.to };
    } else {
      this.#pieces.push({ from, to: this.#text.length, written, isSame });
    }
  }

  /** As it was written, but for what is not spoken and for letters that have a plain form. */
  addWritten(from: number, to: number): void {
    for (const { 0: letter, index } of this.#written.slice(from, to).matchAll(/\P{M}\p{M}*|\p{M}+/gu)) {
      const plain = plainLetter(letter);
      const place = { from: from + index, to: from + index + letter.length };
      this.add(plain, place, plain === letter);
    }
  }

  done(maxLetters: number): Speakable {
    const text = cutAtWord(this.#text, maxLetters);
    const pieces = this.#pieces;
    const pieceAt = (place: number) => pieces[indexAt(pieces, place)];
    return {
      text: wordsOf(text).length === 0 ? "" : text,
      placeOf(from, to) {
        const [first, last] = [pieceAt(from), pieceAt(Math.max(from, to - 1))];
        if (!first || !last) return { from: 0, to: 0 };
        return {
          from: first.isSame ? first.written.from + from - first.from : first.written.from,
          to: last.isSame ? last.written.from + to - last.from : last.written.to,
        };
      },
    };
  }
}

function plainLetter(letter: string): string {
  const [base = "", ...signs] = letter;
  const isSign = /\p{So}/u.test(base) && !hasPlainForm.test(base) && !spokenSign.test(base);
  if (unspoken.test(base) || isSign) return " ";
  const plain = base + signs.filter((sign) => !unspoken.test(sign)).slice(0, maxSigns).join("");
  return hasPlainForm.test(base) ? plain.normalize("NFKC") : plain;
}

/** The index of the piece that holds the place, or the one before it. */
function indexAt(pieces: readonly Piece[], place: number): number {
  let [low, high] = [0, pieces.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((pieces[middle] as Piece).from <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}
