/** Lives of workers that say all sorts of things; test/fuzz goes on with it for as long as one likes. */
import fc from "fast-check";
import { target } from "../fuzz/targets/workers.ts";

Deno.test("Whatever a worker says, each of its items ends once, and only what is right goes any further", async () => {
  await fc.assert(fc.asyncProperty(target.inputs, async (input) => void await target.check(input)), {
    numRuns: 300,
    endOnFailure: true,
  });
});
