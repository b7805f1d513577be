/** How regularly a sound's loudness rises, by which a tempo is confirmed and made exact. */

const hop = 512;
/** Two bands: the samples, and the differences between them, in which high notes are strong. Each with its gain. */
const gains = [1e4, 1e5] as const;
/** A beat, its half and so on are compared with what comes this many beats later. */
const mostBeats = 8;
/** A steady tone seems to rise, by less than this, because a hop is no whole number of its waves. */
const leastRise = 0.1;
/** A tempo is corrected by at most this part. */
const correction = 0.03;
const steps = 30;
/** In beats per minute: a tempo below `slow` can turn out to be its double, one above `fast` its half. */
const [slowest, slow, fast] = [20, 92, 115];
/** How alike a sound is after these parts of a beat. */
const even = { half: 0.25, quarter: 0.15 };
const uneven = { one: 0.45, half: 0.05 };

type Four = [number, number, number, number];

export class Pulse {
  /** How alike the sound is to itself this many hops later; 1 at 0. */
  readonly #likeness: Float32Array;
  readonly #hopsPerMinute: number;

  constructor(samples: Float32Array, rate: number) {
    this.#hopsPerMinute = 60 * rate / hop;
    const rises = risesIn(samples);
    const lags = Math.min(rises.length >> 1, Math.ceil(mostBeats * this.#hopsPerMinute / slowest));
    this.#likeness = autocorrelation(rises, lags);
  }

  /** From 0 to 1: how alike the beats of this tempo are, one, two or four of them apart. */
  clarity(bpm: number): number {
    return Math.max(0, ...[1, 2, 4].map((beats) => this.#after(beats, bpm)));
  }

  /** The most regular of the tempos near `bpm`. */
  exact(bpm: number): number {
    const near = Array.from(
      { length: 2 * steps + 1 },
      (_, index) => bpm * (1 + correction * (index - steps) / steps),
    );
    const regularity = near.map((tempo) => {
      let sum = 0;
      for (let beats = 1; beats <= mostBeats; beats++) sum += this.#after(beats, tempo);
      return sum;
    });
    return near[regularity.indexOf(Math.max(...regularity))] as number;
  }

  /** The tempo, its half or its double: the one at which people would tap. */
  tapped(bpm: number): number {
    const [two, one, half, quarter] = [2, 1, 1 / 2, 1 / 4].map((beats) => this.#after(beats, bpm)) as Four;
    // What seems to be quarters of a slow beat are the usual halves of a fast one.
    if (bpm < slow && half > even.half && quarter > even.quarter * half) return bpm * 2;
    // Every second beat of a fast tempo is stronger by far, and there is nothing in between.
    if (bpm > fast && one < uneven.one * two && half < uneven.half) return bpm / 2;
    return bpm;
  }

  #after(beats: number, bpm: number): number {
    const lag = beats * this.#hopsPerMinute / bpm;
    const [before, part] = [Math.floor(lag), lag % 1];
    if (before + 1 >= this.#likeness.length) return 0;
    return (this.#likeness[before] as number) * (1 - part) + (this.#likeness[before + 1] as number) * part;
  }
}

/** By how much each hop is louder than the one before, on a logarithmic scale; their mean is 0. */
function risesIn(samples: Float32Array): Float32Array {
  const rises = new Float32Array(Math.floor(samples.length / hop));
  let before = [0, 0];
  let last = 0;
  for (let index = 0; index < rises.length; index++) {
    const powers = [0, 0] as [number, number];
    for (let place = index * hop; place < (index + 1) * hop; place++) {
      const sample = samples[place] as number;
      powers[0] += sample ** 2;
      powers[1] += (sample - last) ** 2;
      last = sample;
    }
    const loudness = powers.map((power, band) => Math.log1p((gains[band] as number) * power / hop));
    rises[index] = loudness.reduce(
      (sum, value, band) => sum + Math.max(0, value - (before[band] as number)),
      0,
    );
    before = loudness;
  }
  const mean = rises.reduce((sum, rise) => sum + rise, 0) / rises.length;
  return rises.map((rise) => rise - mean);
}

function autocorrelation(values: Float32Array, lags: number): Float32Array {
  const sums = Float32Array.from({ length: lags }, (_, lag) => {
    let sum = 0;
    for (let index = lag; index < values.length; index++) {
      sum += (values[index] as number) * (values[index - lag] as number);
    }
    return sum / (values.length - lag);
  });
  const power = (sums[0] ?? 0) + leastRise ** 2;
  return sums.map((sum) => sum / power);
}
