import assert from "node:assert/strict";
import { Monitor } from "../../src/app/monitor.ts";
import { makeEvent, makeGift } from "../support/events.ts";
import { FakeClock } from "../support/fake_clock.ts";

Deno.test("A streak is one line of the latest events, at the time at which it began, with what it has become", () => {
  const monitor = new Monitor(new FakeClock());
  monitor.takeEvent(makeGift({ id: 1, createdAt: 1_000, count: 1 }));
  monitor.takeEvent(makeEvent({ id: 2, createdAt: 2_000 }));
  monitor.takeEvent(makeGift({ id: 3, createdAt: 3_000, count: 7 }));
  assert.deepEqual(monitor.events().map(({ id, at, text }) => ({ id, at, text })), [
    { id: 3, at: 1_000, text: "🎁 Ana sent Rose ×7 (streak ended)" },
    { id: 2, at: 2_000, text: "💬 Ana: hello" },
  ]);
});
