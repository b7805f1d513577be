import assert from "node:assert/strict";
import { every, sleep } from "../../src/clock.ts";
import { FakeClock } from "./fake_clock.ts";

Deno.test("FakeClock runs due timers in the order of their moments, equal ones as they were set", () => {
  const clock = new FakeClock(0);
  const ran: string[] = [];
  clock.after(20, () => ran.push("b"));
  clock.after(10, () => ran.push("a"));
  clock.after(20, () => ran.push("c"));
  clock.after(31, () => ran.push("late"));
  clock.advance(30);
  assert.deepEqual(ran, ["a", "b", "c"]);
  assert.equal(clock.now(), 30);
  assert.equal(clock.timerCount, 1);
});

Deno.test("FakeClock runs timers that timers set, each at its own moment", () => {
  const clock = new FakeClock(0);
  const moments: number[] = [];
  const stop = every(clock, 10, () => moments.push(clock.now()));
  clock.advance(35);
  stop();
  clock.advance(100);
  assert.deepEqual(moments, [10, 20, 30]);
});

Deno.test("FakeClock lets a sleep end by time or by its signal", async () => {
  const clock = new FakeClock(0);
  const byTime = sleep(clock, 50);
  assert.equal(clock.advanceToNext(), true);
  await byTime;
  assert.equal(clock.now(), 50);
  const controller = new AbortController();
  const byAbort = sleep(clock, 50, controller.signal);
  controller.abort();
  await byAbort;
  assert.equal(clock.advanceToNext(), false);
});
