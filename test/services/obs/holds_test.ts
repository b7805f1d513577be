/** The rules that stand at the head of services/obs/holds.ts, one by one. Items end when the test lets their time pass. */
import assert from "node:assert/strict";
import { FakeObs } from "../../support/fake_obs.ts";
import { onWords, startObs } from "../../support/obs_under_test.ts";

const hour = 3600;
const itemSeconds = 30;

const rules = onWords({
  rose: { action: "show", source: "Rose", seconds: hour },
  gone: { action: "hide", source: "Rose", seconds: hour },
  brief: { action: "show", source: "Rose", seconds: 0.05 },
  stay: { action: "show", source: "Rose" },
  camera: { action: "show", source: "Camera", seconds: 0.05 },
  confetti: { action: "show", source: "Confetti", seconds: 0.05 },
  party: { action: "scene", scene: "Party", seconds: hour },
  dance: { action: "scene", scene: "Dance", seconds: hour },
  thanks: { action: "text", source: "Top", text: "Thanks {user}!", seconds: 0.05 },
  grey: { action: "filter", source: "Camera", filter: "Grey", enabled: "toggle", seconds: 0.05 },
  quiet: { action: "mute", source: "Microphone", seconds: 0.05 },
});

function makeObs(): FakeObs {
  return new FakeObs({
    groups: { Alerts: { Confetti: false } },
    scenes: { Main: { Camera: true, Rose: false, Alerts: true }, Party: {}, Dance: {}, Break: {} },
    inputs: { Camera: "v4l2_input", Top: "text_ft2_source_v2", Microphone: "pulse_input_capture" },
    filters: { Camera: { Grey: true } },
  });
}

Deno.test("What is changed for a time is put back when the time is over", async () => {
  await using obs = makeObs();
  obs.setText("Top", "Hello");
  await using tested = await startObs(obs, { rules });
  for (const [index, words] of ["brief", "confetti", "thanks", "grey", "quiet"].entries()) {
    assert.deepEqual(await tested.feed.say(index, words), { kind: "completed" });
  }
  assert.deepEqual(obs.changes, [
    "show Main/Rose",
    "hide Main/Rose",
    "show Alerts/Confetti",
    "hide Alerts/Confetti",
    "text Top = Thanks Ana!",
    "text Top = Hello",
    "filter Camera/Grey off",
    "filter Camera/Grey on",
    "mute Microphone",
    "unmute Microphone",
  ]);
});

Deno.test("Two that show the same: it is seen until the last has ended, and then hidden", async () => {
  await using obs = makeObs();
  await using tested = await startObs(obs, { rules });
  const first = tested.feed.say(1, "rose");
  await obs.changed("show Main/Rose");
  tested.clock.advance(10_000);
  const second = tested.feed.say(2, "rose");
  await obs.asked("GetSceneItemEnabled", 2);
  tested.clock.advance((itemSeconds - 10) * 1000);
  assert.equal((await first).kind, "failed");
  assert(obs.isShown("Main", "Rose"));
  tested.clock.advance(10_000);
  await second;
  assert(!obs.isShown("Main", "Rose"));
  assert.deepEqual(obs.changes, ["show Main/Rose", "hide Main/Rose"]);
});

Deno.test("What was shown anyway stays shown", async () => {
  await using obs = makeObs();
  await using tested = await startObs(obs, { rules });
  await tested.feed.say(1, "camera");
  assert(obs.isShown("Main", "Camera"));
  assert.deepEqual(obs.changes, []);
});

Deno.test("Of two scenes the newest is on air, then the one that still lasts, then the one before", async () => {
  await using obs = makeObs();
  await using tested = await startObs(obs, { rules });
  const party = tested.feed.say(1, "party");
  await obs.changed("scene Party");
  const dance = tested.feed.say(2, "dance", { isAsync: true });
  await obs.changed("scene Dance");
  tested.clock.advance(itemSeconds * 1000);
  await Promise.all([party, dance]);
  assert.equal(obs.onAir, "Main");
});

Deno.test("When the newest of two scenes ends first, the other comes back until its own end", async () => {
  await using obs = makeObs();
  const short = onWords({ dance: { action: "scene", scene: "Dance", seconds: 0.05 } });
  await using tested = await startObs(obs, { rules: [...rules.slice(0, 7), ...short] });
  const party = tested.feed.say(1, "party");
  await obs.changed("scene Party");
  await tested.feed.say(2, "dance");
  assert.equal(obs.onAir, "Party");
  tested.clock.advance(itemSeconds * 1000);
  await party;
  assert.deepEqual(obs.changes, ["scene Party", "scene Dance", "scene Party", "scene Main"]);
});

Deno.test("A scene that the streamer has changed meanwhile is left alone", async () => {
  await using obs = makeObs();
  await using tested = await startObs(obs, { rules });
  const party = tested.feed.say(1, "party");
  await obs.changed("scene Party");
  obs.onAir = "Break";
  tested.clock.advance(itemSeconds * 1000);
  await party;
  assert.equal(obs.onAir, "Break");
});

Deno.test("After the streamer's own change, the next show is put back to that", async () => {
  await using obs = makeObs();
  await using tested = await startObs(obs, { rules });
  const first = tested.feed.say(1, "gone");
  await obs.asked("GetSceneItemEnabled", 1);
  obs.setShown("Main", "Rose", true);
  const second = tested.feed.say(2, "gone");
  await obs.changed("hide Main/Rose");
  tested.clock.advance(itemSeconds * 1000);
  await Promise.all([first, second]);
  assert(obs.isShown("Main", "Rose"));
});

Deno.test("A change for good outlasts the changes for a time", async () => {
  await using obs = makeObs();
  await using tested = await startObs(obs, { rules });
  const rose = tested.feed.say(1, "rose");
  await obs.changed("show Main/Rose");
  await tested.feed.say(2, "stay");
  tested.clock.advance(itemSeconds * 1000);
  await rose;
  assert(obs.isShown("Main", "Rose"));
});

Deno.test("A stop puts all back at once", async () => {
  await using obs = makeObs();
  await using tested = await startObs(obs, { rules });
  void tested.feed.say(1, "rose");
  void tested.feed.say(2, "party");
  await Promise.all([obs.changed("show Main/Rose"), obs.changed("scene Party")]);
  await tested.runner.stop({ graceMs: 0 });
  assert(!obs.isShown("Main", "Rose"));
  assert.equal(obs.onAir, "Main");
  assert.deepEqual(tested.feed.getState("service", "held"), []);
});

Deno.test("What a killed Livecue left is put back at the next start, but for what the streamer changed", async () => {
  await using obs = makeObs();
  const state = new Map<string, unknown>();
  {
    await using tested = await startObs(obs, { rules });
    void tested.feed.say(1, "rose");
    void tested.feed.say(2, "party");
    await Promise.all([obs.changed("show Main/Rose"), obs.changed("scene Party")]);
    for (const [key, value] of tested.feed.state) state.set(key, value);
  }
  obs.setShown("Main", "Rose", true);
  obs.onAir = "Break";
  await using tested = await startObs(obs, { rules }, { state });
  await tested.log.heard(/Connected to OBS/);
  assert(!obs.isShown("Main", "Rose"));
  assert.equal(obs.onAir, "Break");
  assert.deepEqual(tested.feed.getState("service", "held"), []);
});

Deno.test("What ends while OBS restarts is put back when OBS is there again", async () => {
  await using obs = makeObs();
  const brief = onWords({ rose: { action: "show", source: "Rose", seconds: 2 } });
  await using tested = await startObs(obs, { rules: brief });
  const rose = tested.feed.say(1, "rose");
  await obs.changed("show Main/Rose");
  await obs.quit();
  assert.deepEqual(await rose, { kind: "completed" });
  assert(obs.isShown("Main", "Rose"));
  obs.open();
  await tested.log.heard(/Reconnected to OBS/);
  assert(!obs.isShown("Main", "Rose"));
});

Deno.test("What lasts longer than the restart of OBS ends at its time", async () => {
  await using obs = makeObs();
  await using tested = await startObs(obs, { rules });
  const rose = tested.feed.say(1, "rose");
  await obs.changed("show Main/Rose");
  await obs.quit();
  obs.open();
  await tested.log.heard(/Reconnected to OBS/);
  assert(obs.isShown("Main", "Rose"));
  tested.clock.advance(itemSeconds * 1000);
  await rose;
  assert(!obs.isShown("Main", "Rose"));
});
