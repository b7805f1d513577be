/**
 * The form of a benchmark, and how to run one alone: `deno run -A bench/NAME.ts [--short] [--json]`. A benchmark
 * reports a figure that depends on the machine together with a bare loop or a bare worker that it measured in the same
 * run.
 */
export interface Figure {
  /** Unique within its benchmark, and the same in every commit, because two commits are compared by name. */
  name: string;
  value: number;
  /** "" for a ratio. */
  unit:
    | ""
    | "events/s"
    | "items/s"
    | "messages/s"
    | "readings/s"
    | "bytes"
    | "µs"
    | "ms"
    | "MB"
    | "% of a core";
  /** The target, in the figure's unit. */
  target?: { atLeast: number } | { atMost: number };
}

export interface BenchmarkOptions {
  /** Runs for a few seconds, for a test that fails only on a large loss. */
  isShort: boolean;
  /** Only the ratios that have a target are wanted: whatever else takes long is left out. */
  isOfRatios: boolean;
}

export interface Benchmark {
  /** As its file. */
  name: string;
  /** One sentence: what is measured, and against what. */
  about: string;
  /** Yields each figure as soon as it is known. */
  measure(options: BenchmarkOptions): AsyncIterable<Figure>;
}

/** Prints a benchmark's figures as lines, or with `--json` as one JSON object a line. */
export async function runAlone(benchmark: Benchmark, args: readonly string[] = Deno.args): Promise<void> {
  const isJson = args.includes("--json");
  if (!isJson) console.log(`${benchmark.name}: ${benchmark.about}`);
  const options = { isShort: args.includes("--short"), isOfRatios: args.includes("--ratios") };
  for await (const figure of benchmark.measure(options)) {
    console.log(isJson ? JSON.stringify({ benchmark: benchmark.name, ...figure }) : lineOf(figure));
  }
}

/** A figure as a line for people. */
export function lineOf(figure: Figure): string {
  const { name, value, unit } = figure;
  return `${name.padEnd(56)} ${shown(value).padStart(10)} ${unit.padEnd(12)} ${aimOf(figure)}`.trimEnd();
}

/** The figure's target in words; "" if it has none. */
export function aimOf({ target }: Figure): string {
  if (target === undefined) return "";
  return "atLeast" in target ? `at least ${target.atLeast}` : `at most ${target.atMost}`;
}

/** Whether the figure reaches its target. `factor` makes the target easier: with 2, half of "at least" is enough. */
export function isMet({ value, target }: Figure, factor = 1): boolean {
  if (target === undefined) return true;
  return "atLeast" in target ? value * factor >= target.atLeast : value <= target.atMost * factor;
}

/** Three significant digits; a whole number from a thousand on. */
export function shown(value: number): string {
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}
