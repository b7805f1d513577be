import assert from "node:assert/strict";
import type { EventType } from "../../src/event.ts";
import type { CountsByType } from "../../src/live.ts";
import { StrainWatch } from "../../src/app/strain_watch.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { silentLog } from "../support/silent_log.ts";

const locked = "The database is locked by another program: close what else is writing to it.";

function watchOf() {
  const clock = new FakeClock();
  const log = silentLog();
  const writer: { trouble: string | null; backlog: number } = { trouble: null, backlog: 0 };
  const letGo: CountsByType = {};
  const watch = new StrainWatch({ clock, log, writer, sources: { letGo: () => ({ ...letGo }) } });
  const shed = (type: EventType, count: number) => {
    letGo[type] = (letGo[type] ?? 0) + count;
  };
  watch.start();
  const pass = (seconds: number, each: () => void = () => {}) => {
    for (let second = 0; second < seconds; second++) {
      each();
      clock.advance(1000);
    }
  };
  return { watch, writer, shed, pass, told: () => log.entries.splice(0).map(({ text }) => text) };
}

Deno.test("What is let go is told within a second, each minute while it lasts, and with the sums when it is over", () => {
  const { watch, shed, pass, told } = watchOf();
  pass(5);
  assert.deepEqual(told(), []);
  const shedSome = () => {
    shed("JoinEvent", 10);
    shed("LikeEvent", 1);
  };
  pass(1, shedSome);
  assert.deepEqual(told(), [
    "Too much at once: 10 joins and 1 like of the last minute were not kept; gifts, follows and comments are.",
  ]);
  pass(60, shedSome);
  assert.deepEqual(told(), [
    "Too much at once: 600 joins and 60 likes of the last minute were not kept; gifts, follows and comments are.",
  ]);
  pass(29, shedSome);
  assert.deepEqual(told(), []);
  pass(11);
  assert.deepEqual(told(), [
    "Events are stored as they come again. In 89 s 900 joins and 90 likes were not kept; gifts, follows and comments were.",
  ]);
  assert.equal(watch.sentence, null);
  pass(300);
  assert.deepEqual(told(), []);
});

Deno.test("While the database cannot be written, what is lost is told at once, and never that nothing is", () => {
  const { watch, writer, shed, pass, told } = watchOf();
  writer.trouble = locked;
  writer.backlog = 500;
  pass(1);
  assert.match(watch.sentence ?? "", /Nothing is lost so far: 500 changes wait/);
  pass(60);
  assert.equal(told().length, 1);
  writer.backlog = 20_000;
  pass(1, () => shed("JoinEvent", 4120));
  assert.deepEqual(told(), [
    `${locked} So far 4,120 joins were not kept; gifts, follows, comments and likes are, and 20,000 changes wait ` +
    "in memory until it works.",
  ]);
  // Long after the last that was let go, the loss is still one of this trouble.
  pass(200);
  for (const text of [...told(), watch.sentence ?? ""]) {
    assert.match(text, /So far 4,120 joins/);
  }
  writer.trouble = null;
  writer.backlog = 0;
  pass(1);
  assert.match(told().join(), /^Events are stored as they come again\. In 61 s 4,120 joins were not kept/);
  assert.equal(watch.sentence, null);
});
