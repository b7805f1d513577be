/** Converts sound from one sample rate to another, piece by piece. */

/** A new sample is computed from this many samples on each side, or more if the rate falls. */
const leastReach = 24;

/** One channel. Each call returns the samples that the sound so far determines. */
export class Resampler {
  readonly #up: number;
  readonly #down: number;
  readonly #reach: number;
  readonly #kernels: readonly Float32Array[];
  /** The samples that are still needed. Before the sound there is silence. */
  #kept: Float32Array;
  /** The number of new samples that the dropped samples determined, as a place in `#kept` times `#up`. */
  #place = 0;
  #taken = 0;
  #made = 0;

  /** Both are whole numbers of samples per second. */
  constructor(from: number, to: number) {
    const shared = greatestCommonDivisor(from, to);
    [this.#up, this.#down] = [to / shared, from / shared];
    const cutoff = Math.min(1, to / from);
    this.#reach = Math.ceil(leastReach / cutoff);
    this.#kernels = from === to
      ? []
      : Array.from({ length: this.#up }, (_, phase) => kernelOf(phase / this.#up, this.#reach, cutoff));
    this.#kept = new Float32Array(this.#reach - 1);
  }

  next(samples: Float32Array): Float32Array {
    this.#taken += samples.length;
    return this.#kernels.length === 0 ? samples : this.#convert(samples);
  }

  /** The rest of the sound. All samples together have the length of the sound, to within a sample. */
  end(): Float32Array {
    if (this.#kernels.length === 0) return new Float32Array();
    const missing = Math.round(this.#taken * this.#up / this.#down) - this.#made;
    return this.#convert(new Float32Array(2 * this.#reach)).subarray(0, Math.max(0, missing));
  }

  #convert(samples: Float32Array): Float32Array {
    const kept = new Float32Array(this.#kept.length + samples.length);
    kept.set(this.#kept);
    kept.set(samples, this.#kept.length);
    const taps = 2 * this.#reach;
    const count = Math.max(0, Math.ceil(((kept.length - taps + 1) * this.#up - this.#place) / this.#down));
    const made = new Float32Array(count);
    for (let index = 0; index < count; index++) {
      const first = Math.floor(this.#place / this.#up);
      const kernel = this.#kernels[this.#place % this.#up] as Float32Array;
      let sum = 0;
      for (let tap = 0; tap < taps; tap++) sum += (kept[first + tap] as number) * (kernel[tap] as number);
      made[index] = sum;
      this.#place += this.#down;
    }
    const dropped = Math.min(kept.length, Math.floor(this.#place / this.#up));
    this.#kept = kept.slice(dropped);
    this.#place -= dropped * this.#up;
    this.#made += count;
    return made;
  }
}

/** A windowed sinc: the weights of the samples around a place that is `offset` of a sample after one of them. */
function kernelOf(offset: number, reach: number, cutoff: number): Float32Array {
  const weights = Float64Array.from({ length: 2 * reach }, (_, tap) => {
    const distance = offset + reach - 1 - tap;
    const angle = Math.PI * cutoff * distance;
    const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
    const turn = Math.PI * distance / reach;
    return sinc * (0.42 + 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn));
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return Float32Array.from(weights, (weight) => weight / sum);
}

function greatestCommonDivisor(left: number, right: number): number {
  return right === 0 ? left : greatestCommonDivisor(right, left % right);
}
