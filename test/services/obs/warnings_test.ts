/** What is wrong with the rules is told when Livecue connects, before the live. */
import assert from "node:assert/strict";
import { testWithBothObs } from "../../support/both_obs.ts";
import { onWords, runObsCommand, startInside } from "../../support/obs_under_test.ts";
import { mistakeIn, type Survey } from "../../../services/obs/survey.ts";
import type { Setup } from "../../support/obs_setup.ts";
import type { RunnerUnderTest } from "../../support/runner_under_test.ts";

function warningsOf(tested: RunnerUnderTest): string[] {
  return tested.log.entries.filter(({ level }) => level === "warn").map(({ text }) => text);
}

const show: Setup = {
  groups: { Alerts: { Horn: true } },
  scenes: {
    Main: { Alerts: false, Rose: true, Fanfare: false, Drum: false },
    Party: { Fanfare: false, Bell: true },
  },
  inputs: {
    // As OBS makes them: they start by themselves when they are shown.
    Fanfare: ["ffmpeg_source", { restart_on_activate: true }],
    Drum: ["ffmpeg_source", { restart_on_activate: true }],
    Horn: "ffmpeg_source",
    Bell: "ffmpeg_source",
    Rose: "image_source",
    Title: "text_ft2_source_v2",
    Slides: "slideshow",
  },
  filters: { Rose: { Grey: false } },
};

testWithBothObs("Each rule that cannot work is told at the connection, with its place", show, async (obs) => {
  const rules = onWords({
    hidden: { action: "play", source: "Fanfare" },
    "in a hidden group": { action: "play", source: "Horn" },
    picture: { action: "play", source: "Rose" },
    slides: { action: "play", source: "Slides" },
    scene: { action: "play", source: "Party" },
    typo: { action: "play", source: "Bel" },
    hush: [{ action: "mute", source: "Title", seconds: 5 }, { action: "unmute", source: "Main" }],
    "no scene": { action: "scene", scene: "Partty" },
    "no source": { action: "show", source: "Rosee" },
    "no filter": { action: "filter", source: "Rose", filter: "Gray" },
    "again no filter": { action: "filter", source: "Rose", filter: "Gray" },
    // These may work: a rule shows it, and another scene does.
    drum: { action: "play", source: "Drum" },
    drums: { action: "show", source: "Drum", seconds: 5 },
    bell: { action: "play", source: "Bell" },
    blank: { action: "show", source: "Rose" },
  });
  await using tested = await startInside(obs, rules);
  await tested.log.heard(/Connected to OBS/);
  const advice = `make it visible, or put a "show" before the "play".`;
  const wrong = [
    [`“Fanfare” is not visible in any scene of OBS, so it would not play: ${advice}`, 0, 0],
    [`“Horn” is not visible in any scene of OBS, so it would not play: ${advice}`, 1, 0],
    ["“Rose” in OBS is not a media source.", 2, 0],
    ["“Slides” in OBS has no file to play: choose one in its properties.", 3, 0],
    ["“Party” in OBS is a scene or a group, which cannot be played.", 4, 0],
    ["There is no source “Bel” in OBS: did you mean “Bell”?", 5, 0],
    ["“Title” in OBS has no sound, so it cannot be muted.", 6, 0],
    ["“Main” in OBS is a scene or a group, which cannot be muted.", 6, 1],
    ["There is no scene “Partty” in OBS: did you mean “Party”?", 7, 0],
    ["There is no source “Rosee” in OBS: did you mean “Rose”?", 8, 0],
    ["There is no filter “Gray” on “Rose”: did you mean “Grey”?", 9, 0],
    ["“Rose” in OBS has no picture: choose one in its properties.", 14, 0],
  ] as const;
  assert.deepEqual(
    warningsOf(tested),
    wrong.map(([text, rule, action]) => `${text} (${tested.placeOf("rules", rule, "do", action)})`),
  );
});

testWithBothObs(
  "A source that starts when it is shown plays after a show, however new it is",
  show,
  async (obs) => {
    const rules = onWords({
      fanfare: [{ action: "show", source: "Fanfare", seconds: 60 }, { action: "play", source: "Fanfare" }],
    });
    await using tested = await startInside(obs, rules);
    assert.deepEqual(await tested.feed.say(1, "fanfare"), { kind: "completed" });
    await obs.changed("play Fanfare");
    assert.deepEqual(warningsOf(tested), []);
  },
);

Deno.test("A microphone of OBS's audio settings, which is in no scene, cannot be shown", () => {
  const survey: Survey = {
    sourcesByScene: new Map([["Main", ["Rose"]]]),
    inputs: new Map([["Rose", "image_source"], ["Mic/Aux", "pulse_input_capture"]]),
    silent: new Map(),
    blank: new Map(),
    soundless: new Set(),
    filters: new Map(),
    hotkeys: [],
    isStudioMode: false,
  };
  assert.equal(
    mistakeIn({ action: "show", source: "Mic/Aux" }, survey),
    "“Mic/Aux” is in no scene of OBS, so it cannot be shown or hidden: add it to a scene.",
  );
  assert.equal(mistakeIn({ action: "hide", source: "Rose" }, survey), null);
});

testWithBothObs(
  "The check of the service tells the same, and what adds a missing name",
  show,
  async (obs) => {
    const rules = onWords({
      fanfare: { action: "play", source: "Fanfare" },
      bell: { action: "play", source: "Bell" },
    });
    const hidden = await runObsCommand(obs, { rules }, "check");
    assert.deepEqual(hidden.end, { kind: "completed" });
    assert.deepEqual(hidden.said.slice(1).map((line) => line.replace(/,.*\(/, " (")), [
      "“Fanfare” is not visible in any scene of OBS (rules.0.do.0)",
    ]);
    const missing = await runObsCommand(
      obs,
      { rules: onWords({ top: { action: "play", source: "Top" } }) },
      "check",
    );
    assert.match(missing.said[1] ?? "", /^There is no source “Top” in OBS.*\(rules\.0\.do\.0\)$/);
    assert.equal(
      missing.said[2],
      "Correct the names in the rules, or add what is missing to OBS: deno task livecue obs setup",
    );
  },
);
