/** Summaries over longer spans. */
import { type ReadingWindow, type Rollup, startOf } from "../reading_query.ts";

/** Joins summaries, in order of time, to those of spans of `stepMs`. One of these spans starts at `from`. */
export function joinRollups(rollups: Iterable<Rollup>, stepMs: number, from = 0): Rollup[] {
  const joined: Rollup[] = [];
  for (const rollup of rollups) {
    const at = from + startOf(rollup.at - from, stepMs);
    const last = joined.at(-1);
    if (last?.at !== at) joined.push({ ...rollup, at });
    else {
      last.count += rollup.count;
      last.low = Math.min(last.low, rollup.low);
      last.high = Math.max(last.high, rollup.high);
      last.sum += rollup.sum;
      last.last = rollup.last;
    }
  }
  return joined;
}

/** Readings as summaries of one reading each. */
export function* asRollups({ at, value }: Pick<ReadingWindow, "at" | "value">): Generator<Rollup> {
  for (const [index, time] of at.entries()) {
    const number = value[index] as number;
    yield { at: time, count: 1, low: number, high: number, sum: number, first: number, last: number };
  }
}
