import assert from "node:assert/strict";
import { killHosts } from "../support/host_kills.ts";
import { withFolder } from "../support/temporary_store.ts";

Deno.test("A host that is killed while the link is faulty loses no item, and repeats none that was not in hand", async () => {
  await withFolder(async (folder) => {
    const { outcomes, blamed, lost, repeatedWithoutLoss, kills, restarts } = await killHosts(folder, {
      seed: 7,
      items: 600,
      kills: 2,
      cuts: 3,
    });
    assert.deepEqual(outcomes, { completed: 600 });
    assert.deepEqual([blamed, lost, repeatedWithoutLoss, restarts], [0, [], [], 0]);
    assert.equal(kills, 2);
  });
});
