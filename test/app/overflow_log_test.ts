import assert from "node:assert/strict";
import { OverflowLog } from "../../src/app/overflow_log.ts";
import { makeEvent, makeGift, makeItem } from "../support/events.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { silentLog } from "../support/silent_log.ts";

Deno.test("The log counts what a full queue discards, by type: after a second, then each minute, without a gap", () => {
  const clock = new FakeClock();
  const log = silentLog("dummy");
  const told = () => log.entries.splice(0).map(({ from, text }) => `${from}: ${text}`);
  const overflow = new OverflowLog(clock, log);
  const discard = (gifts: number, comments: number) => {
    for (let id = 1; id <= gifts; id++) overflow.count(makeItem({ id, event: makeGift() }), 1_000);
    for (let id = 1; id <= comments; id++) overflow.count(makeItem({ id, event: makeEvent() }), 1_000);
  };
  clock.advance(500_000);
  assert.deepEqual(told(), []);
  discard(1, 1_200);
  clock.advance(1_000);
  const end = "discarded. They stay in the database, and you can put them back";
  assert.deepEqual(told(), [`dummy: its queue was full (1,000 waiting): 1,200 comments and 1 gift ${end}`]);
  for (let second = 0; second < 59; second++) {
    discard(0, 2);
    clock.advance(1_000);
  }
  assert.deepEqual(told(), []);
  clock.advance(1_000);
  assert.deepEqual(told(), [`dummy: its queue was full (1,000 waiting): 118 comments ${end}`]);
  clock.advance(600_000);
  assert.deepEqual(told(), []);
  discard(3, 0);
  overflow.stop(1_000);
  assert.deepEqual(told(), [`dummy: its queue was full (1,000 waiting): 3 gifts ${end}`]);
  assert.equal(clock.timerCount, 0);
});
