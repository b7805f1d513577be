/**
 * Fails on a large loss of speed: no ratio of a benchmark's short form may be below half of its target. It runs alone,
 * because parallel tests would take the cores from one half of a ratio and not from the other.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { aimOf, type Figure, isMet, shown } from "../../bench/benchmark.ts";
import { figuresOf, hasBenchmark } from "../../bench/run/benchmark_run.ts";
import { postgresIsMissing, whyPostgresIsMissing } from "../support/postgres.ts";
import { namesWithRatios } from "../../bench/names.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const half = 2;
const maxTries = 3;
/** No further try begins later than this after the first one, for all benchmarks together. */
const longestMs = 40_000;

/** The names of the ratios that have a target. Figures that depend on the machine's speed are left out. */
async function ratiosOf(name: string): Promise<Map<string, Figure>> {
  const ratios = new Map<string, Figure>();
  for await (const figure of figuresOf({ root, name, isShort: true, isOfRatios: true })) {
    if (figure.unit === "" && figure.target !== undefined) ratios.set(figure.name, figure);
  }
  return ratios;
}

const isMissed = (figure: Figure) => !isMet(figure, half);

/** The best of several tries counts, because the machine's other work disturbs a try. */
async function missedRatios(name: string, isLate: () => boolean): Promise<Figure[]> {
  let missed: Figure[] = [];
  for (let tries = 1; tries <= maxTries; tries++) {
    const ratios = await ratiosOf(name);
    assert.ok(ratios.size > 0, `The benchmark ${name} has no ratio with a target.`);
    const lacking = [...ratios.values()].filter(isMissed);
    missed = tries === 1
      ? lacking
      : lacking.filter((figure) => missed.some((other) => other.name === figure.name));
    if (missed.length === 0 || isLate()) break;
  }
  return missed;
}

Deno.test("No ratio of the benchmarks is below half of its target", async (test) => {
  const begin = performance.now();
  const isLate = () => performance.now() - begin > longestMs;
  for (const name of namesWithRatios) {
    await test.step({
      name: name === "postgres" && postgresIsMissing ? `${name} (${whyPostgresIsMissing})` : name,
      ignore: !await hasBenchmark(root, name) || (name === "postgres" && postgresIsMissing),
      async fn() {
        const missed = await missedRatios(name, isLate);
        const lines = missed.map((figure) => `${figure.name}: ${shown(figure.value)}, ${aimOf(figure)}`);
        assert.deepEqual(lines, [], "These are not even half of what they must be.");
      },
    });
  }
});
