/** The level of the tank in a span of time, from readings that hold until the next one. */

export interface Sample {
  /** Unix milliseconds. */
  at: number;
  value: number;
}

export interface Summary {
  from: number;
  to: number;
  /** The median by time, within the whole percent. */
  median: number;
  /** The half of the distance between the 16th and the 84th percentile: the standard deviation, if no value is wild. */
  spread: number;
  /** How many readings the span has, with the one that held when it began. */
  count: number;
}

/** Null without any reading at or before `from`: nobody knows the level then. */
export function summarize(levels: readonly Sample[], from: number, to: number): Summary | null {
  const start = indexAt(levels, from);
  if (start < 0 || to <= from) return null;
  const weights: Weight[] = [];
  let count = 0;
  for (let index = start; index < levels.length; index++) {
    const { at, value } = levels[index] as Sample;
    if (at >= to) break;
    add(weights, Math.round(value), Math.min(to, levels[index + 1]?.at ?? to) - Math.max(from, at));
    count++;
  }
  const percentile = (part: number) => within(weights, part * (to - from));
  return { from, to, median: percentile(0.5), spread: (percentile(0.84) - percentile(0.16)) / 2, count };
}

/** For how long a value was shown. */
interface Weight {
  value: number;
  ms: number;
}

/** Keeps them in the order of their values, which are few. */
function add(weights: Weight[], value: number, ms: number): void {
  let index = weights.length;
  while (index > 0 && (weights[index - 1] as Weight).value > value) index--;
  const own = weights[index - 1];
  if (own?.value === value) own.ms += ms;
  else weights.splice(index, 0, { value, ms });
}

/** The index of the last reading at or before this time; -1: there is none. */
function indexAt(levels: readonly Sample[], at: number): number {
  let low = 0;
  let high = levels.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((levels[middle] as Sample).at <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** A value of 23 is anything from 22.5 to 23.5, evenly: the place within it that this part of the time is below. */
function within(weights: readonly Weight[], partMs: number): number {
  let passedMs = 0;
  for (const { value, ms } of weights) {
    if (passedMs + ms >= partMs && ms > 0) return value - 0.5 + (partMs - passedMs) / ms;
    passedMs += ms;
  }
  return weights.at(-1)?.value ?? 0;
}
