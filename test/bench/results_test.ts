import assert from "node:assert/strict";
import { withSection } from "../../bench/run/results.ts";

const names = ["pipeline", "queue", "store"];

function section(name: string, value: number) {
  return {
    benchmark: { name, about: `What ${name} costs.` },
    figures: [
      { name: "of the loop", value, unit: "", target: { atLeast: 0.6 } },
      { name: "the loop", value: 33_600, unit: "events/s" },
    ] as const,
    circumstances: [`Measured as ${value}.`],
  };
}

Deno.test("Results have a table a benchmark that says what each figure must reach and whether it does", () => {
  const text = withSection("", section("queue", 0.61), names);
  assert.match(text, /^## queue\n\nWhat queue costs\.$/m);
  assert.match(text, /^\| of the loop \| 0\.610 \| at least 0\.6 \| yes \|$/m);
  assert.match(text, /^\| the loop \| 33,600 events\/s \| {2}\| {2}\|$/m);
  assert.match(withSection("", section("queue", 0.59), names), /^\| of the loop \|.*\| no \|$/m);
});

Deno.test("A benchmark's new results take the place of its own alone", () => {
  let text = withSection("", section("store", 0.1), names);
  text = withSection(text, section("pipeline", 0.2), names);
  text = withSection(text, section("queue", 0.3), names);
  const changed = withSection(text, section("pipeline", 0.9), names);
  assert.deepEqual(changed.match(/^## .*/gm), ["## pipeline", "## queue", "## store"]);
  assert.equal(
    changed,
    text.replace("| 0.200 | at least 0.6 | no |", "| 0.900 | at least 0.6 | yes |").replace(
      "Measured as 0.2.",
      "Measured as 0.9.",
    ),
  );
});
