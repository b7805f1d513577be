import assert from "node:assert/strict";
import { makeEvent, makeGift } from "../../support/events.ts";
import { FakeObs } from "../../support/fake_obs.ts";
import { testWithBothObs } from "../../support/both_obs.ts";
import { onWords, startInside, startObs } from "../../support/obs_under_test.ts";

const done = { kind: "completed" };

/** An OBS as a streamer's, with a group, texts of both systems, filters and sounds. */
function streamersObs(): FakeObs {
  return new FakeObs({
    groups: { Alerts: { Confetti: false } },
    scenes: { Main: { Camera: true, Alerts: true, Rose: false }, Party: { Lights: false } },
    inputs: {
      Camera: "v4l2_input",
      Airhorn: "ffmpeg_source",
      "Last gift": "text_gdiplus_v3",
      "Top": "text_ft2_source_v2",
      Microphone: "pulse_input_capture",
    },
    filters: { Camera: { Grey: false }, Party: { Blur: true } },
    hotkeys: ["OBSBasic.Screenshot"],
  });
}

testWithBothObs(
  "A rule switches the scene, shows, hides, plays, mutes, filters and presses hotkeys, for good",
  {
    groups: { Alerts: { Confetti: false } },
    scenes: { Main: { Camera: true, Alerts: true, Rose: false }, Party: { Lights: false } },
    inputs: { Airhorn: "ffmpeg_source", "Top": "text_ft2_source_v2", Microphone: "pulse_input_capture" },
    filters: { Camera: { Grey: false }, Party: { Blur: true } },
  },
  async (obs) => {
    await using tested = await startInside(
      obs,
      onWords({
        rose: [{ action: "show", source: "Rose" }, { action: "play", source: "Airhorn" }],
        confetti: { action: "show", source: "Confetti" },
        dark: { action: "hide", source: "Camera", scene: "Main" },
        lights: { action: "show", source: "Lights", scene: "Party" },
        grey: { action: "filter", source: "Camera", filter: "Grey" },
        blur: { action: "filter", source: "Party", filter: "Blur", enabled: "toggle" },
        quiet: { action: "mute", source: "Microphone" },
        picture: { action: "hotkey", hotkey: "OBSBasic.Screenshot" },
        party: { action: "scene", scene: "Party" },
        thanks: { action: "text", source: "Top", text: "Thanks {user} 花 🌹" },
      }),
    );
    const words = ["rose", "confetti", "dark", "lights", "grey", "blur", "blur", "quiet", "picture", "party"];
    for (const [index, word] of [...words, "thanks"].entries()) {
      assert.deepEqual(await tested.feed.say(index, word), done, word);
    }
    await obs.changed("scene Party");
    await obs.changed("text Top = Thanks Ana 花 🌹");
    assert.deepEqual(obs.changes.filter((change) => !/^(?:text|hotkey)/.test(change)), [
      "show Main/Rose",
      "play Airhorn",
      "show Alerts/Confetti",
      "hide Main/Camera",
      "show Party/Lights",
      "filter Camera/Grey on",
      "filter Party/Blur off",
      "filter Party/Blur on",
      "mute Microphone",
      "scene Party",
    ]);
    assert.deepEqual(tested.log.entries.map(({ text }) => text), [
      `Connected to OBS at 127.0.0.1:${obs.port}.`,
    ]);
  },
);

Deno.test("An event that no rule is for is done at once, also without OBS", async () => {
  const obs = streamersObs();
  await obs.quit();
  await using tested = await startObs(obs, { rules: onWords({ rose: { action: "show", source: "Rose" } }) });
  assert.deepEqual(await tested.feed.say(1, "hello"), done);
});

Deno.test("Texts of Windows and of Linux say who gave what, on one line whatever the viewer is called", async () => {
  await using obs = streamersObs();
  const text = "Last gift: {user} {gift}\n{count} × {{count}}";
  const say = (source: string) => ({ action: "text", source, text });
  await using tested = await startObs(obs, {
    rules: [{ when: "GiftEvent", do: [say("Last gift"), say("Top")] }],
  });
  await tested.feed.add(1, makeGift({ count: 3 }));
  assert.equal(obs.textOf("Last gift"), "Last gift: Ana Rose\n3 × {count}");
  assert.equal(obs.textOf("Top"), "Last gift: Ana Rose\n3 × {count}");

  const nickname = "A\r\nB\u0007\u202E{gift}\u2028" + "é".repeat(500);
  const hostile = makeGift({ user: { ...makeGift().user, nickname } });
  await tested.feed.add(2, hostile);
  const [line = "", below] = String(obs.textOf("Last gift")).split("\n");
  assert.match(line, /^Last gift: A B \{gift\} é+… Rose$/);
  assert.equal(below, "1 × {count}");
  assert.equal([...line].length, "Last gift: ".length + 101 + " Rose".length);
});

Deno.test("A name that is half a letter, or a letter under a thousand marks, reaches OBS as text that it can read", async () => {
  await using obs = streamersObs();
  await using tested = await startObs(obs, {
    rules: [{ when: "FollowEvent", do: { action: "text", source: "Top", text: "{user}!" } }],
  });
  const names = { "A\uD83D": "A\uFFFD!", ["b" + "\u0301".repeat(1000)]: "…!", "  ": "ana!" };
  for (const [nickname, shown] of Object.entries(names)) {
    const { user } = makeEvent();
    const follow = makeEvent({
      type: "FollowEvent",
      data: { followerCount: 1 },
      user: { ...user, nickname: nickname.trim() },
    });
    await tested.feed.add(nickname.length, follow);
    assert.equal(obs.textOf("Top"), shown);
  }
});

Deno.test("A wrong name is told at the connection, with the one that was meant or those that there are", async () => {
  await using obs = streamersObs();
  await using tested = await startObs(obs, {
    rules: onWords({
      one: { action: "scene", scene: "party" },
      two: { action: "show", source: "Rosen" },
      three: { action: "show", source: "Rose", scene: "Party" },
      four: { action: "text", source: "Camera", text: "hello" },
      five: { action: "filter", source: "Camera", filter: "Sepia" },
      six: { action: "hotkey", hotkey: "OBSBasic.Screenshots" },
      good: { action: "show", source: "Confetti" },
    }),
  });
  await tested.log.heard(/Connected to OBS/);
  const warnings = tested.log.entries.filter(({ level }) => level === "warn").map(({ text }) => text);
  assert.deepEqual(warnings.map((text) => text.replace(/ \(config\.jsonc:1:\d+\)$/, "")), [
    "There is no scene “party” in OBS: did you mean “Party”?",
    "There is no source “Rosen” in OBS: did you mean “Rose”?",
    "There is no source “Rose” in the scene “Party”. Available: “Lights”.",
    "There is no text source “Camera” in OBS. Available: “Last gift”, “Top”.",
    "There is no filter “Sepia” on “Camera”. Available: “Grey”.",
    "There is no hotkey “OBSBasic.Screenshots” in OBS: did you mean “OBSBasic.Screenshot”?",
  ]);
});

Deno.test("An action that OBS refuses fails its event in a sentence, and the others of the rule are done", async () => {
  await using obs = streamersObs();
  await using tested = await startObs(obs, {
    rules: onWords({
      rose: [
        { action: "show", source: "Rosen", seconds: 60 },
        { action: "text", source: "Camera", text: "hello" },
        { action: "play", source: "Airhorn" },
      ],
      lights: { action: "show", source: "Lights" },
    }),
  });
  assert.deepEqual(await tested.feed.say(1, "rose"), {
    kind: "failed",
    error: "There is no source “Rosen” in OBS: did you mean “Rose”? " +
      "There is no text source “Camera” in OBS. Available: “Last gift”, “Top”.",
  });
  assert.deepEqual(obs.changes, ["play Airhorn"]);
  // It is not looked through again for each event.
  const asked = obs.requests.length;
  await tested.feed.say(3, "rose");
  assert(!obs.requests.slice(asked).includes("GetInputList"));
  assert.deepEqual(await tested.feed.say(2, "lights"), {
    kind: "failed",
    error: "The scene “Main” in OBS has no source “Lights”.",
  });
});

Deno.test("An event fails with what is wrong now, and not with what was wrong at the connection", async () => {
  const scenes = { Main: {}, Party: { Lily: false } };
  await using obs = new FakeObs({ scenes, inputs: { Lily: "image_source" } });
  const rules = onWords({ lily: { action: "show", source: "Lily" } });
  await using tested = await startObs(obs, { rules });
  await tested.log.heard(/“Lily” in OBS has no picture/);
  obs.setFile("Lily");
  const error = "The scene “Main” in OBS has no source “Lily”.";
  assert.deepEqual(await tested.feed.say(1, "lily"), { kind: "failed", error });
});

Deno.test("An action that OBS refuses for a reason of its own fails its event in OBS's words, and costs no look through OBS", async () => {
  await using obs = streamersObs();
  const rules = onWords({ hush: { action: "mute", source: "Microphone" } });
  await using tested = await startObs(obs, { rules });
  await tested.log.heard(/Connected to OBS/);
  const asked = obs.requests.length;
  obs.refuseAllWith = 702;
  assert.deepEqual(await tested.feed.say(1, "hush"), {
    kind: "failed",
    error: "OBS refused the action “mute”: OBS is not ready.",
  });
  assert.deepEqual(obs.requests.slice(asked), ["GetInputMute"]);
});

Deno.test("Options that make no sense are told with what to write", async () => {
  await using obs = streamersObs();
  const rules = onWords({
    one: { action: "dance" },
    two: { action: "text", source: "Top", text: "{nobody}" },
    three: { action: "show", source: "Rose", second: 3 },
    four: [],
  });
  await using wrong = await startObs(obs, { rules, host: "ws://127.0.0.1" });
  const { text } = await wrong.log.heard(/do not fit/);
  assert.match(text, /host: is not a host: write 127\.0\.0\.1/);
  assert.match(
    text,
    /rules\[0\]\.do\[0\]\.action: found the action "dance", expected scene, show, hide, text/,
  );
  assert.match(text, /rules\[1\]\.do\[0\]\.text: there is no placeholder \{nobody\}: use \{user\}/);
  assert.match(text, /rules\[2\]\.do\[0\]: Unrecognized key: "second"/);
  assert.match(text, /rules\[3\]\.do: contains no action/);
  await using withPort = await startObs(obs, { host: "127.0.0.1:4455" });
  await withPort.log.heard(/host: is not a host: .*the port belongs in "port"/);
  await using unclear = await startObs(obs, { password: "secret", password_env: "OBS_PASSWORD" });
  const said = await unclear.log.heard(/has password and password_env: keep only one/);
  assert.doesNotMatch(said.text, /secret/);
});

testWithBothObs(
  "A play that nobody would see or hear fails with the reason",
  {
    scenes: { Main: { Fanfare: false, Rose: true } },
    inputs: {
      Fanfare: "ffmpeg_source",
      Rose: "image_source",
      Blank: ["ffmpeg_source", { local_file: "" }],
    },
  },
  async (obs) => {
    await using tested = await startInside(
      obs,
      onWords({
        hidden: { action: "play", source: "Fanfare" },
        picture: { action: "play", source: "Rose" },
        blank: { action: "play", source: "Blank" },
        both: [{ action: "show", source: "Fanfare", seconds: 60 }, { action: "play", source: "Fanfare" }],
      }),
    );
    // It is known at the connection.
    await tested.log.heard(/^“Rose” in OBS is not a media source/);
    await tested.log.heard(/^“Blank” in OBS has no file to play: choose one/);
    const hidden = await tested.feed.say(1, "hidden");
    assert.match(
      hidden.kind === "failed" ? hidden.error : "",
      /^“Fanfare” would not play, because it is hidden/,
    );
    const picture = await tested.feed.say(2, "picture");
    assert.match(picture.kind === "failed" ? picture.error : "", /“Rose” in OBS is not a media source/);
    const error = "“Blank” in OBS has no file to play: choose one in its properties.";
    assert.deepEqual(await tested.feed.say(3, "blank"), { kind: "failed", error });
    assert.deepEqual(obs.changes, []);
    assert.deepEqual(await tested.feed.say(4, "both"), done);
    await obs.changed("play Fanfare");
  },
);
