import assert from "node:assert/strict";
import type { Figure } from "../../bench/benchmark.ts";
import { compareValues } from "../../bench/run/verdict.ts";

const slow = [100, 101, 99, 102, 98];
const fast = [120, 121, 119, 122, 118];

function verdict(figure: Pick<Figure, "unit" | "target">, before: number[], after: number[]): string {
  return compareValues({ name: "figure", value: 0, ...figure }, { before, after }).verdict;
}

Deno.test("More events a second are better, more milliseconds are worse", () => {
  assert.equal(verdict({ unit: "events/s" }, slow, fast), "better");
  assert.equal(verdict({ unit: "events/s" }, fast, slow), "worse");
  assert.equal(verdict({ unit: "ms" }, slow, fast), "worse");
  assert.equal(verdict({ unit: "MB" }, fast, slow), "better");
});

Deno.test("A ratio's target says which way is better", () => {
  assert.equal(verdict({ unit: "", target: { atLeast: 90 } }, slow, fast), "better");
  assert.equal(verdict({ unit: "", target: { atMost: 90 } }, slow, fast), "worse");
  assert.equal(verdict({ unit: "" }, slow, fast), "different");
});

Deno.test("A figure that varies as much as it changed is the same, and so is a change that is tiny", () => {
  assert.equal(verdict({ unit: "ms" }, [100, 101, 99, 119, 98], fast), "same");
  assert.equal(verdict({ unit: "ms" }, slow, slow.map((value) => value + 4.5)), "same");
});
