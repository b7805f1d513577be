import assert from "node:assert/strict";
import {
  adviceToInstall,
  browserPaths,
  browserVariables,
} from "../../../services/dino_chrome/browser_paths.ts";
import { optionsSchema } from "../../../services/dino_chrome/options.ts";
import { exampleDino } from "../../support/dino_under_test.ts";

Deno.test("A browser is looked for in the usual places of each platform, a user's own among them", () => {
  const environment = new Map([["HOME", "/Users/ana"], ["LOCALAPPDATA", "C:\\Users\\ana\\AppData\\Local"]]);
  const pathsOn = (platform: typeof Deno.build.os) => browserPaths(platform, (name) => environment.get(name));
  assert(pathsOn("linux").includes("/usr/bin/chromium"));
  assert(
    pathsOn("darwin").includes("/Users/ana/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
  );
  const ofUser = "C:\\Users\\ana\\AppData\\Local\\Google\\Chrome\\Application\\chrome.exe";
  assert(pathsOn("windows").includes(ofUser));
  environment.clear();
  assert(!pathsOn("windows").some((path) => path.includes("undefined")));
});

Deno.test("The example grants starting every browser that is looked for, and what a browser has to know", () => {
  const { run, env } = exampleDino.permissions;
  const paths = (["linux", "darwin", "windows"] as const).flatMap((platform) =>
    browserPaths(platform, () => undefined)
  );
  assert.deepEqual(run, paths);
  assert.deepEqual(env, ["NODE_V8_COVERAGE", ...browserVariables]);
  assert.match(adviceToInstall("windows", false), /google\.com\/chrome/);
});

Deno.test("The example's rules are good ones", () => {
  const { rules } = optionsSchema.parse(exampleDino.options);
  const actions = new Set(rules.map(({ do: { action } }) => action));
  assert.deepEqual([...actions], [
    "jump",
    "duck",
    "play",
    "bird",
    "night",
    "speed",
    "shield",
    "moon_gravity",
    "no_collisions",
    "slow_motion",
  ]);
});

Deno.test("An action that does not exist is told with those that do", () => {
  const { error } = optionsSchema.safeParse({ rules: [{ when: "GiftEvent", do: { action: "fly" } }] });
  assert.match(error?.message ?? "", /expected an action: \\"jump\\", \\"duck\\"/);
});
