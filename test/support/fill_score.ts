/** Runs the detection of fills over a simulated tank, and holds what it finds against the truth. */
import type { Fill } from "../../services/peebot/fill_detection.ts";
import type { DetectionOptions } from "../../services/peebot/options.ts";
import type { Sample } from "../../services/peebot/level.ts";
import { emptyMemory, everySeconds, TankWatch, windowSeconds } from "../../services/peebot/tank_watch.ts";
import { clockItem, levelItem, processorItem, type Span, type Tank, type TrueFill } from "./tank.ts";

/** A fill counts if it has at least this size, in percent: a smaller one is within the noise of whole percents. */
export const smallestFill = 2;
/** A fill counts if its level is seen for this long before and after it. */
const seenAroundMs = 120_000;
/** How far a detection may be from its fill. */
const toleranceMs = 90_000;

/** What became of a fill. too_small and hidden: it does not count. */
export type FillFate = "found" | "missed" | "too_small" | "hidden";

export interface Score {
  fills: { size: number; fate: FillFate }[];
  /** Detections that are of no fill. */
  wrong: number;
}

/** All fills that are found, in the windows that a detector gets. */
export function findFills(tank: Tank, options: DetectionOptions): Fill[] {
  const watch = new TankWatch(options);
  const memory = emptyMemory();
  const found: Fill[] = [];
  const [levels, processor, clock]: [Sample[], Sample[], Sample[]] = [[], [], []];
  const series: Record<string, Sample[]> = {
    [levelItem]: levels,
    [processorItem]: processor,
    [clockItem]: clock,
  };
  let to = 0;
  for (const { item, at, arrivesAt, value } of tank.readings()) {
    if (to === 0) to = arrivesAt;
    for (; arrivesAt >= to; to += everySeconds * 1000) {
      const from = to - windowSeconds * 1000;
      for (const samples of Object.values(series)) trim(samples, from);
      if (hasGap(clock, { from, to }, options.gap_seconds)) continue;
      const within = levels.filter((sample) => sample.at >= from && sample.at < to);
      const fill = watch.see({
        from,
        to,
        levels: within,
        processor: processor.filter((each) => each.at < to),
      }, memory);
      if (fill !== null) found.push(fill);
    }
    insert(series[item] ?? [], { at, value });
  }
  return found;
}

function hasGap(clock: readonly Sample[], { from, to }: Span, gapSeconds: number): boolean {
  const times = [...clock.map(({ at }) => at).filter((at) => at < to), to];
  return times.some((at, index) => at > from && at - (times[index - 1] ?? -Infinity) > gapSeconds * 1000);
}

/** Keeps the reading that still holds at `from`. */
function trim(samples: Sample[], from: number): void {
  let old = 0;
  while (old + 1 < samples.length && (samples[old + 1] as Sample).at < from) old++;
  if (old > 0) samples.splice(0, old);
}

function insert(samples: Sample[], sample: Sample): void {
  let index = samples.length;
  while (index > 0 && (samples[index - 1] as Sample).at > sample.at) index--;
  if (samples[index - 1]?.at !== sample.at) samples.splice(index, 0, sample);
}

export function score(tank: Pick<Tank, "fills" | "hidden">, found: readonly Fill[]): Score {
  const left = new Set(found);
  const fills = tank.fills.map((fill) => {
    const own = [...left].find((each) => overlap(each, fill, toleranceMs));
    if (own !== undefined) left.delete(own);
    return { size: fill.size, fate: fateOf(fill, tank.hidden, own !== undefined) };
  });
  return { fills, wrong: left.size };
}

function fateOf(fill: TrueFill, hidden: readonly Span[], isFound: boolean): FillFate {
  if (fill.size < smallestFill) return "too_small";
  if (hidden.some((span) => overlap(span, fill, seenAroundMs))) return "hidden";
  return isFound ? "found" : "missed";
}

function overlap(one: Span, other: Span, slackMs: number): boolean {
  return one.from - slackMs <= other.to && other.from <= one.to + slackMs;
}

/** Of the detections, the part that are fills; of the fills that count, the part that was found. */
export function qualityOf(
  scores: readonly Score[],
): { precision: number; recall: number } & Record<FillFate, number> {
  const fills = scores.flatMap((each) => each.fills);
  const wrong = scores.reduce((sum, each) => sum + each.wrong, 0);
  const count = (fate: FillFate) => fills.filter((fill) => fill.fate === fate).length;
  const [found, missed] = [count("found"), count("missed")];
  const rest = { too_small: count("too_small"), hidden: count("hidden") };
  return { precision: found / (found + wrong), recall: found / (found + missed), found, missed, ...rest };
}
