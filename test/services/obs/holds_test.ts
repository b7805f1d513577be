/** The rules at the head of services/obs/holds.ts, one by one, while the service and OBS run. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { testWithBothObs, testWithObs } from "../../support/both_obs.ts";
import { makeGift } from "../../support/events.ts";
import { done, markerEnds, rules, say, show, stateOf } from "../../support/obs_show.ts";
import { startInside } from "../../support/obs_under_test.ts";

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
  await say(tested, "rose", "stay");
  await tested.runner.stop({ graceMs: 0 });
  assert(await obs.isShown("Main", "Rose"));
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
