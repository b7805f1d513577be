/**
 * Runs benchmarks one after another, each in its own process, and writes their figures into `RESULTS.md`. `deno task
 * bench [NAME…] [--short] [--json]`, and `deno task bench compare REV [NAME…]` (see `run/compare.ts`).
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Benchmark, type Figure, lineOf } from "./benchmark.ts";
import { figuresOf, hasBenchmark } from "./run/benchmark_run.ts";
import { compare } from "./run/compare.ts";
import { describeCommit, describeMachine, describeVersions } from "./run/machine.ts";
import { names } from "./names.ts";
import { describeQuietness, type Quietness, watchQuietness, whyNotQuiet } from "./run/quiet.ts";
import { withSection } from "./run/results.ts";
import { withWorkspace, type Workspace } from "./run/workspace.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const resultsPath = join(root, "bench", "RESULTS.md");

interface RunOptions {
  names: readonly string[];
  isShort: boolean;
  isJson: boolean;
}

/** The exit code: 1 if a benchmark failed, or if its figures were not kept because the machine was not quiet. */
async function run({ names, isShort, isJson }: RunOptions, workspace: Workspace): Promise<number> {
  let code = 0;
  for (const name of names) {
    if (!await hasBenchmark(root, name)) {
      console.error(`There is no benchmark ${name}: bench/${name}.ts is missing, or exports none.`);
      code = 1;
      continue;
    }
    const { benchmark }: { benchmark: Benchmark } = await import(`./${name}.ts`);
    if (!isJson) console.log(`\n${name}: ${benchmark.about}`);
    try {
      const isKept = await runOne(benchmark, { isShort, isJson }, workspace);
      if (!isKept) code = 1;
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
      code = 1;
    }
  }
  return code;
}

/** Whether its figures are worth keeping. Writes the figures of a full run. */
async function runOne(
  benchmark: Benchmark,
  { isShort, isJson }: Pick<RunOptions, "isShort" | "isJson">,
  { own, env }: Workspace,
): Promise<boolean> {
  const { name } = benchmark;
  const figures: Figure[] = [];
  const quietness = await watchQuietness(own, async () => {
    for await (const figure of figuresOf({ root, name, isShort, env })) {
      figures.push(figure);
      console.log(isJson ? JSON.stringify({ benchmark: name, ...figure }) : lineOf(figure));
    }
  });
  const why = whyNotQuiet(quietness);
  if (why !== null) console.error(`${why} Nothing of ${name} is written.`);
  else if (isShort) console.error(`The short form of ${name} is too coarse to be written.`);
  else await write(benchmark, figures, quietness);
  return why === null;
}

async function write(benchmark: Benchmark, figures: Figure[], quietness: Quietness): Promise<void> {
  const date = new Date().toISOString().slice(0, 16).replace("T", " ");
  const circumstances = [
    `${date} UTC, ${await describeCommit(root)}, ${describeVersions()}.`,
    `${describeMachine()}.`,
    describeQuietness(quietness),
  ];
  const text = await readIfThere(resultsPath);
  await Deno.writeTextFile(resultsPath, withSection(text, { benchmark, figures, circumstances }, names));
  console.error(`Written to bench/RESULTS.md.`);
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** Throws an `Error` with a sentence for a person if the arguments are wrong. */
async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      short: { type: "boolean", default: false },
      full: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      rounds: { type: "string", default: "5" },
    },
  });
  const isComparison = positionals[0] === "compare";
  const chosen = positionals.slice(isComparison ? 2 : 0);
  const unknown = chosen.find((name) => !names.some((known) => known === name));
  if (unknown !== undefined) {
    throw new Error(`There is no benchmark "${unknown}". There are: ${names.join(", ")}.`);
  }
  const common = { names: chosen.length > 0 ? chosen : names, isJson: values.json };
  if (!isComparison) return await withWorkspace((space) => run({ ...common, isShort: values.short }, space));

  const rev = positionals[1];
  if (rev === undefined) {
    throw new Error("Say which commit to compare with: deno task bench compare REV [NAME…]");
  }
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 3) throw new Error("--rounds is a whole number from 3 on.");
  const options = { ...common, root, rev, rounds, isShort: !values.full };
  return await withWorkspace((space) => compare(options, space));
}

try {
  Deno.exitCode = await main(Deno.args);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exitCode = 2;
}
