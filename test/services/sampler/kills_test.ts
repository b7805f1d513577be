import assert from "node:assert/strict";
import { killSampler } from "../../support/sampler_kills.ts";
import { withFolder } from "../../support/temporary_store.ts";

Deno.test("After kills in its steps, each sample is made once, and only the steps that were cut ran again", async () => {
  await withFolder(async (folder) => {
    const killed = await killSampler(folder, { samples: 4, kills: 4, seed: 1 });
    assert.ok(killed > 0);
  });
});
