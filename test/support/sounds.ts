/** Sounds that can be found again, and what a test asks of a sound. */
import { sampleRate } from "../../services/tts/speech.ts";

/** A sine of this pitch; it begins and ends at once. */
export function tone(hertz: number, ms: number, loudness = 0.5): Float32Array {
  const samples = new Float32Array(Math.round(ms * sampleRate / 1000));
  return samples.map((_, index) => loudness * Math.sin(2 * Math.PI * hertz * index / sampleRate));
}

export interface HeardTone {
  startMs: number;
  endMs: number;
}

const windowMs = 4;

/** Where it is louder than a fiftieth, to 4 ms; silences below `pauseMs` are not counted as such. */
export function heardIn(samples: Float32Array, pauseMs = 20): HeardTone[] {
  const windowSamples = windowMs * sampleRate / 1000;
  const heard: HeardTone[] = [];
  for (let start = 0; start < samples.length; start += windowSamples) {
    const window = samples.subarray(start, start + windowSamples);
    if (powerOf(window) / window.length < 0.02 ** 2) continue;
    const [startMs, last] = [start * 1000 / sampleRate, heard.at(-1)];
    if (last !== undefined && startMs - last.endMs < pauseMs) last.endMs = startMs + windowMs;
    else heard.push({ startMs, endMs: startMs + windowMs });
  }
  return heard;
}

/** How much louder the sound is than what differs between the two, in decibels. */
export function likeness(expected: Float32Array, found: Float32Array): number {
  const difference = expected.map((value, index) => value - (found[index] ?? 0));
  return 10 * Math.log10(powerOf(expected) / powerOf(difference));
}

function powerOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return sum;
}
