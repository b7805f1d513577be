import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { Schedules } from "../../src/runner/schedules.ts";
import { FakeClock } from "../support/fake_clock.ts";

function makeSchedules() {
  const clock = new FakeClock();
  const thrown: unknown[] = [];
  const schedules = new Schedules({ clock, onThrow: (error) => thrown.push(error) });
  const passSeconds = async (count: number) => {
    for (let i = 0; i < count * 2; i++) {
      clock.advance(500);
      await setImmediate();
    }
  };
  return { clock, thrown, schedules, passSeconds };
}

Deno.test("A schedule runs at each multiple of its seconds until it ends, however the wall clock is changed", async () => {
  const { clock, schedules, passSeconds } = makeSchedules();
  const ranAt: number[] = [];
  const end = schedules.add(3, () => void ranAt.push(clock.monotonic()));
  await passSeconds(4);
  clock.shiftWall(-3_600_000);
  await passSeconds(5);
  assert.deepEqual(ranAt, [3000, 6000, 9000]);
  end();
  await passSeconds(10);
  assert.equal(ranAt.length, 3);
  assert.equal(clock.timerCount, 0);
});

Deno.test("A schedule never runs twice at once, and skips the runs that it missed", async () => {
  const { clock, schedules, passSeconds } = makeSchedules();
  const begun: number[] = [];
  let finish = () => {};
  schedules.add(1, () => {
    begun.push(clock.monotonic());
    return new Promise<void>((resolve) => finish = resolve);
  });
  await passSeconds(3.5);
  assert.deepEqual(begun, [1000]);
  finish();
  await setImmediate();
  await passSeconds(1);
  assert.deepEqual(begun, [1000, 4000]);
  finish();
  await schedules.end();
});

Deno.test("A throw in a schedule is logged, and the schedule goes on", async () => {
  const { thrown, schedules, passSeconds } = makeSchedules();
  schedules.add(1, () => {
    throw new Error("out of order");
  });
  await passSeconds(2);
  assert.deepEqual(thrown.map(String), ["Error: out of order", "Error: out of order"]);
  await schedules.end();
});

Deno.test("Ending the schedules waits for running ones, and none starts afterwards", async () => {
  const { clock, schedules, passSeconds } = makeSchedules();
  let hasFinished = false;
  let finish = () => {};
  schedules.add(1, async () => {
    await new Promise<void>((resolve) => finish = resolve);
    hasFinished = true;
  });
  await passSeconds(1);
  const ended = schedules.end();
  schedules.add(1, () => assert.fail("it ran after the end"));
  finish();
  await ended;
  assert.ok(hasFinished);
  await passSeconds(5);
  assert.equal(clock.timerCount, 0);
});

Deno.test("A schedule without an interval or a function is refused", () => {
  const { schedules } = makeSchedules();
  for (const seconds of [0, -1, NaN, Infinity, "5" as unknown as number]) {
    assert.throws(() => schedules.add(seconds, () => {}), /a number of seconds above 0/);
  }
  assert.throws(() => schedules.add(1, "run" as unknown as () => void), /must be a function/);
});
