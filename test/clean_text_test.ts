import assert from "node:assert/strict";
import fc from "fast-check";
import { cleanLine, cleanName, cleanText, simpleText } from "../src/clean_text.ts";
import * as rules from "../src/text_rules.ts";

const clean = (text: string) => cleanText(text, 300);

const kept: Record<string, string> = {
  "plain words": 'hello, world! <3 "quotes" `ticks`',
  "a skin tone and a joined family": "👍🏽 👨‍👩‍👧‍👦 🧑🏽‍🤝‍🧑🏻 👩🏻‍❤️‍💋‍👨🏼",
  "variation selectors, keycaps and flags": "❤️ ☎︎ 1️⃣ #️⃣ 🇩🇪 🏳️‍🌈 🏴‍☠️ 👁️‍🗨️",
  "flags spelled in tags": "🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏴󠁧󠁢󠁳󠁣󠁴󠁿",
  "Persian with a zero-width non-joiner": "می‌خواهم کتاب‌ها را",
  "Arabic with harakat": "ٱلْحَمْدُ لِلَّٰهِ رَبِّ ٱلْعَٰلَمِينَ",
  "Hebrew with niqqud": "בְּרֵאשִׁית בָּרָא שָּׁלוֹם",
  "Devanagari with joiners": "क्‍ष हिन्दी र्‍य",
  "Bengali ya-phalaa": "র‍্যাব",
  "Malayalam's old final letters": "അവന്‍ വന്നു",
  "Sinhala": "ශ්‍රී ලංකා",
  "Thai": "ที่นี่ น้ำ ปู่",
  "Lao": "ສະບາຍດີ",
  "Burmese": "လျှော် မျှော်လင့်",
  "Khmer": "ខ្ញុំស្រឡាញ់",
  "Tibetan": "བསྒྲུབས་ ཨོཾ་མ་ཎི",
  "the tallest Tibetan stack": "ཧྐྵྨླྺྼྻྂ",
  "Vietnamese, decomposed": "Tiếng Việt".normalize("NFD"),
  "Korean, decomposed": "한국어".normalize("NFD"),
  "Japanese, with a variant letter": "葛\u{E0100}飾区 がぎ",
  "Mongolian": "ᠮᠣᠩᠭᠣᠯ᠎ᠠ",
  "mathematical and full-width letters": "𝓐𝓷𝓪 Ａｎａ ⓐⓝⓐ",
  "a mark under every letter": "a̲n̲a̲",
  "blanks of every width": "a b　c",
};

for (const [what, text] of Object.entries(kept)) {
  Deno.test(`cleanText keeps ${what}`, () => assert.equal(clean(text), text));
}

const changed: Record<string, [string, string]> = {
  "a color": ["\x1b[31mred\x1b[0m", "red"],
  "a color in 8 bits": ["\x9b1;31mred", "red"],
  "a sequence split by a control": ["\x1b\x00[3\x011mred", "red"],
  "a window's title": ["\x1b]0;pwned\x07name", "name"],
  "a link, ended by ST": ["\x1b]8;;http://x\x1b\\here\x1b]8;;\x1b\\", "here"],
  "a device string in 8 bits": ["\x90q#0\x9cname", "name"],
  "the introducer of an endless string": ["\x1b]52;c;AAAA", "52;c;AAAA"],
  "a reset": ["\x1bcname", "name"],
  "a charset": ["\x1b(0name", "name"],
  "an unfinished sequence": ["name\x1b[12;", "name"],
  "a lone escape": ["name\x1b", "name"],
  "what is left between two escapes": ["\x1b\x1b[31mred", "red"],
  "controls": ["a\x00b\x08c\x7fd\x9ae", "abcde"],
  "line breaks, to a blank": ["a\r\nb\u2028c\x85d\te", "a b c d e"],
  "bidi overrides": ["\u202Etxt.exe\u202C", "txt.exe"],
  "bidi isolates and marks": ["a\u2066b\u2069c\u200Ed\u200Fe\u061Cf", "abcdef"],
  "zero widths": ["ad\u200Bm\u2060i\uFEFFn\u00AD", "admin"],
  "joiners between Latin letters": ["ad\u200Dm\u200Cin", "admin"],
  "joiners beside emoji that join nothing": ["👍\u200D a\u200D👍", "👍 a👍"],
  "variation selectors on letters": ["a\uFE0Fd\uFE00min", "admin"],
  "tags that are no flag": ["a\u{E0061}\u{E0064}\u{E007F}b", "ab"],
  "text smuggled behind a flag": ["🏴" + "\u{E0061}".repeat(40) + "\u{E007F}", "🏴"],
  "fillers that look like nothing": ["\u3164\u115F\u1160\uFFA0", ""],
  "annotations": ["a\uFFF9b\uFFFAc\uFFFB", "abc"],
  "lone surrogates": ["a\uD83Db\uDE00c", "abc"],
  "noncharacters": ["a\uFFFEb\u{1FFFF}", "ab"],
  "a pile of marks, but for four": ["Z" + "\u0301\u0316".repeat(40) + "!", "Z\u0301\u0316\u0301\u0316!"],
  "a Thai tower": ["ก" + "\u0E49".repeat(30), "ก" + "\u0E49".repeat(4)],
  "a tower of marks at the side": ["က" + "\u102C".repeat(500), "က" + "\u102C".repeat(8)],
  "a tower hidden behind joiners": ["ب" + "\u064E\u200D".repeat(50), "ب\u064E\u200D\u064E\u200D"],
  "marks without a letter": ["\u0301\u0301name", "name"],
  "an endless chain of joined emoji": ["a" + "👨\u200D".repeat(100) + "👨b", "a\uFFFDb"],
};

for (const [what, [text, expected]] of Object.entries(changed)) {
  Deno.test(`cleanText takes out ${what}`, () => assert.equal(clean(text), expected));
}

Deno.test("cleanText cuts at the length given, between letters as a reader sees them", () => {
  assert.equal(cleanText("👨‍👩‍👧‍👦🇩🇪👍🏽x", 3), "👨‍👩‍👧‍👦🇩🇪👍🏽");
  assert.equal(cleanText("e\u0301".repeat(10), 4), "e\u0301".repeat(4));
  assert.equal(cleanText("x".repeat(1_000_000), 150), "x".repeat(150));
  assert.equal(cleanText("word", 0), "");
});

Deno.test("cleanName trims blanks, cuts at 64 letters, and leaves nothing of an invisible name", () => {
  assert.equal(cleanName("  ana \n"), "ana");
  assert.equal(cleanName("ana ".repeat(40)).length, 63);
  assert.equal(cleanName("\u200B \u202E\u3164 \u0301"), "");
  assert.equal(cleanName("."), ".");
});

Deno.test("cleanLine keeps a stack's indentation and takes out what steers a terminal", () => {
  assert.equal(cleanLine("    at run (\x1b[2Jmain.ts:1:1)"), "    at run (main.ts:1:1)");
});

/** Text made of what text.ts looks at, so that its rules meet one another. */
const hostileText = fc.array(
  fc.oneof(
    fc.constantFrom(
      ..."\x1b[]0;mP\\\x07\x9b\x9c\x9d\x00\x7f\n\r\x85\u2028\u202E\u2066\u200B\u200C\u200D\uFE0E\uFE0F\uFE00",
      ..."a Zé\u0301\u0316\u064E\u05B0\u0E49\u0F90\u102C\u094D\u20E3بकကཧ葛ᠮ\u180B\u180E\u0600\u1100\u1161",
      ..."👨👍🏽❤🏴🇩🇪\u{E0061}\u{E0064}\u{E007F}\u{E0100}\uFFFD",
      "\uD83D",
      "\uDE00",
      "👨\u200D",
      "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    ),
    fc.string({ unit: "binary", maxLength: 3 }),
  ),
  { maxLength: 60 },
).map((parts) => parts.join(""));

const forbidden =
  /[\p{Cc}\p{Cs}\u2028\u2029\p{Bidi_Control}\u200B\u2060\uFEFF\u00AD\u3164]|[\p{Mn}\p{Me}]{9}|^[\p{Mn}\p{Me}]/v;

Deno.test("cleanText gives no control, bidi or zero-width character, no tower and no more than was asked, whatever comes", () => {
  const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
  fc.assert(
    fc.property(hostileText, fc.integer({ min: 0, max: 50 }), (text, maxLength) => {
      const cleaned = cleanText(text, maxLength);
      assert.doesNotMatch(cleaned, forbidden);
      assert.ok([...segmenter.segment(cleaned)].length <= maxLength);
      assert.ok(cleaned.length <= maxLength * 8 + 32);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("cleanText and cleanName change nothing the second time", () => {
  fc.assert(
    fc.property(hostileText, fc.integer({ min: 0, max: 50 }), (text, maxLength) => {
      const once = cleanText(text, maxLength);
      assert.equal(cleanText(once, maxLength), once);
      const name = cleanName(text);
      assert.equal(cleanName(name), name);
      assert.equal(name, name.trim());
    }),
    { numRuns: 3000 },
  );
});

Deno.test("cleanText takes time in proportion to what it keeps, however long and hostile the text", () => {
  const patterns = ["\x1b]", "\x9d", "\x1b[", "\u0301", "👨\u200D", "\u200D", "🏴\u{E0061}", "\x1b[0;"];
  for (const pattern of patterns) assert.ok(cleanText(pattern.repeat(1_000_000), 150).length <= 1_200);
});

Deno.test("What is taken to be simple is what no rule changes, and each of its characters is a letter of its own", () => {
  const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
  const characters = Array.from({ length: 0x110000 }, (_, code) => String.fromCodePoint(code))
    .filter((character) => simpleText.test(character));
  assert.ok(characters.length > 30_000);
  for (const character of characters) {
    assert.equal(rules.cleanText(character, 10), character, `U+${character.codePointAt(0)?.toString(16)}`);
    assert.equal(character.trim() === "", character === " ");
  }
  // Each beside itself and beside others: nothing grows together.
  for (const beside of [0, 1, 97, 1_009, 20_011]) {
    const text = characters.map((one, at) => one + characters[(at + beside) % characters.length]).join("");
    assert.equal([...graphemes.segment(text)].length, [...text].length);
  }
});
