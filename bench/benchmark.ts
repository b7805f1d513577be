/**
 * What a benchmark is, and how one is run alone: `deno run -A bench/NAME.ts [--short] [--json]`. A figure that depends
 * on the machine stands beside a bare loop or a bare worker that was measured in the same run.
 */
export interface Figure {
  /** Unique within its benchmark, and the same in every commit: two commits are compared by it. */
  name: string;
  value: number;
  /** "" for a ratio. */
  unit: "" | "events/s" | "items/s" | "messages/s" | "µs" | "ms" | "MB" | "% of a core";
  /** What it must reach, in its unit. */
  target?: { atLeast: number } | { atMost: number };
}

export interface BenchmarkOptions {
  /** A form of a few seconds: for a test that only a large loss should fail. */
  isShort: boolean;
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
  for await (const figure of benchmark.measure({ isShort: args.includes("--short") })) {
    console.log(isJson ? JSON.stringify({ benchmark: benchmark.name, ...figure }) : lineOf(figure));
  }
}

/** A figure as a line for people. */
export function lineOf(figure: Figure): string {
  const { name, value, unit } = figure;
  return `${name.padEnd(56)} ${shown(value).padStart(10)} ${unit.padEnd(12)} ${aimOf(figure)}`.trimEnd();
}

/** What the figure must reach, in words; "" where nothing is asked of it. */
export function aimOf({ target }: Figure): string {
  if (target === undefined) return "";
  return "atLeast" in target ? `at least ${target.atLeast}` : `at most ${target.atMost}`;
}

/** Whether the figure reaches its target, here made easier by `factor`: 2 asks for half of "at least". */
export function isMet({ value, target }: Figure, factor = 1): boolean {
  if (target === undefined) return true;
  return "atLeast" in target ? value * factor >= target.atLeast : value <= target.atMost * factor;
}

/** With three digits; from a thousand on, whole. */
export function shown(value: number): string {
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}
