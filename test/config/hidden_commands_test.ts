import assert from "node:assert/strict";
import { commandNames } from "../../src/config/hidden_commands.ts";
import { parseConfig } from "../../src/config/load.ts";
import { livecue } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

Deno.test("A service with the name of a command of Livecue's is warned of, with its place", () => {
  const path = "/home/ana/livecue/config.jsonc";
  const text =
    '{ "services": { "dino": { "service_class": "a.ts" },\n  "demo": { "service_class": "a.ts" } } }';
  assert.deepEqual(parseConfig(text, { path }).warnings, [
    `${path}:2:3: services.demo: "demo" is also a command of Livecue, which comes first on the command line; rename ` +
    "the service if it has its own commands",
  ]);
});

Deno.test("The names that are taken are those that the help lists", async () => {
  await withFolder(async (folder) => {
    const { stdout } = await livecue(folder, "--help");
    assert.deepEqual([...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name), commandNames);
  });
});
