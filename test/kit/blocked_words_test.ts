import assert from "node:assert/strict";
import fc from "fast-check";
import { maskOf } from "../../src/kit/blocked_words.ts";
import { hasPhrase, simplified } from "../../src/words.ts";

Deno.test("A blocked word is hidden whatever its case, accents and fancy letters; all around it stays", () => {
  const mask = maskOf(["badword", "c++", "no way", "Łoś"]);
  assert.equal(mask("A BadWord, badwords, C++"), "A ***, badwords, ***");
  assert.equal(mask("Él: 𝕓𝕒𝕕𝕨𝕠𝕣𝕕! ᴮᴬᴰword — bádwørd"), "Él: ***! *** — ***");
  assert.equal(mask("  No \n WAY  ok"), "  ***  ok");
  assert.equal(mask("ŁOŚ, los"), "***, ***");
  assert.equal(mask("fine 🌹"), "fine 🌹");
});

Deno.test("Where a script puts no spaces a blocked word is hidden inside of others", () => {
  assert.equal(maskOf(["跳"])("快跳啊"), "快***啊");
  assert.equal(maskOf(["ガ"])("すｶﾞす"), "す***す");
});

Deno.test("Blocked words that overlap are hidden as one, whichever comes first", () => {
  for (const words of [["bad", "bad word"], ["bad word", "bad"], ["a bad", "bad word"]]) {
    assert.equal(maskOf(words)("a bad word!").replace(/^a /, ""), "***!");
  }
});

Deno.test("Nothing is left of a blocked word, and a text without one is as it was", () => {
  const aText = fc.string({
    unit: fc.constantFrom(..."abAÁß🅱 -\t\u0301", "ﬁ", "ﷺ", "跳", "𝕒"),
    maxLength: 8,
  });
  fc.assert(
    fc.property(aText, aText, (text, word) => {
      const phrase = simplified(word);
      const masked = maskOf([word])(text);
      if (phrase === "" || !hasPhrase(simplified(text), phrase)) assert.equal(masked, text);
      else {
        assert.ok(masked.includes("***"), masked);
        assert.ok(!hasPhrase(simplified(masked), phrase), masked);
      }
    }),
    { numRuns: 1_000 },
  );
});
