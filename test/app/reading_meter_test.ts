import assert from "node:assert/strict";
import { ReadingMeter } from "../../src/app/reading_meter.ts";
import { FakeClock } from "../support/fake_clock.ts";

Deno.test("The rate of a source's readings is that of the last ten seconds, and the age is that of the last one", () => {
  const clock = new FakeClock();
  const meter = new ReadingMeter(clock);
  assert.equal(meter.view(), null);
  for (let second = 0; second < 60; second++) {
    meter.add(70);
    clock.advance(1_000);
  }
  clock.shiftWall(-3_600_000);
  assert.deepEqual(meter.view(), { count: 4_200, perSecond: 70, sinceMs: 1_000 });
  clock.advance(500);
  assert.deepEqual(meter.view(), { count: 4_200, perSecond: 630 / 9.5, sinceMs: 1_500 });
  clock.advance(3_600_000);
  assert.equal(meter.view()?.perSecond, 0);
});

Deno.test("The rate of the first seconds is not divided by ten", () => {
  const clock = new FakeClock();
  const meter = new ReadingMeter(clock);
  clock.advance(2_000);
  meter.add(100);
  assert.equal(meter.view()?.perSecond, 50);
});
