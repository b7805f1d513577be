import assert from "node:assert/strict";
import { Monitor } from "../../src/app/monitor.ts";
import { makeEvent, makeGift } from "../support/events.ts";
import { FakeClock } from "../support/fake_clock.ts";

Deno.test("A streak is one line of the latest events, with its start time and its current count", () => {
  const monitor = new Monitor(new FakeClock());
  monitor.takeEvent(makeGift({ id: 1, createdAt: 1_000, count: 1 }));
  monitor.takeEvent(makeEvent({ id: 2, createdAt: 2_000 }));
  monitor.takeEvent(makeGift({ id: 3, createdAt: 3_000, count: 7 }));
  assert.deepEqual(monitor.events().map(({ id, at, text }) => ({ id, at, text })), [
    { id: 3, at: 1_000, text: "🎁 Ana sent Rose ×7 (streak ended)" },
    { id: 2, at: 2_000, text: "💬 Ana: hello" },
  ]);
});

Deno.test("Each source's viewer count is from its current live, and from no test event", () => {
  const monitor = new Monitor(new FakeClock());
  const tell = (source: string, liveId: number, viewerCount: number, isTest = false) =>
    monitor.takeEvent(makeEvent<"ViewerCountEvent">({
      type: "ViewerCountEvent",
      source,
      liveId,
      isTest,
      data: { viewerCount, totalUserCount: viewerCount },
    }));
  tell("main", 1, 40);
  tell("second", 2, 7);
  tell("main", 1, 900, true);
  assert.deepEqual([monitor.viewers("main", 1), monitor.viewers("second", 2)], [40, 7]);
  assert.deepEqual([monitor.viewers("main", 3), monitor.viewers("tips", null)], [null, null]);
});

Deno.test("A line names its source and marks a test event", () => {
  const monitor = new Monitor(new FakeClock());
  monitor.takeEvent(makeEvent({ source: "tips", isTest: true }));
  const [line] = monitor.events();
  assert.deepEqual([line?.source, line?.isTest, line?.text], ["tips", true, "[test] 💬 Ana: hello"]);
});

Deno.test("Rates use the time that really passed, even after a late tick", () => {
  const clock = new FakeClock();
  const monitor = new Monitor(clock);
  for (const [events, seconds] of [[4, 1], [4, 2]] as const) {
    for (let id = 0; id < events; id++) monitor.takeEvent(makeEvent({ id }));
    clock.advance(seconds * 1_000);
    clock.shiftWall(-3_600_000);
    monitor.tick();
  }
  assert.deepEqual(monitor.rates(), [4, 2]);
});
