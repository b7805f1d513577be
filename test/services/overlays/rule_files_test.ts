/** What is wrong with the overlays' rules is told at the start, not at the first event. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { optionsSchema } from "../../../services/overlays/options.ts";
import { livecue, writeConfig } from "../../support/livecue.ts";
import { startOverlays } from "../../support/overlays_under_test.ts";
import { withFolder } from "../../support/temporary_store.ts";

const overlays = fileURLToPath(new URL("../../../services/overlays/main.ts", import.meta.url));

const rules = [
  { when: "GiftEvent", if: { gift: "Lion" }, do: { sound: "roar.mp3", media: "lion.webm" } },
  { when: "GiftEvent", do: { sound: "none", media: "none" } },
  { when: "FollowEvent", do: { sound: "ding.mp3" } },
];

Deno.test("A file of a rule that is missing is told at the start, and one that is there is not", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/ding.mp3`, "");
    await using started = await startOverlays({ options: { rules, theme_folder: folder }, read: [folder] });
    await started.tested.log.heard(/There is no file "roar\.mp3": put it into "theme_folder"/);
    await started.tested.log.heard(/There is no file "lion\.webm"/);
    assert(!started.tested.log.entries.some(({ text }) => /ding|none/.test(text)));
  });
});

Deno.test("The check names the line of a rule whose file is missing, and what to do without a theme folder", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, {
      services: {
        overlays: {
          service_class: overlays,
          permissions: { net: ["127.0.0.1:0"] },
          options: { port: 0, rules },
        },
      },
    });
    const { stdout, stderr } = await livecue(folder, "overlays", "check");
    assert.match(
      stdout + stderr,
      /There is no file "ding\.mp3": name the folder that has it as "theme_folder" in the options\. \(config\.jsonc:1:\d+\)/,
    );
  });
});

/** As "path: message". */
function mistakesIn(options: Record<string, unknown>): string[] {
  const issues = optionsSchema.safeParse(options).error?.issues ?? [];
  return issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

Deno.test("A rule for a game that the options do not define is a mistake with its place", () => {
  const games = ["spin", "open", { side: "Cats" }].map((command, index) => ({
    when: "GiftEvent",
    do: { [["wheel", "poll", "battle"][index] as string]: command },
  }));
  const mistakes = mistakesIn({ rules: games });
  assert.match(mistakes[0] ?? "", /^rules\.0\.do\.wheel: the wheel has no slices: add "wheel"/);
  assert.match(mistakes[1] ?? "", /^rules\.1\.do\.poll: there is no poll to open/);
  assert.match(mistakes[2] ?? "", /^rules\.2\.do\.battle: the battle has no sides/);
  const defined = {
    wheel: { slices: ["Sing", "Dance"] },
    poll: { question: "?", options: ["A", "B"] },
    battle: { sides: [{ name: "Cáts" }, { name: "Dogs" }] },
  };
  assert.deepEqual(mistakesIn({ ...defined, rules: games }), []);
  assert.deepEqual(
    mistakesIn({ ...defined, rules: [{ when: "GiftEvent", do: { battle: { side: "Birds" } } }] }),
    [
      'rules.0.do.battle: the battle has no side "Birds": use Cáts, Dogs',
    ],
  );
  assert.deepEqual(mistakesIn({ rules: [{ when: "GiftEvent", do: { timer: { add_seconds: 5 } } }] }), []);
});
