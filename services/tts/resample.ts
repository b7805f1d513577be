/** Converts sound to the sample rate that all parts of the service share. */
import { sampleRate } from "./speech.ts";

/** A new sample is computed from this many samples on each side. More would keep high tones purer. */
const reach = 12;

/** From `rate` to `sampleRate` samples per second, both whole numbers. Keeps the length to within a sample. */
export function resample(samples: Float32Array, rate: number): Float32Array {
  if (rate === sampleRate) return samples;
  const shared = greatestCommonDivisor(rate, sampleRate);
  const [up, down] = [sampleRate / shared, rate / shared];
  const kernels = Array.from({ length: up }, (_, phase) => kernelOf(phase / up, Math.min(1, up / down)));
  const padded = new Float32Array(samples.length + 2 * reach);
  padded.set(samples, reach);
  const made = new Float32Array(Math.round(samples.length * up / down));
  for (let index = 0; index < made.length; index++) {
    const first = Math.floor(index * down / up) + 1;
    const kernel = kernels[index * down % up] as Float32Array;
    let sum = 0;
    for (let tap = 0; tap < kernel.length; tap++) {
      sum += (padded[first + tap] as number) * (kernel[tap] as number);
    }
    made[index] = Math.max(-1, Math.min(1, sum));
  }
  return made;
}

/** A windowed sinc: the weights of the samples around a place that is `offset` of a sample after one of them. */
function kernelOf(offset: number, cutoff: number): Float32Array {
  const weights = Float32Array.from({ length: 2 * reach }, (_, tap) => {
    const distance = offset + reach - 1 - tap;
    const angle = Math.PI * cutoff * distance;
    const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
    return cutoff * sinc * (0.5 + 0.5 * Math.cos(Math.PI * distance / reach));
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

function greatestCommonDivisor(left: number, right: number): number {
  return right === 0 ? left : greatestCommonDivisor(right, left % right);
}
