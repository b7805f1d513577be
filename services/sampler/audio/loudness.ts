/** Loudness as in EBU R 128 and ITU-R BS.1770: of the whole sound, without its quiet parts. */
import { sampleRate } from "./sound.ts";

/** The two filters of BS.1770 for 48 kHz: each as b0, b1, b2, a1, a2. */
const filters = [
  [1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585],
  [1, -2, 1, -1.99004745483398, 0.99007225036621],
] as const;
/** A block has four steps, and one begins with each step. */
const stepSamples = sampleRate / 10;
const stepsPerBlock = 4;
const gates = { absolute: -70, relative: -10 };

/** Takes sound of `sampleRate`, piece by piece. */
export class LoudnessMeter {
  readonly #states: { filter: typeof filters[number]; first: number; second: number }[][] = [];
  /** The power of each step. */
  readonly #steps: number[] = [];
  #sum = 0;
  #count = 0;

  add(channels: readonly Float32Array[]): void {
    const length = channels[0]?.length ?? 0;
    for (let index = 0; index < length; index++) {
      for (let channel = 0; channel < channels.length; channel++) {
        const value = this.#filtered(channel, channels[channel]?.[index] ?? 0);
        this.#sum += value * value;
      }
      if (++this.#count === stepSamples) {
        this.#steps.push(this.#sum / stepSamples);
        [this.#sum, this.#count] = [0, 0];
      }
    }
  }

  /** In LUFS; null for silence, and for a sound shorter than 0.4 s. */
  integrated(): number | null {
    const blocks = this.#steps.slice(stepsPerBlock - 1).map((_, start) =>
      this.#steps.slice(start, start + stepsPerBlock).reduce((sum, power) => sum + power, 0) / stepsPerBlock
    );
    const heard = blocks.filter((power) => loudnessOf(power) > gates.absolute);
    if (heard.length === 0) return null;
    const gate = loudnessOf(mean(heard)) + gates.relative;
    return loudnessOf(mean(heard.filter((power) => loudnessOf(power) > gate)));
  }

  #filtered(channel: number, sample: number): number {
    const states = this.#states[channel] ??= filters.map((filter) => ({ filter, first: 0, second: 0 }));
    let value = sample;
    for (const state of states) {
      const [b0, b1, b2, a1, a2] = state.filter;
      const out = b0 * value + state.first;
      state.first = b1 * value - a1 * out + state.second;
      state.second = b2 * value - a2 * out;
      value = out;
    }
    return value;
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function loudnessOf(power: number): number {
  return -0.691 + 10 * Math.log10(power);
}
