import assert from "node:assert/strict";
import { SilenceWatch } from "../../src/app/silence_watch.ts";
import { FakeClock } from "../support/fake_clock.ts";

Deno.test("A silence is told every five seconds once it is longer than allowed, until readings come", () => {
  const clock = new FakeClock();
  const told: number[] = [];
  const watch = new SilenceWatch({ clock, silenceMs: 60_000, onSilence: (ms) => told.push(ms) });
  const pass = (seconds: number) => {
    for (let second = 0; second < seconds; second++) clock.advance(1_000);
    return told.splice(0);
  };
  assert.deepEqual(pass(59), []);
  watch.end();
  assert.deepEqual(pass(64), []);
  assert.deepEqual(pass(11), [5_000, 10_000, 15_000]);
  watch.end();
  assert.deepEqual(pass(64), []);
  assert.deepEqual(pass(1), [5_000]);
  watch.stop();
  assert.deepEqual(pass(100), []);
  assert.equal(clock.timerCount, 0);
});
