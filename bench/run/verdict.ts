/** Whether a figure has changed between two commits, or only varies. */
import type { Figure } from "../benchmark.ts";

/** "different": the figure has changed, but has no target that says whether for the better. */
export type Verdict = "better" | "same" | "worse" | "different";

export interface Comparison {
  /** The medians before and after. */
  before: number;
  after: number;
  /** Of the medians, after ÷ before. */
  ratio: number;
  verdict: Verdict;
}

/**
 * Medians closer than this count as equal. If nothing has changed, all five values of one side are above all five of
 * the other in one case of 126. With many figures, that test alone would raise false alarms.
 */
const smallestChange = 0.05;

/**
 * Compares a figure's values in several runs of each commit. The figure has changed if its medians differ by more than
 * 5 % and each value of one commit is above each value of the other.
 */
export function compareValues(
  figure: Figure,
  { before, after }: { before: readonly number[]; after: readonly number[] },
): Comparison {
  const medians = { before: median(before), after: median(after) };
  const ratio = medians.after / medians.before;
  const isHigher = Math.min(...after) > Math.max(...before) && ratio > 1 + smallestChange;
  const isLower = Math.max(...after) < Math.min(...before) && ratio < 1 / (1 + smallestChange);
  return { ...medians, ratio, verdict: verdictOf(figure, { isHigher, isLower }) };
}

function verdictOf(figure: Figure, { isHigher, isLower }: { isHigher: boolean; isLower: boolean }): Verdict {
  if (!isHigher && !isLower) return "same";
  switch (betterWhen(figure)) {
    case "higher":
      return isHigher ? "better" : "worse";
    case "lower":
      return isLower ? "better" : "worse";
    case null:
      return "different";
  }
}

/** A ratio's target says which direction is better. Without a target neither is better. */
function betterWhen({ unit, target }: Figure): "higher" | "lower" | null {
  switch (unit) {
    case "events/s":
    case "items/s":
    case "messages/s":
    case "readings/s":
      return "higher";
    case "µs":
    case "ms":
    case "MB":
    case "bytes":
    case "% of a core":
      return "lower";
    case "":
      return target === undefined ? null : "atLeast" in target ? "higher" : "lower";
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}
