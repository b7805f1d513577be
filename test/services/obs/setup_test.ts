/** The command that adds what the rules name, in the stand-in and in OBS itself. */
import assert from "node:assert/strict";
import { testWithBothObs, testWithObs } from "../../support/both_obs.ts";
import { makeEvent, makeGift } from "../../support/events.ts";
import { FakeObs, type FakeSetup } from "../../support/fake_obs.ts";
import type { ObsInTest } from "../../support/obs_setup.ts";
import { onWords, runObsCommand, startInside } from "../../support/obs_under_test.ts";
import { blockService } from "../../support/service_blocks.ts";

const done = { kind: "completed" };
const grey = { action: "filter", source: "Camera", filter: "Grey" };
const exampleRules = () => blockService("obs").options["rules"] as unknown[];
const rules = () => [...exampleRules(), ...onWords({ grey })];
const camera = { scenes: { Main: { Camera: true } } };

/** All that a person would notice if it changed. */
async function contentsOf(obs: ObsInTest) {
  const main = await obs.itemsOf("Main");
  const inputs = Object.keys(main).filter((source) => source !== "Camera");
  const settings = await Promise.all(inputs.map((input) => obs.settingsOf(input)));
  return { main, inputs, settings };
}

testWithBothObs(
  "Without --yes, the setup says what it would add, and changes nothing",
  camera,
  async (obs) => {
    const before = await contentsOf(obs);
    const { end, said } = await runObsCommand(obs, { rules: rules() }, "setup");
    assert.equal(end.kind, "failed");
    assert.match(
      end.kind === "failed" ? end.failure.sentence : "",
      /^Nothing is changed yet\. To add these, write the same command with --yes\.$/,
    );
    assert.deepEqual(said, [
      "“Camera” exists and stays as it is.",
      "The overlays are not added, because this OBS has no browser source.",
      "It would add the scene “Party”, which shows “Main”.",
      "It would add the text “Last gift” to “Main”, with the font Noto Sans CJK SC.",
      "It would add the text “Last follower” to “Main”, with the font Noto Sans CJK SC.",
      "It would add the image “Confetti” to “Main” (hidden).",
      "It would add the media source “Fanfare” to “Main”, which plays only when a rule plays it.",
      "It would add the filter “Grey” to “Camera”: a color correction to grey, off.",
    ]);
    assert.deepEqual(await contentsOf(obs), before);
  },
);

testWithBothObs(
  "The setup adds all that the example's rules name, once, and the rules work",
  camera,
  async (obs) => {
    const first = await runObsCommand(obs, { rules: rules() }, "setup", "--yes");
    assert.deepEqual(first.end, done);
    assert(first.said.includes("Added the image “Confetti” to “Main” (hidden)."), first.said.join("\n"));
    assert(first.said.includes("In OBS, double-click “Confetti” and “Fanfare” and choose a file."));
    const contents = await contentsOf(obs);
    assert.deepEqual(contents.main, {
      Camera: true,
      "Last gift": true,
      "Last follower": true,
      Confetti: false,
      Fanfare: true,
    });
    assert.deepEqual(await obs.itemsOf("Party"), { Main: true });
    assert.equal((await obs.settingsOf("Fanfare"))["restart_on_activate"], false);
    assert.deepEqual(await obs.isFilterOn("Camera", "Grey"), false);

    const second = await runObsCommand(obs, { rules: rules() }, "setup", "--yes");
    assert.deepEqual(second.end, done);
    assert(second.said.includes("There is nothing to add."), second.said.join("\n"));
    assert(!second.said.some((line) => line.startsWith("Added")), second.said.join("\n"));
    assert.deepEqual(await contentsOf(obs), contents);

    for (const source of ["Confetti", "Fanfare"]) {
      const isTold = second.said.some((line) =>
        line.startsWith(`“${source}” exists and stays as it is. “${source}” in OBS has no`)
      );
      assert(isTold, second.said.join("\n"));
      await obs.setFile(source);
    }
    await using tested = await startInside(obs, rules());
    assert.deepEqual(await tested.feed.add(1, makeGift({ count: 1000 })), done);
    await obs.changed("text Last gift = Last gift: Ana Rose x1000");
    await obs.changed("show Main/Confetti");
    await obs.changed("scene Party");
    assert.deepEqual(await tested.feed.say(2, "grey"), done);
    await obs.changed("filter Camera/Grey on");
    // Also while the party is on air, because it shows the scene with the fanfare.
    const subscription = { months: 1, isGifted: false, count: 1, isSuperFan: false };
    assert.deepEqual(
      await tested.feed.add(3, makeEvent({ type: "SubscribeEvent", data: subscription })),
      done,
    );
    await obs.changed("play Fanfare");
    assert.deepEqual(tested.log.entries.filter(({ level }) => level !== "info"), []);
  },
);

testWithBothObs(
  "The setup leaves what has a name that it needs, and says what is wrong with it",
  {
    scenes: { Main: { Confetti: true, "Last follower": true }, Party: { "Last gift": true } },
    inputs: {
      Confetti: "color_source_v3",
      Fanfare: ["ffmpeg_source", { local_file: "" }],
      "Last gift": "image_source",
      "Last follower": "image_source",
    },
  },
  async (obs) => {
    const before = [await contentsOf(obs), await obs.itemsOf("Party")];
    const { end, said } = await runObsCommand(obs, { rules: exampleRules() }, "setup", "--yes");
    assert.deepEqual(end, done);
    assert.deepEqual([await contentsOf(obs), await obs.itemsOf("Party")], before);
    assert.deepEqual(said, [
      "The scene “Party” exists.",
      "“Last gift” exists and stays as it is. But a rule needs a text source of this name: rename it, or change the rule.",
      "“Last follower” exists and stays as it is. But a rule needs a text source of this name: rename it, or change the rule.",
      "“Confetti” exists and stays as it is.",
      "“Fanfare” exists and stays as it is. “Fanfare” in OBS has no file to play: choose one in its properties.",
      "The overlays are not added, because this OBS has no browser source.",
      "There is nothing to add.",
    ]);
  },
);

testWithBothObs(
  "The setup places a source in every scene that a rule names, and leaves out what only a person can add",
  { scenes: { Main: { Rose: true }, Game: { Lamp: true } } },
  async (obs) => {
    const rules = onWords({
      rose: { action: "show", source: "Rose", scene: "Game" },
      lily: [{ action: "show", source: "Lily", scene: "Game" }, {
        action: "show",
        source: "Lily",
        scene: "New",
      }],
      lamp: { action: "show", source: "Lamp" },
      mute: { action: "mute", source: "Microphone" },
    });
    const { said } = await runObsCommand(obs, { rules }, "setup", "--yes");
    assert.deepEqual(await obs.itemsOf("Main"), { Rose: true });
    assert.deepEqual(await obs.itemsOf("Game"), { Lamp: true, Rose: false, Lily: false });
    assert.deepEqual(await obs.itemsOf("New"), { Main: true, Lily: false });
    const elsewhere = "“Lamp” exists and stays as it is. It is not in the scene “Main”, which is on air.";
    assert(said.includes(elsewhere), said.join("\n"));
    assert(
      said.includes(
        "“Microphone” is not added, because only you know which device or source it is: add it in OBS.",
      ),
    );
  },
);

testWithObs(
  "A long name becomes smaller and stays in the picture, and a short one does not grow",
  {},
  async (obs) => {
    await runObsCommand(obs, { rules: exampleRules() }, "setup", "--yes");
    const pictureWidth = 640;
    let column = -1;
    while (column < 0) column = await obs.lastWhiteColumn("Main");
    assert(column < pictureWidth / 2, `a short text goes to ${column}`);
    await obs.setText("Last gift", `Last gift: ${"Maximiliane ".repeat(8)}`);
    while (column < pictureWidth * 0.8) column = await obs.lastWhiteColumn("Main");
    assert(column <= pictureWidth * 0.95, `a long text goes to ${column}`);
  },
);

const windows: FakeSetup = {
  platform: "windows",
  inputKinds: [
    "image_source",
    "ffmpeg_source",
    "browser_source",
    "text_gdiplus_v2",
    "text_gdiplus_v3",
    "text_ft2_source_v2",
  ],
  width: 1080,
  height: 1920,
};

Deno.test("On Windows, the overlays fill the picture, and texts have a font with the viewers' letters", async () => {
  await using obs = new FakeObs(windows);
  const { said } = await runObsCommand(obs, { rules: exampleRules() }, "setup", "--yes");
  const { url, width, height } = obs.settingsOf("Alerts");
  assert.deepEqual({ url, width, height }, {
    url: "http://127.0.0.1:7420/alerts",
    width: 1080,
    height: 1920,
  });
  assert.deepEqual(obs.settingsOf("Last gift")["font"], {
    face: "Segoe UI",
    size: 54,
    style: "Regular",
    flags: 0,
  });
  assert.deepEqual(obs.itemsOf("Main"), {
    "Last gift": true,
    "Last follower": true,
    Confetti: false,
    Fanfare: true,
    Chat: false,
    Leaderboard: false,
    Alerts: true,
  });
  assert(said.some((line) => /^OBS cannot list its fonts, so the texts have the font Segoe UI\./.test(line)));
});

Deno.test("A page that a browser source shows already, with settings, is not added again", async () => {
  const url = "http://127.0.0.1:7420/alerts?types=gift";
  await using obs = new FakeObs({
    ...windows,
    inputs: { Mine: ["browser_source", { url }], Chat: "image_source" },
  });
  const { said } = await runObsCommand(
    obs,
    {},
    "setup",
    "--yes",
    "--overlays",
    "http://127.0.0.1:7421/?token=abc",
  );
  assert.deepEqual(obs.itemsOf("Main"), { Mine: true, Chat: true, Leaderboard: false });
  assert.equal(obs.settingsOf("Leaderboard")["url"], "http://127.0.0.1:7421/leaderboard?token=abc");
  assert(!said.join().includes("abc"));
  assert(said.includes("“Mine” exists and shows the page /alerts."), said.join("\n"));
  assert(
    said.includes("“Chat” exists and stays as it is. It does not show the page /chat."),
    said.join("\n"),
  );
});

Deno.test("A rule may show a page of the overlays, which is then hidden in the scene that the rule names", async () => {
  await using obs = new FakeObs({ ...windows, scenes: { Main: {}, Game: {} } });
  const rules = onWords({ alerts: { action: "show", source: "Alerts", scene: "Game" } });
  await runObsCommand(obs, { rules }, "setup", "--yes");
  assert.deepEqual(obs.itemsOf("Main"), { Chat: false, Leaderboard: false });
  assert.deepEqual(obs.itemsOf("Game"), { Alerts: false });
  assert.equal(obs.settingsOf("Alerts")["url"], "http://127.0.0.1:7420/alerts");
});

Deno.test("What OBS refuses is told, the rest is added, and the command fails", async () => {
  await using obs = new FakeObs({ inputKinds: ["image_source"] });
  const { end, said } = await runObsCommand(obs, { rules: exampleRules() }, "setup", "--yes");
  assert.equal(
    end.kind === "failed" ? end.failure.sentence : "",
    "Not everything is added: add the rest in OBS by hand.",
  );
  assert.deepEqual(obs.itemsOf("Main"), { Confetti: false });
  assert(said.includes("OBS refuses to add “Last gift”: This OBS has no text source."), said.join("\n"));
  assert(said.some((line) => line.startsWith("OBS refuses to add “Fanfare”: Your specified input kind")));
});

Deno.test("A wrong argument of the setup says what to write, and none leaves out the overlays", async () => {
  await using obs = new FakeObs(windows);
  const wrong: [string[], RegExp][] = [
    [["--overlay"], /^Write it as: setup --overlays http:/],
    [["--overlays"], /^Write it as: setup --overlays http:/],
    [["--overlays", "none", "more"], /^Write it as: setup --overlays http:/],
    [["--overlays", "7420"], /^--overlays is "7420": write the address of the overlays, such as http:/],
  ];
  for (const [args, why] of wrong) {
    const { end } = await runObsCommand(obs, {}, "setup", "--yes", ...args);
    assert.match(end.kind === "failed" ? end.failure.sentence : "", why);
  }
  const { end, said } = await runObsCommand(obs, {}, "setup", "--overlays", "none");
  assert.deepEqual([end, said], [done, ["There is nothing to add."]]);
});
