import assert from "node:assert/strict";
import fc from "fast-check";
import stringWidth from "string-width";
import { hostileNames } from "../../support/fake_control.ts";
import { narrowText } from "../../../src/faces/tui/narrow.ts";
import { fit, steady, textWidth, truncate, wrap } from "../../../src/faces/tui/width.ts";

const hostileText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.array(fc.constantFrom(...hostileNames)).map((names) => names.join("")),
);

Deno.test("A fitted text has exactly its columns, by its clusters' count and by the terminal's", () => {
  fc.assert(fc.property(hostileText, fc.integer({ min: 1, max: 60 }), (text, width) => {
    const fitted = fit(text, width);
    assert.equal(textWidth(fitted), width);
    assert.ok(stringWidth(fitted) <= width);
  }));
});

Deno.test("Text that counts as narrow has one unit and one column per character, and a single form", () => {
  const narrow = Array.from({ length: 0x10000 }, (_, unit) => String.fromCharCode(unit))
    .filter((character) => narrowText.test(character));
  assert.ok(narrow.length > 500);
  for (const character of narrow) {
    assert.equal(stringWidth(character), 1, character);
    assert.equal(character.normalize("NFC"), character);
  }
});

Deno.test("Wrapped lines are never wider than requested, and keep all characters", () => {
  fc.assert(
    fc.property(fc.constantFrom(...hostileNames, "a b", "x".repeat(90)), fc.integer({ min: 2, max: 40 }), (
      text,
      width,
    ) => {
      const lines = wrap(text.repeat(3), width);
      for (const line of lines) assert.ok(textWidth(line) <= width);
      const letters = (of: string) => of.replaceAll(" ", "");
      assert.equal(letters(lines.join("")), letters(steady(text.repeat(3))));
    }),
  );
});

Deno.test("Text that terminals draw in different widths is converted to a form on which they agree", () => {
  assert.equal(steady("👩‍👩‍👧‍👦"), "👩");
  assert.equal(steady("👋🏽"), "👋");
  assert.equal(steady("🇩🇪"), "DE");
  assert.equal(steady("❤️"), "❤");
  assert.equal(steady("1️⃣"), "1");
  assert.equal(steady("a\u202Eb\x1b[2Jc\nd"), "ab[2Jcd");
});

Deno.test("A steady text is not changed", () => {
  fc.assert(fc.property(hostileText, (text) => assert.equal(steady(steady(text)), steady(text))));
});

Deno.test("A cut text ends with …", () => {
  assert.equal(truncate("李小龙", 4), "李…");
  assert.equal(fit("李小龙", 4), "李… ");
  assert.equal(fit("ab", 4, "right"), "  ab");
});

Deno.test("Text is wrapped completely at any width, even 0, and no character is split", () => {
  for (const text of ["ﷺ and a wide 漢字 word", "👩‍👩‍👧 family", "\ud888ﷺ", "plain words"]) {
    for (let width = -3; width < 4; width++) {
      const lines = wrap(text, width);
      assert.ok(lines.length <= text.length + 1);
      assert.equal(lines.join("").isWellFormed(), true);
    }
  }
});

Deno.test("The first lines of a text are the same, however many are asked for", () => {
  fc.assert(
    fc.property(
      hostileText,
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 4 }),
      (text, width, count) => {
        assert.deepEqual(wrap(text, width, count), wrap(text, width).slice(0, count));
      },
    ),
  );
});
