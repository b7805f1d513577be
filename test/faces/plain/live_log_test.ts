/** The plain log of a run: the source of each line, and what is not news. */
import assert from "node:assert/strict";
import { LiveLog } from "../../../src/faces/plain/live_log.ts";
import { noTotals } from "../../../src/live.ts";
import { makeEvent } from "../../support/events.ts";
import { sampleService } from "../../support/fake_control.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { silentLog } from "../../support/silent_log.ts";

function tested({ namesSources = true } = {}) {
  const log = silentLog();
  const clock = new FakeClock();
  const liveLog = new LiveLog({ log, clock, namesSources });
  const told = () => log.entries.filter(({ level }) => level === "info").map(({ text }) => text);
  const warned = () => log.entries.filter(({ level }) => level === "warn");
  return { liveLog, clock, told, warned };
}

const session = { id: 3, source: "main", username: "ana" };
const end = { reason: "The live has ended.", totals: noTotals() };

Deno.test("With several sources, each line names its source; with one source, no line does", () => {
  for (const namesSources of [true, false]) {
    const { liveLog, told } = tested({ namesSources });
    liveLog.takeState("main", { phase: "connecting", username: "ana" });
    liveLog.takeState("tips", { phase: "listening", title: "Listening on 127.0.0.1:7423" });
    liveLog.takeEvent(makeEvent({ source: "main" }));
    liveLog.takeEvent(makeEvent({ source: "tips", isTest: true }));
    liveLog.takeSessionEnd(session, end);
    const lines = [
      ["main", "Connecting to @ana …"],
      ["tips", "Listening on 127.0.0.1:7423"],
      ["main", "💬 Ana: hello"],
      ["tips", "[test] 💬 Ana: hello"],
      ["main", "Session 3 of @ana has ended. The live has ended. 0 gifts"],
    ];
    const expected = lines.map(([source, text]) => namesSources ? `[${source}] ${text}` : text);
    assert.deepEqual(told().map((line) => line.replace(/ \(0 diamonds.*/, "")), expected);
  }
});

Deno.test("A source without a live is logged once per reason, whatever the others do", () => {
  const { liveLog, told } = tested();
  const waits = (source: string, why: string) =>
    liveLog.takeState(source, { phase: "waiting", username: source, why, nextAt: 0 });
  waits("main", "@ana is offline.");
  waits("second", "@ben is offline.");
  waits("main", "@ana is offline.");
  waits("second", "@ben is offline.");
  assert.equal(told().length, 2);
  liveLog.takeState("main", { phase: "looking_up", username: "ana" });
  waits("main", "@ana is offline.");
  waits("second", "There is no network.");
  assert.equal(told().length, 5);
});

Deno.test("Why a source is not connected is a warning of the source, once for each reason until it is live", () => {
  const { liveLog, told, warned } = tested();
  const lost = (attempt: number, why = "TikTok cannot be reached.") =>
    liveLog.takeState("main", { phase: "reconnecting", username: "ana", why, attempt, nextAt: 0 });
  lost(1);
  liveLog.takeState("main", { phase: "looking_up", username: "ana" });
  lost(2);
  assert.deepEqual(warned().map(({ from, text }) => [from, /Attempt \d/.exec(text)?.[0]]), [[
    "main",
    "Attempt 1",
  ]]);
  assert.match(told().at(-1) ?? "", /Attempt 2/);
  lost(3, "The connection was lost.");
  liveLog.takeState("main", { phase: "live", username: "ana", roomId: "7", title: "" });
  lost(1);
  assert.equal(warned().length, 3);
});

Deno.test("Progress is a rate over the time that passed, however the wall clock is changed", () => {
  const { liveLog, clock, told } = tested();
  let completed = 0;
  const stop = liveLog.logProgress(
    () => [sampleService({ slug: "dino", pending: 0, completed })],
    "info",
  );
  for (const shift of [0, 3_600_000, -7_200_000]) {
    clock.shiftWall(shift);
    completed += 60;
    clock.advance(30_000);
  }
  assert.deepEqual(told().map((line) => line.split(", ").at(-1)), ["2.0/s", "2.0/s", "2.0/s"]);
  stop();
  assert.equal(clock.timerCount, 0);
});

Deno.test("The session of a source of readings is named by the source, and ends with the count of its readings", () => {
  const { liveLog, told } = tested({ namesSources: false });
  const totals = noTotals();
  liveLog.takeSessionEnd({ id: 1, source: "iss", username: "iss" }, {
    reason: "Over.",
    totals,
    readingCount: 5,
  });
  assert.deepEqual(told(), ["Session 1 of iss has ended. Over. 5 readings."]);
});

Deno.test("A trouble that comes back after the source has listened again is a warning again", () => {
  const { liveLog, warned } = tested();
  const trouble = {
    phase: "reconnecting",
    username: "",
    why: "It is silent.",
    attempt: 1,
    nextAt: 0,
  } as const;
  liveLog.takeState("iss", trouble);
  liveLog.takeState("iss", trouble);
  liveLog.takeState("iss", { phase: "listening", title: "ISSLIVE" });
  liveLog.takeState("iss", trouble);
  assert.equal(warned().length, 2);
});
