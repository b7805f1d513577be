/** Compares the stored rows with a model of the admission rules. `deno task test:admission` runs longer. */
import assert from "node:assert/strict";
import { runAdmission } from "../support/admission_run.ts";
import { withFolder } from "../support/temporary_store.ts";

Deno.test("Items for small queues are admitted, evicted or dropped exactly as in the model", async () => {
  await withFolder(async (folder) => {
    const { evicted, dropped, kills, changes } = await runAdmission(folder, {
      seed: 3,
      messages: 1_500,
      captures: 3,
      sizes: [10, 100, 500],
    });
    assert.ok(evicted > 100 && dropped > 100 && kills > 0);
    assert.ok(changes > 1_000);
  });
});
