import assert from "node:assert/strict";
import { type Quietness, whyNotQuiet } from "../../bench/run/quiet.ts";

const quiet: Quietness = { loads: [0.1, 1.2], others: [0.001, 0.01], loopSpread: [0.005, 0.03] };

Deno.test("A machine is quiet where others take little and a bare loop runs evenly, whatever its own load", () => {
  assert.equal(whyNotQuiet(quiet), null);
  assert.equal(whyNotQuiet({ ...quiet, others: null }), null);
});

Deno.test("A machine that is not quiet is told by what others took, or by how unevenly a bare loop ran", () => {
  assert.match(
    whyNotQuiet({ ...quiet, others: [0.001, 0.52] }) ?? "",
    /not quiet: other programs took 0\.1 % of its cores before and 52\.0 %/,
  );
  assert.match(
    whyNotQuiet({ ...quiet, loopSpread: [0.005, 0.4] }) ?? "",
    /not quiet: a bare loop took 0\.5 % longer than at best before the benchmark and 40\.0 %/,
  );
});
