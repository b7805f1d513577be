/**
 * deno task fuzz [NAME…] [--seconds N] [--seed S] [--path P]: runs all targets, or the named ones, in parallel on the
 * machine's cores, for an hour in all, or N seconds each. A failure is printed with the command that repeats it.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { FuzzingFailure, FuzzingReport } from "./fuzzing.ts";
import { targetNames } from "./targets.ts";

/** An input that takes this long will never end. */
const stuckMs = 60_000;
const maxHeapMb = 2_048;
const child = fileURLToPath(new URL("child.ts", import.meta.url));

interface Plan {
  names: string[];
  seconds: number;
  seed: number;
  path: string | undefined;
}

function planOf(args: string[]): Plan {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { seconds: { type: "string" }, seed: { type: "string" }, path: { type: "string" } },
  });
  const unknown = positionals.find((name) => !targetNames.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(`There is no target ${unknown}. There are ${targetNames.join(", ")}.`);
  }
  const names = positionals.length > 0 ? positionals : targetNames;
  const seconds = Number(values.seconds ?? Math.floor(3_600 * cores() / Math.max(names.length, cores())));
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  if (!(seconds > 0) || !Number.isSafeInteger(seed)) {
    throw new RangeError("--seconds and --seed take numbers.");
  }
  return { names, seconds, seed, path: values.path };
}

function cores(): number {
  return navigator.hardwareConcurrency;
}

/** Runs one target. An input that ends the target's process counts as a failure. */
async function runTarget(
  name: string,
  { seconds, seed, path }: Plan,
  folder: string,
): Promise<FuzzingReport> {
  const numberFile = join(folder, name);
  const stuck = AbortSignal.timeout(seconds * 1_000 + stuckMs);
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-prompt", "--quiet", `--v8-flags=--max-old-space-size=${maxHeapMb}`, child],
      ...[name, String(seconds), String(seed), numberFile, ...path === undefined ? [] : [path]],
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: stuck,
    env: { NO_COLOR: "1" },
  }).spawn();
  const { success, stdout, stderr } = await process.output();
  const last = new TextDecoder().decode(stdout).trimEnd().split("\n").at(-1) ?? "";
  if (success && last.startsWith("{")) return JSON.parse(last);
  const input = numberIn(numberFile);
  const why = stuck.aborted ? `took over ${stuckMs / 1_000} s` : new TextDecoder().decode(stderr).trim();
  return {
    inputs: input + 1,
    failure: {
      error: `It ended the process, or would not end: ${why}`,
      input: "",
      path: path ?? String(input),
    },
  };
}

function numberIn(file: string): number {
  try {
    return new Float64Array(Deno.readFileSync(file).buffer)[0] ?? 0;
  } catch {
    return 0;
  }
}

function describe(name: string, plan: Plan, { inputs, failure }: FuzzingReport): string {
  const count = `${inputs.toLocaleString("en")} inputs`;
  if (failure === null) return `${name}: held for ${count} (seed ${plan.seed})`;
  return [
    `${name}: FAILED after ${count}`,
    ...indented(failure),
    `  again: deno task fuzz ${name} --seed ${plan.seed} --path ${failure.path}`,
  ].join("\n");
}

function indented({ error, input }: FuzzingFailure): string[] {
  const shown = input.length > 4_000 ? `${input.slice(0, 4_000)}…` : input;
  return [...error.split("\n"), ...(shown === "" ? [] : [`input: ${shown}`])].map((line) => `  ${line}`);
}

/** Resolves to the number of failures. */
async function run(plan: Plan): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "livecue-fuzz-" });
  const waiting = [...plan.names];
  let failed = 0;
  async function work(): Promise<void> {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const report = await runTarget(name, plan, folder);
      if (report.failure !== null) failed++;
      console.log(describe(name, plan, report));
    }
  }
  await Promise.all(Array.from({ length: cores() }, work));
  await Deno.remove(folder, { recursive: true });
  return failed;
}

const plan = planOf(Deno.args);
const failed = await run(plan);
console.log(`${plan.names.length - failed} passed, ${failed} failed`);
Deno.exit(failed === 0 ? 0 : 1);
