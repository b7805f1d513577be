import assert from "node:assert/strict";
import { ConnectionWatch } from "../../src/app/connection_watch.ts";
import { FakeClock } from "../support/fake_clock.ts";

function watched() {
  const clock = new FakeClock();
  return { clock, watch: new ConnectionWatch(clock) };
}

Deno.test("A source that has reported no state yet is idle", () => {
  assert.deepEqual(watched().watch.view(), { phase: "idle" });
});

Deno.test("A connection's durations are right however the wall clock is changed", () => {
  for (const shift of [3_600_000, -3_600_000]) {
    const { clock, watch } = watched();
    watch.take({ phase: "live", username: "ana", roomId: "7", title: "Dino" });
    clock.advance(5_000);
    clock.shiftWall(shift);
    assert.deepEqual(watch.view(), { phase: "live", username: "ana", title: "Dino", forMs: 5_000 });

    const nextAt = clock.now() + 30_000;
    watch.take({ phase: "waiting", username: "ana", why: "@ana is offline.", nextAt });
    clock.advance(10_000);
    clock.shiftWall(shift);
    assert.deepEqual(watch.view(), {
      phase: "waiting",
      username: "ana",
      why: "@ana is offline.",
      inMs: 20_000,
    });
    clock.advance(60_000);
    const late = watch.view();
    assert.equal(late.phase === "waiting" && late.inMs, 0);
  }
});
