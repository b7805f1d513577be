/** Kills during a replay lose nothing, and repeat no finished work. `deno task test:kills` runs longer. */
import assert from "node:assert/strict";
import { killMigrations } from "../support/kill_migration.ts";
import { runWithKills } from "../support/kill_run.ts";
import { Choices } from "../support/kill_scene.ts";
import { randomFrom } from "../support/rooms_scene.ts";
import { withFolder } from "../support/temporary_store.ts";

Deno.test("After kills at any moment, everything is stored once, and each item was handled as its row says", async () => {
  await withFolder(async (folder) => {
    const { kills, items, changes } = await runWithKills(folder, {
      seed: 4,
      messages: 400,
      cuts: 3,
      hasProcess: true,
      dies: true,
    });
    assert.ok(kills > 1);
    assert.ok(items > 500);
    assert.ok(changes > items);
  });
});

Deno.test("A start that is killed during a migration has done all of it, or nothing", async () => {
  await withFolder(async (folder) => {
    await killMigrations(folder, new Choices(randomFrom(2)), { events: 5_000, kills: 3 });
  });
});
