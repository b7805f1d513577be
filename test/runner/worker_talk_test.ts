/** Workers that send all sorts of messages. test/fuzz runs the same for any length of time. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { target } from "../fuzz/targets/workers.ts";
import { WorkerTalk } from "../support/worker_talk.ts";

Deno.test("Whatever a worker sends, each of its items ends once, and only valid messages pass", async () => {
  await fc.assert(fc.asyncProperty(target.inputs, async (input) => void await target.check(input)), {
    numRuns: 300,
    endOnFailure: true,
  });
});

Deno.test("Long output of a service's program is cut in the log; only endless output ends the worker", async () => {
  const talk = new WorkerTalk();
  for (let i = 0; i < 5_000; i++) talk.print(`codec ${i}`);
  assert.equal(talk.isOver, false);
  talk.clock.advance(1_000);
  const texts = talk.log.entries.map(({ text }) => text);
  assert.equal(texts[0], "codec 0");
  assert.equal(texts.at(-1), "… and 4,000 more lines");
  for (let i = 0; i < 20_000; i++) talk.print("y");
  assert.equal(talk.isOver, true);
  await talk.end();
});
