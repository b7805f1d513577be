import assert from "node:assert/strict";
import fc from "fast-check";
import { cleanLine, cleanName, cleanText } from "../../../src/clean_text.ts";
import { simplified } from "../../../src/words.ts";
import { assertCleaned } from "../asserts.ts";
import { hostileText } from "../inputs.ts";
import type { Target } from "../target.ts";

interface Input {
  text: string;
  maxLength: number;
  /** Long texts come by repeating a short one. */
  times: number;
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

export const target: Target<Input> = {
  holds: "what viewers write comes out short, clean, and as it was where it was clean",
  inputs: fc.record({
    text: hostileText,
    maxLength: fc.nat({ max: 600 }),
    times: fc.oneof({ weight: 20, arbitrary: fc.constant(1) }, fc.constantFrom(2, 100, 20_000)),
  }, { noNullPrototype: true }),
  check({ text, maxLength, times }) {
    const whole = text.repeat(Math.min(times, Math.ceil(1_000_000 / (text.length + 1))));
    const cleaned = cleanText(whole, maxLength);
    assertCleaned(cleaned);
    assert.equal(cleanText(cleaned, maxLength), cleaned, "cleaning it again changes it");
    const length = [...graphemes.segment(cleaned)].length;
    assert.ok(length <= maxLength, `${length} letters of ${maxLength}`);
    const name = cleanName(whole);
    assertCleaned(name);
    assert.equal(cleanName(name), name, "cleaning a name again changes it");
    assert.equal(name, name.trim());
    assertCleaned(cleanLine(whole));
    const simple = simplified(cleaned);
    assert.equal(simplified(simple), simple, "making it simple again changes it");
  },
};
