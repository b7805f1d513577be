import assert from "node:assert/strict";
import { wordWrap } from "../../src/log/word_wrap.ts";

const sentence =
  "1 session, 20,500 events stored: 3 gifts (37 diamonds), 246 likes, 12 comments, 4 follows, 2 joins";

Deno.test("A line of the summary is broken between words, and each piece fits next to the time", () => {
  for (const columns of [40, 60, 80, 120]) {
    const lines = wordWrap(sentence, columns).split("\n");
    assert.equal(lines.map((line) => line.trim()).join(" "), sentence);
    for (const [index, line] of lines.entries()) {
      assert.ok((index === 0 ? 9 : 0) + line.length <= columns, line);
    }
  }
});

Deno.test("A word that is longer than the line stays whole, as a path that a person copies", () => {
  const path = "/a/".repeat(40);
  assert.ok(wordWrap(`The whole report: ${path}`, 40).includes(path));
});
