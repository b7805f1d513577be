import assert from "node:assert/strict";
import { bareHandle } from "../src/handle.ts";

const cases: [text: string, handle: string | null][] = [
  ["ana", "ana"],
  ["@Ana.Live_1", "ana.live_1"],
  ["  @ANA \n", "ana"],
  ["https://www.tiktok.com/@Ana/live", "ana"],
  ["https://www.tiktok.com/@ana", "ana"],
  ["http://m.tiktok.com/@ana/live?lang=en", "ana"],
  ["tiktok.com/@ana/live/", "ana"],
  ["", ""],
  ["   ", ""],
  ["@", null],
  ["ana maria", null],
  ["https://example.com/@ana/live", null],
  ["https://www.tiktok.com/live", null],
  ["ana\u001b[2J", null],
];

for (const [text, handle] of cases) {
  Deno.test(`bareHandle makes ${JSON.stringify(handle)} of ${JSON.stringify(text)}`, () => {
    assert.equal(bareHandle(text), handle);
  });
}
