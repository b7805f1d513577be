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

Deno.test("Times far ahead are not believed within a minute of a sound one, and are believed after it", () => {
  const minuteMs = 60_000;
  const ahead = [1, 2, 59, 60, 61].map((second): [number, number] => [
    second * 1000,
    hourMs + second * 1000,
  ]);
  assert.deepEqual(timesAfter([[0, 0], ...ahead]), [0, 0, 0, 0, hourMs + minuteMs, hourMs + minuteMs + 1000]);
});

Deno.test("After a sender's clock was corrected, two readings set the source's time back", () => {
  const ahead = [0, 1, 2].map((second): [number, number] => [second * 1000, 5 * hourMs + second * 1000]);
  const right = [3, 4, 5].map((second): [number, number] => [second * 1000, second * 1000]);
  assert.deepEqual(timesAfter([...ahead, ...right]).slice(2), [
    5 * hourMs + 2000,
    5 * hourMs + 2000,
    4000,
    5000,
  ]);
});

Deno.test("Of two senders, the one whose clock is right has the last word, whoever comes first", () => {
  const both = Array.from({ length: 20 }, (_, second): [number, number] => [
    second * 1000,
    (second % 4 < 2 ? 5 * hourMs : 0) + second * 1000,
  ]);
  assert.deepEqual(timesAfter(both).slice(-4), [15_000, 15_000, 18_000, 19_000]);
});

Deno.test("Late readings do not set back the time of a source that is ahead", () => {
  const ahead = [0, 1, 2].map((second): [number, number] => [second * 1000, 5 * hourMs + second * 1000]);
  const late = [3, 4, 5].map((
    second,
  ): [number, number] => [second * 1000, 5 * hourMs - (90 - second) * 1000]);
  const old = [6, 7].map((second): [number, number] => [second * 1000, -9 * hourMs + second * 1000]);
  assert.equal(timesAfter([...ahead, ...late, ...old]).at(-1), 5 * hourMs + 2000);
});

Deno.test("When this computer's clock is set back, times of arrival go back with it, and a sender's go on", () => {
  const minuteMs = 60_000;
  const arrivals = [0, 1000, 1000 - hourMs, 2000 - hourMs].map((at): [number, number] => [at, at]);
  assert.deepEqual(timesAfter(arrivals), [0, 1000, 1000, 2000 - hourMs]);
  const sent = [0, 1, 2, 3].map((minute): [number, number] => [
    minute * minuteMs - (minute > 1 ? hourMs : 0),
    minute * minuteMs,
  ]);
  assert.deepEqual(timesAfter(sent).slice(1), [minuteMs, minuteMs, 3 * minuteMs]);
});

Deno.test("The time of an earlier run goes on, and goes back when better times come", () => {
  const clocks = new SourceClocks();
  clocks.restore({ source: "iss", at: begin + 5 * hourMs }, begin);
  const verdicts = [1000, 2000, 3000].map((at) =>
    clocks.note("iss", { at: begin + at, receivedAt: begin + at })
  );
  assert.deepEqual(verdicts, ["sound", "back", "sound"]);
  assert.equal(clocks.of("iss"), begin + 3000);
});

Deno.test("A recording that is played again from its start does not set back the time that it had reached", () => {
  const clocks = new SourceClocks();
  clocks.restore({ source: "iss", at: begin + 5 * hourMs }, begin + 9000 * hourMs);
  for (const at of [1000, 2000, 3000]) clocks.note("iss", { at: begin + at, receivedAt: begin + at });
  assert.equal(clocks.of("iss"), begin + 5 * hourMs);
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
  assert.deepEqual(clocks.times(), [{ source: "iss", at: begin + 1000 }]);
});
