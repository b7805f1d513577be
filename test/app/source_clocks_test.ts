import assert from "node:assert/strict";
import { SourceClocks } from "../../src/app/source_clocks.ts";

const hourMs = 3_600_000;
const begin = Date.UTC(2026, 0, 1);

/** The time of the source after each of its readings, in milliseconds after the begin, as the readings are. */
function timesAfter(readings: [receivedAt: number, at: number][]): number[] {
  const clocks = new SourceClocks();
  return readings.map(([receivedAt, at]) => {
    clocks.note("iss", { at: begin + at, receivedAt: begin + receivedAt });
    return clocks.of("iss") - begin;
  });
}

Deno.test("A source's time follows its newest reading, and not one that alone is far ahead", () => {
  assert.deepEqual(
    timesAfter([[0, 0], [1000, 1000], [2000, 20 * hourMs], [3000, 3000], [4000, 21 * hourMs], [5000, 5000]]),
    [0, 1000, 1000, 3000, 3000, 5000],
  );
});

Deno.test("A batch of one wrong time does not move a source's time", () => {
  assert.deepEqual(timesAfter([[0, 0], [1000, hourMs], [1000, hourMs], [2000, 2000]]), [0, 0, 0, 2000]);
});

Deno.test("A sender whose clock is an hour ahead is believed from its second reading", () => {
  const minuteMs = 60_000;
  const sent = [0, 1, 2, 3].map((
    minute,
  ): [number, number] => [minute * minuteMs, hourMs + minute * minuteMs]);
  assert.deepEqual(timesAfter(sent).slice(1), [1, 2, 3].map((minute) => hourMs + minute * minuteMs));
});

Deno.test("A time that is known only after a pause is believed at once, because the reading came then", () => {
  assert.deepEqual(timesAfter([[0, 0], [9 * hourMs, 9 * hourMs - 500]]), [0, 9 * hourMs - 500]);
});

Deno.test("A source's time goes on while it is silent, from its last reading, and readings after it move it further", () => {
  const clocks = new SourceClocks();
  const note = (at: number) => clocks.note("iss", { at: begin + at, receivedAt: begin + at });
  const silent = (ms: number) => {
    clocks.noteSilence("iss", ms);
    return clocks.of("iss") - begin;
  };
  clocks.noteSilence("iss", 5_000);
  assert.equal(clocks.of("iss"), -Infinity);
  note(1_000);
  assert.deepEqual([silent(5_000), silent(10_000), silent(5_000)], [6_000, 11_000, 11_000]);
  note(70_000);
  assert.equal(silent(0), 70_000);
  assert.equal(silent(5_000), 75_000);
});

Deno.test("A source without a reading that can be believed has no time", () => {
  const clocks = new SourceClocks();
  clocks.note("iss", { at: begin + 20 * hourMs, receivedAt: begin });
  assert.deepEqual(clocks.times(), []);
  clocks.note("iss", { at: begin + 1000, receivedAt: begin + 1000 });
  assert.deepEqual(clocks.times(), [["iss", begin + 1000]]);
});
