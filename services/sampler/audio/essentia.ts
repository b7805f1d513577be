/** Tempo and frequencies of a short sound, by the library Essentia. */
import type { Peaks } from "./key_finder.ts";

/** A copy of numbers in the memory of the library's WebAssembly, which only `delete` frees. */
interface Vector {
  delete(): void;
  size(): number;
}

interface Library {
  arrayToVector(samples: Float32Array): Vector;
  vectorToArray(vector: Vector): Float32Array;
  RhythmExtractor2013(sound: Vector, most: number, method: string, least: number): Rhythm;
  Windowing(
    sound: Vector,
    isNormalized: boolean,
    size: number,
    type: string,
    padding: number,
  ): { frame: Vector };
  Spectrum(frame: Vector, size: number): { spectrum: Vector };
  SpectralPeaks(
    spectrum: Vector,
    ...settings: (number | string)[]
  ): { frequencies: Vector; magnitudes: Vector };
}

interface Rhythm {
  bpm: number;
  ticks: Vector;
  estimates: Vector;
  bpmIntervals: Vector;
}

/** The samples per second that the library expects. */
export const essentiaRate = 44_100;
/** The samples of one moment. */
export const momentSamples = 8192;

const tempos = { least: 40, most: 208 };
const peaks = { least: 0.000_01, highest: 3500, count: 60, lowest: 25 };

export class Essentia {
  readonly #library: Library;

  private constructor(library: Library) {
    this.#library = library;
  }

  /** Takes about 0.3 s and 40 MB. Needs no permission. */
  static async open(): Promise<Essentia> {
    const { Essentia: Api, EssentiaWASM } = await import("essentia.js");
    return new Essentia(new Api(EssentiaWASM) as unknown as Library);
  }

  /** Beats per minute, also of a sound without a beat. Blocks the thread for about 7 ms for each second of sound. */
  tempo(samples: Float32Array): number {
    using kept = new Vectors();
    const sound = kept.add(this.#library.arrayToVector(samples));
    const rhythm = this.#library.RhythmExtractor2013(sound, tempos.most, "degara", tempos.least);
    for (const vector of [rhythm.ticks, rhythm.estimates, rhythm.bpmIntervals]) kept.add(vector);
    return rhythm.bpm;
  }

  /** The strongest frequencies of `momentSamples`; none in silence. */
  peaks(moment: Float32Array): Peaks {
    using kept = new Vectors();
    const library = this.#library;
    const sound = kept.add(library.arrayToVector(moment));
    const frame = kept.add(library.Windowing(sound, true, momentSamples, "hann", 0).frame);
    const spectrum = kept.add(library.Spectrum(frame, momentSamples).spectrum);
    const { least, highest, count, lowest } = peaks;
    const settings = [least, highest, count, lowest, "magnitude", essentiaRate];
    const { frequencies, magnitudes } = library.SpectralPeaks(spectrum, ...settings);
    const [hertz, heights] = [kept.add(frequencies), kept.add(magnitudes)];
    // The library refuses to read an empty vector.
    if (hertz.size() === 0) return { hertz: new Float32Array(), heights: new Float32Array() };
    return { hertz: library.vectorToArray(hertz), heights: library.vectorToArray(heights) };
  }
}

/** Frees its vectors. */
class Vectors {
  readonly #all: Vector[] = [];

  add(vector: Vector): Vector {
    this.#all.push(vector);
    return vector;
  }

  [Symbol.dispose](): void {
    for (const vector of this.#all) vector.delete();
  }
}
