/** What lasts is put back across stops, kills, restarts of OBS and changes of its scene collection. */
import assert from "node:assert/strict";
import type { Kept } from "../../../services/obs/holds.ts";
import { testWithBothObs } from "../../support/both_obs.ts";
import { markerEnds, rules, say, show, stateOf } from "../../support/obs_show.ts";
import { startInside } from "../../support/obs_under_test.ts";

/** As if what was shown for a time had come to its end while Livecue was away. */
function endShows(state: Map<string, unknown>): void {
  const kept = state.get("service changes") as Kept[];
  const shows = kept.filter(({ thing }) => thing.kind === "visibility");
  assert.equal(shows.length, 1);
  for (const change of shows.flatMap(({ changes }) => changes)) change.until = 1;
}

testWithBothObs("A stop puts all back at once", show, async (obs) => {
  await using tested = await startInside(obs, rules);
  await say(tested, "rose", "hello", "party");
  await tested.runner.stop({ graceMs: 0 });
  assert(!await obs.isShown("Main", "Rose"));
  assert.equal(await obs.textOf("Top"), "Hello");
  assert.equal(await obs.sceneOnAir(), "Main");
  assert.deepEqual(stateOf(tested), []);
});

testWithBothObs(
  "After a kill, what is over is put back at the start, and the rest at its time",
  show,
  async (obs) => {
    const state = new Map<string, unknown>();
    {
      await using tested = await startInside(obs, rules);
      await say(tested, "hello", "rose", "party");
      for (const [key, value] of tested.feed.state) state.set(key, structuredClone(value));
      endShows(state);
      await tested.runner.stop({ graceMs: 0 });
      // As if there were no orderly stop, what it puts back is changed once more below.
    }
    await obs.setText("Top", "Hello Ana!");
    await obs.setShown("Main", "Rose", true);
    await obs.putOnAir("Break");
    await using tested = await startInside(obs, rules, state);
    await obs.changed("hide Main/Rose", 2);
    await markerEnds(obs, tested, "Break");
    assert.equal(await obs.textOf("Top"), "Hello Ana!");
    assert.equal(await obs.sceneOnAir(), "Break");
    await tested.runner.stop({ graceMs: 0 });
    assert.equal(await obs.textOf("Top"), "Hello");
    assert.deepEqual(stateOf(tested), []);
  },
);

testWithBothObs("What ends while OBS restarts is put back when OBS is there again", {
  ...show,
  restarts: true,
}, async (obs) => {
  await using tested = await startInside(obs, rules);
  await say(tested, "soon", "hello");
  await obs.quit();
  await obs.open();
  await tested.log.heard(/Reconnected to OBS/);
  assert.equal(await obs.textOf("Top"), "Hello Ana!");
  await markerEnds(obs, tested);
  assert(!await obs.isShown("Main", "Rose"));
});

testWithBothObs(
  "What ends while another scene collection is open is put back when its own is open again",
  show,
  async (obs) => {
    await using tested = await startInside(obs, rules);
    await say(tested, "soon", "hello");
    await obs.switchTo("Chess");
    // The same names in the other collection are other sources.
    await markerEnds(obs, tested, "Board");
    assert(!await obs.isShown("Board", "Rose"));
    await obs.switchTo("Show");
    await obs.changed("hide Main/Rose");
    assert.equal(await obs.textOf("Top"), "Hello Ana!");
    await tested.runner.stop({ graceMs: 0 });
    assert.equal(await obs.textOf("Top"), "Hello");
  },
);

testWithBothObs(
  "A stop while another scene collection is open is put back at the next start in its own",
  show,
  async (obs) => {
    const state = new Map<string, unknown>();
    {
      await using tested = await startInside(obs, rules);
      await say(tested, "rose", "hello");
      await obs.switchTo("Chess");
      await tested.runner.stop({ graceMs: 0 });
      for (const [key, value] of tested.feed.state) state.set(key, value);
    }
    await obs.switchTo("Show");
    assert(await obs.isShown("Main", "Rose"));
    await using tested = await startInside(obs, rules, state);
    await tested.log.heard(/Connected to OBS/);
    assert(!await obs.isShown("Main", "Rose"));
    assert.equal(await obs.textOf("Top"), "Hello");
    assert.deepEqual(stateOf(tested), []);
  },
);
