/** What is shown in OBS and yet not seen by viewers is told. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { testWithBothObs } from "../../support/both_obs.ts";
import type { Setup } from "../../support/obs_setup.ts";
import { onWords, startInside } from "../../support/obs_under_test.ts";
import type { RunnerUnderTest } from "../../support/runner_under_test.ts";

const done = { kind: "completed" };

const show: Setup = {
  groups: { Alerts: { Confetti: false } },
  scenes: { Main: { Rose: false, Alerts: false }, Party: { Lily: false } },
};

const rules = onWords({
  rose: { action: "show", source: "Rose", seconds: 0.1 },
  lily: { action: "show", source: "Lily", scene: "Party", seconds: 0.1 },
  party: { action: "scene", scene: "Party", seconds: 0.2 },
  confetti: { action: "show", source: "Confetti", seconds: 3600 },
  alerts: [
    { action: "show", source: "Confetti", seconds: 3600 },
    { action: "show", source: "Alerts", seconds: 3600 },
  ],
  lights: [
    { action: "scene", scene: "Party", seconds: 3600 },
    { action: "show", source: "Lily", seconds: 3600 },
  ],
  both: [
    { action: "show", source: "Rose", seconds: 3600 },
    { action: "scene", scene: "Party", seconds: 3600 },
  ],
});

async function failure(tested: RunnerUnderTest, words: string): Promise<string> {
  const outcome = await tested.feed.say(1, words);
  return outcome.kind === "failed" ? outcome.error : outcome.kind;
}

testWithBothObs(
  "In Studio Mode, what is shown too late for viewers is told, and scenes change and come back",
  show,
  async (obs) => {
    await obs.setStudioMode(true);
    await using tested = await startInside(obs, rules);
    await tested.log.heard(/^OBS is in Studio Mode\. Unless “Duplicate Scene” is off/);
    assert.match(
      await failure(tested, "rose"),
      /^Viewers see “Rose” only after the next transition, because OBS is in Studio Mode\. In OBS, switch off Studio Mode/,
    );
    await obs.changed("hide Main/Rose");
    assert.deepEqual(await tested.feed.say(2, "lily"), done);
    assert.deepEqual(await tested.feed.say(3, "party"), done);
    assert.equal(await obs.sceneOnAir(), "Party");
    while (await obs.sceneOnAir() !== "Main") await setImmediate();
    await obs.setStudioMode(false);
    assert.deepEqual(await tested.feed.say(4, "rose"), done);
  },
);

testWithBothObs(
  "A source in a hidden group is not seen, unless a rule shows the group too",
  show,
  async (obs) => {
    await using tested = await startInside(obs, rules);
    assert.equal(
      await failure(tested, "confetti"),
      "Viewers do not see “Confetti”, because the group or the scene that it is in is hidden.",
    );
    assert.deepEqual(await tested.feed.say(2, "alerts"), done);
    assert(await obs.isShown("Main", "Alerts"));
    // It was seen until the scene changed.
    assert.deepEqual(await tested.feed.say(3, "both"), done);
    assert.deepEqual(await tested.feed.say(4, "lights"), done);
    await tested.runner.stop({ graceMs: 0 });
    assert(!await obs.isShown("Alerts", "Confetti"));
  },
);
