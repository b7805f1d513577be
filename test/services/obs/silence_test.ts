/** An OBS that hangs: the time that it is given is real, and makes these tests slow. */
import assert from "node:assert/strict";
import { FakeObs } from "../../support/fake_obs.ts";
import { onWords, startObs } from "../../support/obs_under_test.ts";

const rules = onWords({ rose: { action: "show", source: "Rose" } });

Deno.test("What accepts a connection and says no Hello is told, and tried again soon", async () => {
  await using silent = new FakeObs({ scenes: { Main: { Rose: false } } }, { version: "mute" });
  await using tested = await startObs(silent, { rules });
  const { text, level } = await tested.log.heard(
    /accepts the connection but says nothing: if OBS hangs, restart it/,
  );
  assert.equal(level, "error");
  assert.match(text, /Livecue keeps trying\.$/);
  silent.behavior.version = "5";
  assert.deepEqual(await tested.feed.say(1, "rose"), { kind: "completed" });
});

Deno.test("An OBS that answers no more fails the event in a sentence, and is connected to anew", async () => {
  await using obs = new FakeObs({ scenes: { Main: { Rose: false } } });
  await using tested = await startObs(obs, { rules });
  await tested.log.heard(/Connected to OBS/);
  obs.isStuck = true;
  const outcome = tested.feed.say(1, "rose");
  await obs.asked("GetSceneList", 2);
  obs.isStuck = false;
  const error = "OBS did not answer GetSceneList within 5 s.";
  assert.deepEqual(await outcome, { kind: "failed", error });
  assert.deepEqual(await tested.feed.say(2, "rose"), { kind: "completed" });
  await tested.log.heard(/Reconnected to OBS/);
});
