/** The rules at the head of services/obs/holds.ts, one by one. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import type { Kept } from "../../../services/obs/holds.ts";
import { makeGift } from "../../support/events.ts";
import { testWithBothObs, testWithObs } from "../../support/both_obs.ts";
import type { ObsInTest, Setup } from "../../support/obs_setup.ts";
import { onWords, startInside } from "../../support/obs_under_test.ts";
import type { RunnerUnderTest } from "../../support/runner_under_test.ts";

const hour = 3600;
const done = { kind: "completed" };

const rules = onWords({
  rose: { action: "show", source: "Rose", seconds: hour },
  gone: { action: "hide", source: "Rose", seconds: hour },
  brief: { action: "show", source: "Rose", seconds: 0.1 },
  soon: { action: "show", source: "Rose", seconds: 0.5 },
  stay: { action: "show", source: "Rose" },
  camera: { action: "show", source: "Camera", seconds: 0.1 },
  confetti: { action: "show", source: "Confetti", seconds: 0.1 },
  party: { action: "scene", scene: "Party", seconds: hour },
  dance: { action: "scene", scene: "Dance", seconds: 0.2 },
  thanks: { action: "text", source: "Top", text: "Thanks {user}!", seconds: 0.1 },
  hello: { action: "text", source: "Top", text: "Hello {user}!", seconds: hour },
  grey: { action: "filter", source: "Camera", filter: "Grey", enabled: "toggle", seconds: 0.1 },
  quiet: { action: "mute", source: "Microphone", seconds: 0.1 },
  marker: { action: "hide", source: "Marker", seconds: 0.6 },
});

const show: Setup = {
  groups: { Alerts: { Confetti: false } },
  scenes: {
    Main: { Camera: true, Rose: false, Alerts: true, Marker: true },
    Party: { Marker: true },
    Dance: {},
    Break: { Marker: true },
  },
  inputs: { Top: ["text_ft2_source_v2", { text: "Hello" }], Microphone: "pulse_input_capture" },
  filters: { Camera: { Grey: true } },
  collections: { Chess: { scenes: { Board: { Rose: false, Marker: true } } } },
};

/** Says each in turn. None waits for what lasts. */
async function say(tested: RunnerUnderTest, ...words: string[]): Promise<void> {
  for (const [index, each] of words.entries()) {
    assert.deepEqual(await tested.feed.say(index, each), done, each);
  }
}

/** Something that ends later than what is tested has ended. */
async function markerEnds(obs: ObsInTest, tested: RunnerUnderTest, scene = "Main"): Promise<void> {
  await say(tested, "marker");
  await obs.changed(`show ${scene}/Marker`);
}

function stateOf(tested: RunnerUnderTest): unknown {
  return tested.feed.getState("service", "changes");
}

/** As if what was shown for a time had come to its end while Livecue was away. */
function endShows(state: Map<string, unknown>): void {
  const kept = state.get("service changes") as Kept[];
  const shows = kept.filter(({ thing }) => thing.kind === "visibility");
  assert.equal(shows.length, 1);
  for (const change of shows.flatMap(({ changes }) => changes)) change.until = 1;
}

testWithBothObs("What is changed for a time is put back when the time is over", show, async (obs) => {
  await using tested = await startInside(obs, rules);
  await say(tested, "brief", "confetti", "thanks", "grey", "quiet");
  await Promise.all(
    ["hide Main/Rose", "hide Alerts/Confetti", "text Top = Hello"].map((each) => obs.changed(each)),
  );
  await Promise.all(["filter Camera/Grey on", "unmute Microphone"].map((each) => obs.changed(each)));
  for (
    const each of ["show Main/Rose", "show Alerts/Confetti", "filter Camera/Grey off", "mute Microphone"]
  ) {
    assert.equal(obs.changes.filter((change) => change === each).length, 1, each);
  }
});

testWithBothObs(
  "An event is done when its action has begun, and none waits for what lasts",
  show,
  async (obs) => {
    const gift = { action: "text", source: "Top", text: "{user} {count}", seconds: 10 };
    const effects = [{ action: "show", source: "Rose", seconds: 10 }, {
      action: "mute",
      source: "Microphone",
      seconds: 10,
    }];
    await using tested = await startInside(obs, [{ when: "GiftEvent", do: [gift, ...effects] }]);
    // All sync: each waits for the one before.
    for (let id = 1; id <= 20; id++) {
      assert.deepEqual(await tested.feed.add(id, makeGift({ count: id }), { isAsync: false }), done);
    }
    assert.equal(await obs.textOf("Top"), "Ana 20");
    assert.equal((stateOf(tested) as { changes: unknown[] }[]).flatMap(({ changes }) => changes).length, 3);
  },
);

testWithBothObs("Two that show the same: it is seen until the last has ended", show, async (obs) => {
  await using tested = await startInside(obs, rules);
  await say(tested, "brief", "rose", "brief");
  await markerEnds(obs, tested);
  assert(await obs.isShown("Main", "Rose"));
  await tested.runner.stop({ graceMs: 0 });
  await obs.changed("hide Main/Rose");
  assert.equal(obs.changes.filter((change) => change.endsWith("Main/Rose")).length, 2);
});

testWithBothObs("What was shown anyway stays shown", show, async (obs) => {
  await using tested = await startInside(obs, rules);
  await say(tested, "camera");
  await markerEnds(obs, tested);
  assert.deepEqual(obs.changes, ["hide Main/Marker", "show Main/Marker"]);
});

testWithBothObs(
  "When the newest of two scenes ends first, the other comes back until its own end",
  show,
  async (obs) => {
    await using tested = await startInside(obs, rules);
    await say(tested, "party", "dance");
    assert.equal(await obs.sceneOnAir(), "Dance");
    // OBS does not report each of several changes.
    while (await obs.sceneOnAir() !== "Party") await setImmediate();
    await tested.runner.stop({ graceMs: 0 });
    assert.equal(await obs.sceneOnAir(), "Main");
  },
);

testWithBothObs("A scene that the streamer has changed meanwhile is left alone", show, async (obs) => {
  await using tested = await startInside(obs, rules);
  await say(tested, "dance");
  await obs.putOnAir("Break");
  await markerEnds(obs, tested, "Break");
  assert.equal(await obs.sceneOnAir(), "Break");
});

testWithBothObs("After the streamer's own change, the next show is put back to that", show, async (obs) => {
  await using tested = await startInside(obs, rules);
  await say(tested, "gone");
  await obs.setShown("Main", "Rose", true);
  await say(tested, "gone");
  await tested.runner.stop({ graceMs: 0 });
  assert(await obs.isShown("Main", "Rose"));
});

testWithBothObs("A change for good outlasts the changes for a time", show, async (obs) => {
  await using tested = await startInside(obs, rules);
  await say(tested, "brief", "stay");
  await markerEnds(obs, tested);
  assert(await obs.isShown("Main", "Rose"));
});

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

testWithBothObs("With Studio Mode, all acts on what is on air", show, async (obs) => {
  await obs.setStudioMode(true);
  await using tested = await startInside(obs, rules);
  await say(tested, "dance");
  assert.equal(await obs.sceneOnAir(), "Dance");
  while (await obs.sceneOnAir() !== "Main") await setImmediate();
  await say(tested, "brief");
  await obs.changed("hide Main/Rose");
  await obs.setStudioMode(false);
});

testWithBothObs(
  "A source is shown wherever it is in the scene: twice, in a group, in a scene within the scene",
  {
    groups: { Alerts: { Rose: false } },
    scenes: {
      Main: { Rose: [false, false], Alerts: true, Inner: true },
      Inner: { Deep: true },
      Deep: { Rose: false },
    },
  },
  async (obs) => {
    await using tested = await startInside(obs, rules);
    const places = [["Main", 0], ["Main", 1], ["Alerts", 0], ["Deep", 0]] as const;
    const shown = () => Promise.all(places.map(([scene, nth]) => obs.isShown(scene, "Rose", nth)));
    await say(tested, "rose");
    assert.deepEqual(await shown(), [true, true, true, true]);
    await tested.runner.stop({ graceMs: 0 });
    assert.deepEqual(await shown(), [false, false, false, false]);
  },
);

testWithObs(
  "Eight gifts a second for ten seconds each: each is done at once, and its text is there",
  show,
  async (obs) => {
    const gift = { action: "text", source: "Top", text: "{count}", seconds: 10 };
    const effects = [{ action: "show", source: "Rose", seconds: 10 }, {
      action: "filter",
      source: "Camera",
      filter: "Grey",
      enabled: false,
      seconds: 10,
    }];
    await using tested = await startInside(obs, [{ when: "GiftEvent", do: [gift, ...effects] }]);
    await tested.log.heard(/Connected/);
    const began = performance.now();
    const gifts = Array.from(
      { length: 40 },
      (_, index) => tested.feed.add(index + 1, makeGift({ count: index + 1 })),
    );
    assert.deepEqual(await Promise.all(gifts), gifts.map(() => done));
    await obs.changed("text Top = 40");
    // What comes in five seconds is done in less.
    assert(performance.now() - began < 5000, `${performance.now() - began} ms`);
  },
);
