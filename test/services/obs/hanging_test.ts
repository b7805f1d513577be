/** OBS itself stands still for longer than Livecue waits. */
import assert from "node:assert/strict";
import { testWithObs } from "../../support/both_obs.ts";
import { onWords, startInside } from "../../support/obs_under_test.ts";

testWithObs(
  "OBS stands still and goes on: Livecue connects again, all is put back, and each is told once",
  { scenes: { Main: { Rose: false } }, restarts: true },
  async (obs) => {
    await using tested = await startInside(
      obs,
      onWords({ rose: { action: "show", source: "Rose", seconds: 3600 } }),
    );
    assert.deepEqual(await tested.feed.say(1, "rose"), { kind: "completed" });
    await obs.standStill();
    const error = "OBS did not answer GetSceneList within 5 s.";
    assert.deepEqual(await tested.feed.say(2, "rose"), { kind: "failed", error });
    obs.goOn();
    await tested.log.heard(/Reconnected to OBS/);
    assert.deepEqual(await tested.feed.say(3, "rose"), { kind: "completed" });
    await tested.runner.stop({ graceMs: 0 });
    assert(!await obs.isShown("Main", "Rose"));
    assert.deepEqual(tested.log.entries.map(({ text }) => text.split(" at ")[0]), [
      "Connected to OBS",
      "OBS does not answer",
      "Reconnected to OBS",
      "the trouble is over",
    ]);
  },
);
