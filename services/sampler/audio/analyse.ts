/** Finds the tempo, the key and the loudness of a sound. */
import { Essentia, essentiaRate, type HeardKey } from "./essentia.ts";
import { LoudnessMeter } from "./loudness.ts";
import { Resampler } from "./resampler.ts";
import { readWav } from "./wav_reader.ts";

export interface Analysis {
  /** Beats per minute; null if the sound has no steady beat. */
  bpm: number | null;
  halfBpm: number | null;
  doubleBpm: number | null;
  /** "Am", "F#"; null if no key is heard. */
  key: string | null;
  /** From 0 to 1; null without a key. */
  keyStrength: number | null;
  /** Of the whole sound, by EBU R 128; null for silence. */
  loudnessLufs: number | null;
}

interface Window {
  tempos: { main: number; other: number };
  keys: HeardKey[];
}

/** Tempo and key are those of this much of the beginning. */
const heardSeconds = 120;
const windowSeconds = 30;
/** A shorter rest is left out; a sound that is shorter as a whole has neither tempo nor key. */
const leastSeconds = 6;
/** The root mean square of what is heard as silence. */
const silence = 0.0005;
/** Two tempos are the same if they differ by less than this part. */
const tolerance = 0.04;
/** White noise stays below it. */
const leastKeyStrength = 0.5;

/**
 * Tempo and key of the first two minutes, loudness of the whole. `wav` is a path of a file from `extract`. Loads
 * Essentia at its first use. Rejects with the signal's reason in less than a second after it aborts.
 */
export async function analyse(wav: string, signal: AbortSignal): Promise<Analysis> {
  const meter = new LoudnessMeter();
  const windows: Window[] = [];
  for await (const samples of windowsOf(wav, meter, signal)) {
    if (!isHeard(samples)) continue;
    const library = await (essentia ??= Essentia.open());
    const tempos = library.tempos(samples);
    await nextTurn();
    signal.throwIfAborted();
    windows.push({ tempos, keys: library.keys(samples) });
    await nextTurn();
  }
  signal.throwIfAborted();
  return { ...tempoOf(windows), ...keyOf(windows), loudnessLufs: rounded(meter.integrated(), 2) };
}

let essentia: Promise<Essentia> | null = null;

/** Lets messages come in, such as the one that ends the work. */
function nextTurn(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    resolve();
  };
  port2.postMessage(null);
  return promise;
}

/** The beginning in windows, as one channel. Measures the loudness of all of the sound. */
async function* windowsOf(
  wav: string,
  meter: LoudnessMeter,
  signal: AbortSignal,
): AsyncGenerator<Float32Array> {
  let resampler: Resampler | null = null;
  let window = new Float32Array(windowSeconds * essentiaRate);
  let [filled, taken] = [0, 0];
  for await (const { channels, rate } of readWav(wav)) {
    signal.throwIfAborted();
    meter.add(channels);
    if (taken >= heardSeconds * essentiaRate) continue;
    const samples = (resampler ??= new Resampler(rate, essentiaRate)).next(mono(channels));
    taken += samples.length;
    const fitting = samples.subarray(0, window.length - filled);
    window.set(fitting, filled);
    filled += fitting.length;
    if (filled < window.length) continue;
    yield window;
    window = new Float32Array(window.length);
    window.set(samples.subarray(fitting.length));
    filled = samples.length - fitting.length;
  }
  if (filled >= leastSeconds * essentiaRate) yield window.subarray(0, filled);
}

function mono(channels: readonly Float32Array[]): Float32Array {
  const [left, right] = channels as [Float32Array, Float32Array | undefined];
  return right === undefined ? left : left.map((sample, index) => (sample + (right[index] as number)) / 2);
}

function isHeard(samples: Float32Array): boolean {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length) > silence;
}

/** The tempo of most windows. A window counts if two methods agree on it, where half and double are the same. */
function tempoOf(windows: readonly Window[]): Pick<Analysis, "bpm" | "halfBpm" | "doubleBpm"> {
  const heard = windows.map(({ tempos }) => tempos).filter(({ main, other }) =>
    [main / 2, main, main * 2].some((tempo) => isNear(tempo, other))
  ).map(({ main }) => main);
  const groups = heard.map((tempo) => heard.filter((other) => isNear(tempo, other)));
  const largest = groups.reduce((most, group) => group.length > most.length ? group : most, []);
  if (largest.length * 2 <= windows.length) return { bpm: null, halfBpm: null, doubleBpm: null };
  const middle = largest.toSorted((left, right) => left - right)[largest.length >> 1] as number;
  const bpm = rounded(middle, 1) as number;
  return { bpm, halfBpm: rounded(bpm / 2, 2), doubleBpm: rounded(bpm * 2, 1) };
}

function isNear(left: number, right: number): boolean {
  return Math.abs(left / right - 1) < tolerance;
}

/** Each profile has a vote in each window, as strong as it is sure. */
function keyOf(windows: readonly Window[]): Pick<Analysis, "key" | "keyStrength"> {
  const votes = windows.flatMap(({ keys }) => keys);
  const sums = new Map<string, number>();
  for (const { name, strength } of votes) sums.set(name, (sums.get(name) ?? 0) + strength);
  const [best] = [...sums].toSorted(([, left], [, right]) => right - left);
  if (best === undefined) return { key: null, keyStrength: null };
  const voters = votes.filter(({ name }) => name === best[0]);
  const keyStrength = rounded(best[1] / voters.length, 2);
  return keyStrength < leastKeyStrength ? { key: null, keyStrength: null } : { key: best[0], keyStrength };
}

function rounded<Value extends number | null>(value: Value, digits: number): Value {
  return (value === null ? null : Math.round(value * 10 ** digits) / 10 ** digits) as Value;
}
