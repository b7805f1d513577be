/**
 * Compares this tree with another commit: runs the same benchmarks in turns (a b, b a, a b, …), so that the machine's
 * other work disturbs both. Each commit uses its own benchmarks.
 */
import { join } from "node:path";
import { type Figure, shown } from "../benchmark.ts";
import { figuresOf, hasBenchmark } from "./benchmark_run.ts";
import { describeCommit, git } from "./machine.ts";
import { compareValues } from "./verdict.ts";
import type { Workspace } from "./workspace.ts";

export interface CompareOptions {
  /** This tree. */
  root: string;
  /** The other commit, as git knows it. */
  rev: string;
  names: readonly string[];
  /** Runs of each benchmark in each commit. */
  rounds: number;
  isShort: boolean;
  isJson: boolean;
}

/** A figure's values by its name, in the order in which they were measured. */
type Values = Map<string, { figure: Figure; values: number[] }>;

/** The exit code: 1 if a figure is worse than before, beyond the noise. */
export async function compare(options: CompareOptions, workspace: Workspace): Promise<number> {
  const { root, rev, names, rounds } = options;
  const before = await checkOut(root, rev, workspace);
  console.error(
    `before: ${await describeCommit(before)}; after: ${await describeCommit(root)}; ${rounds} runs of each.`,
  );
  let worse = 0;
  for (const name of names) {
    const missing = [];
    if (!await hasBenchmark(before, name)) missing.push(rev);
    if (!await hasBenchmark(root, name)) missing.push("this tree");
    if (missing.length > 0) {
      console.error(
        `\n${name}: ${missing.join(" and ")} has no such benchmark that can be run here; left out.`,
      );
      continue;
    }
    worse += await compareOne(name, before, options, workspace);
  }
  if (worse > 0) {
    console.error(`\n${worse} ${worse === 1 ? "figure is" : "figures are"} worse beyond the noise.`);
  }
  return worse > 0 ? 1 : 0;
}

/** Checks out the commit into a folder that is removed at the end. */
async function checkOut(root: string, rev: string, { folder, defer }: Workspace): Promise<string> {
  const commit = (await git(root, "rev-parse", "--verify", "--quiet", `${rev}^{commit}`).catch(() => ""))
    .trim();
  if (commit === "") throw new Error(`git knows no commit "${rev}".`);
  const tree = join(folder, "before");
  defer(async () => {
    await git(root, "worktree", "remove", "--force", tree).catch(() => {});
    await git(root, "worktree", "prune");
  });
  await git(root, "worktree", "add", "--detach", "--quiet", tree, commit);
  return tree;
}

/** How many of its figures are worse. */
async function compareOne(
  name: string,
  beforeRoot: string,
  { root, rounds, isShort, isJson }: CompareOptions,
  { env }: Workspace,
): Promise<number> {
  const before = { root: beforeRoot, values: new Map() as Values };
  const after = { root, values: new Map() as Values };
  for (let round = 0; round < rounds; round++) {
    for (const side of round % 2 === 0 ? [before, after] : [after, before]) {
      for await (const figure of figuresOf({ root: side.root, name, isShort, env })) {
        const known = side.values.get(figure.name) ?? { figure, values: [] };
        known.values.push(figure.value);
        side.values.set(figure.name, known);
      }
    }
  }
  return tell(name, { before: before.values, after: after.values }, isJson);
}

/** Prints each figure of both. */
function tell(
  benchmark: string,
  { before, after }: { before: Values; after: Values },
  isJson: boolean,
): number {
  let worse = 0;
  if (!isJson) console.log(`\n${rowOf([benchmark, "before", "after", "", "ratio", "verdict"])}`);
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(name), after.get(name)];
    if (old === undefined || now === undefined) {
      console.error(`${name}: only ${old === undefined ? "after" : "before"}.`);
      continue;
    }
    const comparison = compareValues(now.figure, { before: old.values, after: now.values });
    if (comparison.verdict === "worse") worse++;
    const { unit } = now.figure;
    console.log(
      isJson ? JSON.stringify({ benchmark, name, unit, ...comparison }) : rowOf([
        name,
        shown(comparison.before),
        shown(comparison.after),
        unit,
        comparison.ratio.toFixed(2),
        comparison.verdict,
      ]),
    );
  }
  return worse;
}

function rowOf([name = "", before = "", after = "", unit = "", ratio = "", verdict = ""]: string[]): string {
  return `${name.padEnd(56)} ${before.padStart(10)} ${after.padStart(10)} ${unit.padEnd(12)} ${
    ratio.padStart(6)
  }  ${verdict}`;
}
