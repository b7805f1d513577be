/**
 * Patterns of PostgreSQL's for texts that may hold another text, once both are `simplified`. Such a text may have any
 * letters that become the wanted ones, so each letter is a class of all letters that become it. A pattern may match too
 * much, but never too little: between letters may be any that are not ASCII, as marks are, between words may be
 * anything, and a letter that becomes several is a match by itself.
 */
import { plainLetters } from "../../words.ts";

/** Letters by what they become, built from all of Unicode: it takes some 100 ms, at the first search of a thread. */
interface Letters {
  /** By the one letter that they become, those that become it, without itself. */
  formsOf: ReadonlyMap<string, readonly number[]>;
  /** Those that become several letters. */
  several: readonly { code: number; plain: string }[];
}

/** Those of Han are the most, and become themselves. Those of Hangul become two or three each. */
const unchanged = [[0x3400, 0x9fff], [0x17000, 0x18d08], [0x20000, 0x2f7ff], [0x30000, 0xe00ff]] as const;
const hangul = [0xac00, 0xd7a3] as const;
const partOfHangul = /[\u1100-\u11ff]/;
const highestCode = 0xe01ef;
const anyMarks = "[^\\u0001-\\u007f]*";
const marks = /\p{M}/gu;
/** White space may be of other characters, and JSON and PostgreSQL write some of the others in another way. */
const anything = /[\s\p{Cc}\p{Cs}"\\\ufffd]+/u;

let built: Letters | null = null;

function build(): Letters {
  const formsOf = new Map<string, number[]>();
  const several: Letters["several"][number][] = [];
  const skipped = [...unchanged, hangul, [0xd800, 0xf8ff]] as const;
  for (let code = 1; code <= highestCode; code++) {
    const range = skipped.find(([first, last]) => code >= first && code <= last);
    if (range !== undefined) {
      code = range[1];
      continue;
    }
    const letter = String.fromCodePoint(code);
    const plain = plainLetters(letter).replace(marks, "");
    if (plain === letter || plain === "") continue;
    if (plain.length > String.fromCodePoint(plain.codePointAt(0) as number).length) {
      several.push({ code, plain });
    } else formsOf.set(plain, [...formsOf.get(plain) ?? [], code]);
  }
  return { formsOf, several };
}

/** `text` is simplified. */
export function patternFor(text: string): string {
  const letters = built ??= build();
  const words = text.replace(marks, "").split(anything)
    .map((word) => [...word].map((letter) => classFor(letter, letters)).join(anyMarks));
  const others = othersFor(text, letters);
  return others === "" ? words.join(".*") : `${words.join(".*")}|[${others}]`;
}

function classFor(letter: string, { formsOf }: Letters): string {
  const forms = formsOf.get(letter) ?? [];
  return `[${rangesOf([letter.codePointAt(0) as number, ...forms])}]`;
}

/** Letters that become several, of which one is in the text. */
function othersFor(text: string, { several }: Letters): string {
  const wanted = new Set(text);
  const codes = several.filter(({ plain }) => [...plain].some((letter) => wanted.has(letter))).map((
    { code },
  ) => code);
  const all = rangesOf(codes);
  return partOfHangul.test(text) ? `${all}${escapeOf(hangul[0])}-${escapeOf(hangul[1])}` : all;
}

/** For a class in brackets. */
function rangesOf(codes: readonly number[]): string {
  const sorted = codes.toSorted((a, b) => a - b);
  let ranges = "";
  for (let index = 0; index < sorted.length; index++) {
    const first = sorted[index] as number;
    let last = first;
    while (sorted[index + 1] === last + 1) last = sorted[++index] as number;
    ranges += last === first ? escapeOf(first) : `${escapeOf(first)}-${escapeOf(last)}`;
  }
  return ranges;
}

function escapeOf(code: number): string {
  return code > 0xffff
    ? `\\U${code.toString(16).padStart(8, "0")}`
    : `\\u${code.toString(16).padStart(4, "0")}`;
}
