/** The log lines about failed items: enough to know, and no more. */
import assert from "node:assert/strict";
import { FailureLog } from "../../../src/faces/plain/failure_log.ts";
import { makeItem } from "../../support/events.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { silentLog } from "../../support/silent_log.ts";

function tested() {
  const log = silentLog();
  const clock = new FakeClock();
  const failures = new FailureLog(log, clock);
  const warnings = () => log.entries.filter(({ level }) => level === "warn");
  return {
    clock,
    warnings: () => warnings().map(({ from, text }) => `${from}: ${text}`),
    debugCount: () => log.entries.length - warnings().length,
    fail: (slug: string, id: number, error: string | null) =>
      failures.log(slug, makeItem({ id }), { error, isCrash: false }),
  };
}

Deno.test("The reason for which many items fail is a warning once per minute; the log file has every item", () => {
  const { clock, fail, warnings, debugCount } = tested();
  for (let id = 1; id <= 60; id++) {
    fail("obs", id, "OBS is not there.");
    clock.advance(2000);
  }
  assert.deepEqual(warnings(), [
    "obs: item 1 (💬 Ana: hello) failed: OBS is not there.",
    "obs: item 31 (💬 Ana: hello) failed: OBS is not there.",
  ]);
  assert.equal(debugCount(), 58);
});

Deno.test("Reasons that differ only in who wrote, or by a number, are one reason; a service has three a minute", () => {
  const log = silentLog();
  const clock = new FakeClock();
  const failures = new FailureLog(log, clock);
  const fail = (id: number, nickname: string, error: string) => {
    const item = makeItem({ id });
    const event = { ...item.event, user: { ...item.event.user, nickname } } as typeof item.event;
    failures.log("greeter", { ...item, event }, { error, isCrash: false });
  };
  const warned = () => log.entries.filter(({ level }) => level === "warn").length;
  for (let id = 1; id <= 25; id++) {
    fail(
      id,
      `Viewer ${"abcdefghijklmnopqrstuvwxy"[id]}`,
      `Error: boom Viewer ${"abcdefghijklmnopqrstuvwxy"[id]}`,
    );
  }
  assert.equal(warned(), 1);
  for (let id = 26; id <= 50; id++) fail(id, "Ana", `status ${id}`);
  assert.equal(warned(), 2);
  for (const [index, word] of ["red", "green", "blue", "grey"].entries()) fail(60 + index, "Ana", word);
  assert.equal(warned(), 3);
  clock.advance(60_000);
  fail(70, "Ana", "blue");
  assert.equal(warned(), 4);
});

Deno.test("Another reason, or the same reason of another service, is a warning at once", () => {
  const { fail, warnings } = tested();
  fail("obs", 1, "OBS is not there.");
  fail("obs", 2, "there is no scene Party");
  fail("obs_two", 3, "OBS is not there.");
  fail("obs", 4, null);
  fail("obs", 5, "OBS is not there.");
  assert.deepEqual(warnings().map((line) => line.match(/item \d+/)?.[0]), [
    "item 1",
    "item 2",
    "item 3",
    "item 4",
  ]);
});

Deno.test("An item of a blocked viewer is told by the viewers, whose page helps, and not by the service", () => {
  const log = silentLog();
  const failures = new FailureLog(log, new FakeClock());
  failures.log("obs", makeItem({ id: 7 }), {
    error: "You have blocked this viewer.",
    isCrash: false,
    isBlocked: true,
  });
  assert.deepEqual(log.entries.map(({ level, from, text }) => `${level} ${from}: ${text}`), [
    "warn viewers: item 7 (💬 Ana: hello) of obs failed: You have blocked this viewer.",
  ]);
});
