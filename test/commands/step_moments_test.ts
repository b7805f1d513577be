/** A kill at each moment of a step: test:kills does the same with several steps. */
import { killAtEachMoment } from "../support/step_moments.ts";
import { withFolder } from "../support/temporary_store.ts";

Deno.test("A kill at any moment of a step repeats it only if its result was not stored, and the item ends once", async () => {
  await withFolder(async (folder) => {
    await killAtEachMoment(folder, { steps: ["save"], isolation: "process", fails: false });
  });
});
