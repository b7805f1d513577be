/** What a detector sees of the readings: a window with a series for each channel. Statistics are computed on first use. */

/** A number at a time. */
export interface Sample {
  /** Unix milliseconds, by the sender's clock. */
  at: number;
  value: number;
}

/** A span without readings. */
export interface Gap {
  /** The time of the last reading before it. */
  from: number;
  /** The time of the next reading, or the end of the window. */
  to: number;
}

export interface SeriesOptions {
  channel: string;
  from: number;
  to: number;
  at: Float64Array;
  value: Float64Array;
  before: Sample | null;
  maxGapMs: number;
}

/**
 * The readings of one channel in a span, in order of time. The span has `from` but not `to`. A number that the readings
 * do not give, as the mean of none, is NaN, and comparisons with NaN are false.
 */
export class Series implements Iterable<Sample> {
  /** The channel's name. */
  readonly channel: string;
  readonly from: number;
  readonly to: number;
  /** The times and the values of the readings, in order of time. Do not change them. */
  readonly at: Float64Array;
  readonly value: Float64Array;
  /** The last reading before the span, however old; null if there is none. */
  readonly before: Sample | null;
  readonly #maxGapMs: number;
  #sums: { low: number; high: number; mean: number } | null = null;
  #median: number | null = null;
  #slope: number | null = null;

  constructor({ channel, from, to, at, value, before, maxGapMs }: SeriesOptions) {
    this.channel = channel;
    this.from = from;
    this.to = to;
    this.at = at;
    this.value = value;
    this.before = before;
    this.#maxGapMs = maxGapMs;
  }

  get count(): number {
    return this.at.length;
  }

  get first(): Sample | null {
    return this.#sample(0);
  }

  get last(): Sample | null {
    return this.#sample(this.count - 1);
  }

  get low(): number {
    return this.#summary().low;
  }

  get high(): number {
    return this.#summary().high;
  }

  get mean(): number {
    return this.#summary().mean;
  }

  /** Of an even number of readings, the mean of the two in the middle. */
  get median(): number {
    return this.#median ??= medianOf(this.value);
  }

  /** By how much the value grows per second: the slope of the least squares line. NaN if there are not two times. */
  get slope(): number {
    return this.#slope ??= slopeOf(this.at, this.value);
  }

  /** How many readings have a different value than the reading before them in the span. */
  get changes(): number {
    const { value } = this;
    let changes = 0;
    for (let index = 1; index < value.length; index++) {
      if (value[index] !== value[index - 1]) changes++;
    }
    return changes;
  }

  /** The spans of more than `maxGapSeconds` without a reading that reach into this span. */
  get gaps(): Gap[] {
    const gaps: Gap[] = [];
    let from = this.before?.at ?? this.from;
    for (const to of [...this.at, this.to]) {
      if (to - from > this.#maxGapMs && to > this.from) gaps.push({ from, to });
      from = to;
    }
    return gaps;
  }

  /** Whether there was no reading for more than `maxGapSeconds` before the end of the span. */
  get isStale(): boolean {
    return this.to - (this.last ?? this.before ?? { at: -Infinity }).at > this.#maxGapMs;
  }

  /** The part of the series from `from` up to, but without, `to`. */
  between(from: number, to: number): Series {
    const [start, end] = [firstFrom(this.at, from), firstFrom(this.at, to)];
    return new Series({
      channel: this.channel,
      from: Math.max(from, this.from),
      to: Math.min(to, this.to),
      at: this.at.subarray(start, Math.max(start, end)),
      value: this.value.subarray(start, Math.max(start, end)),
      before: this.#sample(start - 1) ?? this.before,
      maxGapMs: this.#maxGapMs,
    });
  }

  *[Symbol.iterator](): Generator<Sample> {
    for (let index = 0; index < this.count; index++) yield this.#sample(index) as Sample;
  }

  #sample(index: number): Sample | null {
    const [at, value] = [this.at[index], this.value[index]];
    return at === undefined || value === undefined ? null : { at, value };
  }

  #summary(): { low: number; high: number; mean: number } {
    if (this.#sums !== null) return this.#sums;
    const { value } = this;
    let [low, high, sum] = [Infinity, -Infinity, 0];
    for (let index = 0; index < value.length; index++) {
      const number = value[index] as number;
      if (number < low) low = number;
      if (number > high) high = number;
      sum += number;
    }
    const none = { low: NaN, high: NaN, mean: NaN };
    return this.#sums = value.length === 0 ? none : { low, high, mean: sum / value.length };
  }
}

/** The readings of all channels in a span that ends at the time for which `detect` is called. */
export class Window {
  /** Unix milliseconds, by the sender's clock. The window has `from` but not `to`. */
  readonly from: number;
  readonly to: number;
  /** The source of the readings: a key of the config's `sources`. */
  readonly source: string;
  /** Names of the channels that the window has, in alphabetical order. */
  readonly channels: readonly string[];
  readonly #seriesOf: (channel: string) => Series | undefined;

  constructor(options: {
    from: number;
    to: number;
    source: string;
    channels: readonly string[];
    seriesOf(channel: string): Series | undefined;
  }) {
    this.from = options.from;
    this.to = options.to;
    this.source = options.source;
    this.channels = options.channels;
    this.#seriesOf = options.seriesOf;
  }

  /** The readings of a channel. Throws a `RangeError` if the window has no such channel. */
  of(channel: string): Series {
    const series = this.#seriesOf(channel);
    if (series !== undefined) return series;
    throw new RangeError(
      `the window has no channel "${channel}": it has ${this.channels.join(", ")}. ` +
        'Add the channel to the detector\'s "channels" or "heldChannels".',
    );
  }
}

/** The index of the first time that is not before `from`. `at` is in ascending order. */
export function firstFrom(at: Float64Array, from: number): number {
  let [low, high] = [0, at.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((at[middle] as number) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

function medianOf(values: Float64Array): number {
  if (values.length === 0) return NaN;
  const sorted = values.slice().sort();
  const middle = sorted.length >> 1;
  const high = sorted[middle] as number;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] as number) + high) / 2;
}

function slopeOf(at: Float64Array, value: Float64Array): number {
  const count = at.length;
  if (count < 2) return NaN;
  const start = at[0] as number;
  let [times, values] = [0, 0];
  for (let index = 0; index < count; index++) {
    times += (at[index] as number) - start;
    values += value[index] as number;
  }
  const [meanTime, meanValue] = [times / count, values / count];
  let [products, squares] = [0, 0];
  for (let index = 0; index < count; index++) {
    const time = (at[index] as number) - start - meanTime;
    products += time * ((value[index] as number) - meanValue);
    squares += time * time;
  }
  return squares === 0 ? NaN : 1000 * products / squares;
}
