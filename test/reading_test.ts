import assert from "node:assert/strict";
import { checkReadings, describeMistake, futureToleranceMs, readingMistake } from "../src/reading.ts";

const now = Date.UTC(2026, 0, 1);
const right = { channel: "NODE3000005", at: now, value: 12.5 };

Deno.test("A reading with a channel, a time and a finite number is right", () => {
  for (const value of [0, -0, 1e308, 5e-324, -1]) {
    assert.equal(readingMistake({ ...right, value }, now), null);
  }
});

Deno.test("Each kind of wrong reading is recognized", () => {
  const mistakeOf = (changes: object) => readingMistake({ ...right, ...changes }, now);
  assert.equal(mistakeOf({ channel: "" }), "no_channel");
  assert.equal(mistakeOf({ channel: "x".repeat(201) }), "no_channel");
  for (const value of [NaN, Infinity, -Infinity, "12", null, undefined, true, {}, 1n]) {
    assert.equal(mistakeOf({ value }), "not_a_number");
  }
  for (const at of [null, NaN, 0.5, -1, 1e300]) assert.equal(mistakeOf({ at }), "bad_time");
  assert.equal(mistakeOf({ at: now + futureToleranceMs }), null);
  assert.equal(mistakeOf({ at: now + futureToleranceMs + 1 }), "future");
});

Deno.test("Wrong readings are counted by kind, and the right ones keep their order", () => {
  const readings = [
    { ...right, at: now + 2 },
    { ...right, value: "off" },
    { ...right, at: now + 1 },
    { ...right, value: NaN },
    { ...right, at: null },
  ];
  const checked = checkReadings(readings, now);
  assert.deepEqual(checked.right.map(({ at }) => at - now), [2, 1]);
  assert.deepEqual(checked.wrong.map(({ mistake, count }) => [mistake, count]), [
    ["not_a_number", 2],
    ["bad_time", 1],
  ]);
  assert.equal(checked.wrong[0]?.reading.value, "off");
});

Deno.test("When this computer's clock is set back, the readings of a source that goes on stay right", () => {
  const before = now - 30 * 86_400_000;
  assert.equal(checkReadings([right], before).right.length, 0);
  assert.equal(checkReadings([right], Math.max(before, now - 500)).right.length, 1);
});

Deno.test("The sentence about a wrong reading says what came, without what could steer a terminal", () => {
  const wrong = { mistake: "not_a_number", reading: { ...right, value: "\x1b[2Joff" }, count: 1 } as const;
  const sentence = describeMistake(wrong, "iss");
  assert.match(sentence, /^iss sent a reading .* NODE3000005 is ".*off", which is not a number\./);
  assert.ok(!sentence.includes("\x1b"));
});
