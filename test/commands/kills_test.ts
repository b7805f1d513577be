/** Kills in the midst of a replay lose nothing, and do nothing twice that was done. `deno task test:kills` goes on for longer. */
import assert from "node:assert/strict";
import { runWithKills } from "../support/kill_run.ts";
import { withFolder } from "../support/temporary_store.ts";

Deno.test("After kills at any moment all is stored once, and each item was handled as its row says", async () => {
  await withFolder(async (folder) => {
    const { kills, items, changes } = await runWithKills(folder, {
      seed: 4,
      messages: 600,
      cuts: 4,
      hasProcess: true,
      dies: true,
    });
    assert.ok(kills > 1);
    assert.ok(items > 1_000);
    assert.ok(changes > items);
  });
});
