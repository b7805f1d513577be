/** Runs one benchmark in a process of its own, and reads its figures. */
import { join } from "node:path";
import type { Figure } from "../benchmark.ts";

export interface BenchmarkRun {
  /** The folder of the Livecue whose benchmark to run. */
  root: string;
  name: string;
  isShort: boolean;
  /** As in `BenchmarkOptions`. */
  isOfRatios?: boolean;
  env?: Record<string, string>;
}

/** Whether this Livecue has the benchmark in a form that runs here. */
export async function hasBenchmark(root: string, name: string): Promise<boolean> {
  try {
    return (await Deno.readTextFile(join(root, "bench", `${name}.ts`))).includes("export const benchmark");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Yields each figure as soon as it is known. Throws if the benchmark fails. Other output goes to standard error. */
export async function* figuresOf(run: BenchmarkRun): AsyncGenerator<Figure> {
  const { root, name, isShort, isOfRatios = false, env } = run;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-prompt", "--no-check", "--quiet", "--config", join(root, "deno.json")],
      ...[join(root, "bench", `${name}.ts`), "--json", ...isShort ? ["--short"] : []],
      ...isOfRatios ? ["--ratios"] : [],
    ],
    cwd: root,
    ...env === undefined ? {} : { env },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  for await (const line of linesOf(child.stdout)) {
    const figure = figureOf(line);
    if (figure === null) console.error(line);
    else yield figure;
  }
  const { code } = await child.status;
  if (code !== 0) throw new Error(`The benchmark ${name} of ${root} ended with code ${code}.`);
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (
    const text of stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
  ) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() as string;
    yield* lines;
  }
  if (rest !== "") yield rest;
}

function figureOf(line: string): Figure | null {
  if (!line.startsWith("{")) return null;
  const { benchmark: _, ...figure } = JSON.parse(line);
  return typeof figure.name === "string" && typeof figure.value === "number" ? figure : null;
}
