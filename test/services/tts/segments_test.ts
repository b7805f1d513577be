import assert from "node:assert/strict";
import { segmentsOf } from "../../../services/tts/segments.ts";
import { wordsOf } from "../../../services/tts/words.ts";

function cut(text: string): string[] {
  return segmentsOf(text).map(({ from, to }) => text.slice(from, to));
}

Deno.test("A short text is one trimmed segment", () => {
  assert.deepEqual(cut("  Hello there. How are you?  "), ["Hello there. How are you?"]);
});

Deno.test("A long text is cut after sentences", () => {
  const sentence = "This is a sentence of eighty letters, which are about as many as people write. ";
  const parts = cut(sentence.repeat(5));
  assert.deepEqual(parts.map((part) => part.match(/\./g)?.length), [2, 2, 1]);
  assert.ok(parts.every((part) => part.endsWith(".")));
});

Deno.test("A sentence that is too long is cut after a comma, or else after a word", () => {
  const clauses = cut(
    `${"many words stand here without an end ".repeat(4).trim()}, ${"and then ".repeat(20)}`,
  );
  assert.ok(clauses[0]?.endsWith("end,"));
  const words = "word ".repeat(100);
  assert.deepEqual(cut(words).flatMap((part) => part.split(" ")).filter((word) => word !== "word"), []);
});

const long: [string, string][] = [
  ["Chinese", "谢谢你的玫瑰我们今天很高兴。".repeat(40)],
  ["Japanese", "ありがとうございますローズを送りました".repeat(30)],
  ["Arabic", "شكرا جزيلا على الوردة، مرحبا بكم ".repeat(30)],
  ["one endless word", "x".repeat(1000)],
  ["pairs of units", "𝓗".repeat(500)],
  ["English", "Thank you, dear friends; it's great. ".repeat(30)],
];

for (const [name, text] of long) {
  Deno.test(`Segments of a long text in ${name} are short, split no character and leave out no word`, () => {
    const parts = cut(text);
    assert.ok(parts.length > 1 && parts.every((part) => part.length <= 200 && part.isWellFormed()));
    const said = parts.flatMap((part) => wordsOf(part).map(({ from, to }) => part.slice(from, to))).join("");
    assert.equal(said, wordsOf(text).map(({ from, to }) => text.slice(from, to)).join(""));
  });
}

Deno.test("A text without a word has no segment", () => {
  for (const text of ["", "   ", "… !!"]) assert.deepEqual(cut(text), []);
});
