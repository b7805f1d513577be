/** Converts a text to the text that an engine reads aloud. Each piece has its place in the original text. */
import { amountPattern, numberPattern, spokenAmount, spokenNumber } from "./amounts.ts";
import { type EmojiNames, emojiNamesOf } from "./emoji_names.ts";
import { type Place, wordsOf } from "./words.ts";

export interface Speakable {
  /** "" when the text has nothing that a voice can say. */
  readonly text: string;
  /** The place in the original of [from, to) of `text`. A replacement has the place of all that it replaces. */
  placeOf(from: number, to: number): Place;
}

export interface SpeakableOptions {
  /** The voice's language, as a BCP 47 tag. */
  language: string;
  /** The limit of the spoken text, in UTF-16 units. A longer text ends after a word. */
  maxLetters: number;
  /** Parts to leave out, such as blocked words, in their order. */
  leftOut?: readonly { start: number; end: number }[];
}

const maxEmoji = 3;
/** The original may be this many times longer than the limit, because links and laughter become shorter. */
const lookAhead = 10;

/**
 * The first three emoji become their names, and the others are left out. A link becomes "link". Repeated letters,
 * laughter and words are kept twice. Numbers and amounts are written in the form that the language uses. Fancy letters
 * become plain letters. Terminal codes and characters that change the text direction are left out.
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

/** "en" for a tag that is not BCP 47, such as eSpeak's tag of Klingon. */
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

/** Domains that rarely follow a full stop as words. Before a slash, any word counts as a domain. */
const domains = "com|net|org|info|tv|gg|io|ly|app|dev|xyz|uk|br|mx|jp|kr|cn|ru";
const host = String.raw`(?<![\p{L}\p{N}@.\-])(?:[a-z0-9][a-z0-9\-]{0,62}\.){1,5}`;
const path = String.raw`[!-~]*[A-Za-z0-9\/=_~#&\-]`;

/** Sources of regular expressions with the flag "v". The first one that matches wins. */
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

/** Gives the spoken form of each match. */
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
        // A Roman number.
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

/** A piece of the spoken text with its place in the original. */
interface Piece {
  from: number;
  to: number;
  written: Place;
  /** The piece equals the original, so each character has its own place. */
  isSame: boolean;
}

/** The most combining marks that a letter keeps. */
const maxSigns = 3;
const hasPlainForm = /[\p{L}\p{Nd}\u2460-\u24ff\uff00-\uffef]/u;
/** The symbols that are spoken. Others are left out, because they often form pictures. */
const spokenSign = /[°№℃℉©®™]/u;
const unspoken = /[\p{Cc}\p{Cs}\p{Co}\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufe0f\ufffd]/u;

class Pieces {
  readonly #written: string;
  readonly #pieces: Piece[] = [];
  #text = "";

  constructor(written: string) {
    this.#written = written;
  }

  /** Keeps one of two spaces in a row. */
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

  /** Adds the original without unspoken characters, and with the plain forms of fancy letters. */
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

/** The index of the last piece that starts at or before the place. */
function indexAt(pieces: readonly Piece[], place: number): number {
  let [low, high] = [0, pieces.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((pieces[middle] as Piece).from <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}
