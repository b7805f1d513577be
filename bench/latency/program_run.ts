/** How the program whose latency is measured is run, and what it measured. */
import { fileURLToPath } from "node:url";
import type { Figure } from "../benchmark.ts";
import { latenciesPath, type ProgramOptions } from "./program.ts";

const program = fileURLToPath(new URL("program.ts", import.meta.url));
const deno = [Deno.execPath(), "run", "-A", "--no-prompt", "--no-check", "--quiet"];

export interface Span {
  warmUpSeconds: number;
  /** Measured, after the warm-up. */
  seconds: number;
}

/** p50, p99, p99.9 and the longest of the milliseconds noted after the warm-up. */
export function* figuresOf(
  name: string,
  milliseconds: readonly number[],
  targets: Record<string, number> = {},
) {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.ceil(sorted.length * part) - 1] ?? NaN;
  for (
    const [rank, value] of Object.entries({ p50: at(0.5), p99: at(0.99), "p99.9": at(0.999), max: at(1) })
  ) {
    const atMost = targets[rank];
    const figure: Figure = { name: `${name}, ${rank}`, value, unit: "ms" };
    yield atMost === undefined ? figure : { ...figure, target: { atMost } };
  }
}

/** The command that runs the program. */
export function commandFor(folder: string, options: ProgramOptions): string[] {
  return [...deno, program, folder, JSON.stringify(options)];
}

/** Runs it to its end, with the plain log. */
export async function runPlain([command, ...args]: string[]): Promise<void> {
  const child = new Deno.Command(command as string, {
    args,
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  });
  const { success } = await child.spawn().status;
  if (!success) throw new Error("The program failed.");
}

/** After a run: the milliseconds after the warm-up, in the order of the events. Throws if an event is missing. */
export async function latenciesIn(
  folder: string,
  { ratePerSecond, warmUpSeconds, seconds }: Span & { ratePerSecond: number },
): Promise<number[]> {
  const count = ratePerSecond * (warmUpSeconds + seconds);
  const bytes = await Deno.readFile(latenciesPath(folder));
  const milliseconds = [...new Float64Array(bytes.buffer)];
  if (milliseconds.length !== count) {
    throw new Error(`Of ${count} events the service got ${milliseconds.length}.`);
  }
  return milliseconds.slice(ratePerSecond * warmUpSeconds);
}
