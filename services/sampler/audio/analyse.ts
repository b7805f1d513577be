/** Finds the tempo, the key and the loudness of a sound. */
import type { KeyName } from "../music_key.ts";
import { Essentia, essentiaRate, momentSamples } from "./essentia.ts";
import { KeyFinder } from "./key_finder.ts";
import { LoudnessMeter } from "./loudness.ts";
import { Pulse } from "./pulse.ts";
import { Resampler } from "./resampler.ts";
import { readWav } from "./wav_reader.ts";

export interface Analysis {
  /** Beats per minute; null if the sound has no steady beat. */
  bpm: number | null;
  halfBpm: number | null;
  doubleBpm: number | null;
  /** Null if no key is heard. */
  key: KeyName | null;
  /** From 0 to 1: how likely the key is among all keys. Null without a key. */
  keyStrength: number | null;
  /** Of the whole sound, by EBU R 128; null for silence. */
  loudnessLufs: number | null;
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
/** The beats of music are more alike than this; those of noise and speech are less. */
const leastClarity = 0.2;
/** The thread handles messages after so many moments. */
const momentsPerTurn = 16;

/**
 * Tempo and key of the first two minutes, loudness of the whole. `wav` is a path of a file from `extract`. Loads
 * Essentia at its first use. Rejects with the signal's reason in less than a second after it aborts.
 */
export async function analyse(wav: string, signal: AbortSignal): Promise<Analysis> {
  const meter = new LoudnessMeter();
  const finder = new KeyFinder(momentSamples / essentiaRate);
  const tempos: (number | null)[] = [];
  for await (const samples of windowsOf(wav, meter, signal)) {
    if (!isHeard(samples)) continue;
    const library = await (essentia ??= Essentia.open());
    const roughly = library.tempo(samples);
    await nextTurn();
    const pulse = new Pulse(samples, essentiaRate);
    const bpm = pulse.exact(roughly);
    tempos.push(pulse.clarity(bpm) < leastClarity ? null : pulse.tapped(bpm));
    for (let index = 0; (index + 1) * momentSamples <= samples.length; index++) {
      if (index % momentsPerTurn === 0) await nextTurn();
      signal.throwIfAborted();
      finder.add(library.peaks(samples.subarray(index * momentSamples, (index + 1) * momentSamples)));
    }
  }
  signal.throwIfAborted();
  return { ...tempoOf(tempos), ...keyOf(finder), loudnessLufs: rounded(meter.integrated(), 2) };
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

/** The tempo of most windows; null stands for a window without a beat. */
function tempoOf(windows: readonly (number | null)[]): Pick<Analysis, "bpm" | "halfBpm" | "doubleBpm"> {
  const heard = windows.filter((tempo) => tempo !== null);
  const groups = heard.map((tempo) => heard.filter((other) => isNear(tempo, other)));
  const largest = groups.reduce((most, group) => group.length > most.length ? group : most, []);
  if (largest.length * 2 < windows.length || largest.length === 0) {
    return { bpm: null, halfBpm: null, doubleBpm: null };
  }
  const middle = largest.toSorted((left, right) => left - right)[largest.length >> 1] as number;
  const bpm = rounded(middle, 1);
  return { bpm, halfBpm: rounded(bpm / 2, 2), doubleBpm: rounded(bpm * 2, 1) };
}

function isNear(left: number, right: number): boolean {
  return Math.abs(left / right - 1) < tolerance;
}

function keyOf(finder: KeyFinder): Pick<Analysis, "key" | "keyStrength"> {
  const heard = finder.key();
  if (heard === null) return { key: null, keyStrength: null };
  return { key: heard.name, keyStrength: rounded(heard.strength, 2) };
}

function rounded<Value extends number | null>(value: Value, digits: number): Value {
  return (value === null ? null : Math.round(value * 10 ** digits) / 10 ** digits) as Value;
}
