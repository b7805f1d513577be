/** Tempo and key of a short sound, by the library Essentia. */

/** What `Essentia` needs of a sound: a copy in the memory of its WebAssembly, which only `delete` frees. */
interface Vector {
  delete(): void;
}

interface Library {
  arrayToVector(samples: Float32Array): Vector;
  RhythmExtractor2013(sound: Vector, most: number, method: string, least: number): Rhythm;
  PercivalBpmEstimator(sound: Vector, ...settings: number[]): { bpm: number };
  KeyExtractor(sound: Vector, ...settings: (number | string | boolean)[]): Key;
}

interface Rhythm {
  bpm: number;
  ticks: Vector;
  estimates: Vector;
  bpmIntervals: Vector;
}

interface Key {
  key: string;
  scale: string;
  strength: number;
}

export interface HeardKey {
  /** "Am", "F#". */
  name: string;
  /** From 0 to 1. */
  strength: number;
}

/** The samples per second that the library expects. */
export const essentiaRate = 44_100;

const tempos = { least: 40, most: 208 };
/** Each hears some songs better: a profile of the notes of a key, and the samples of a frame. */
const profiles = [["edma", 8192], ["shaath", 4096], ["edma", 4096], ["bgate", 4096]] as const;

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

  /** Beats per minute, as two methods hear them. Blocks the thread for about 30 ms for each second of sound. */
  tempos(samples: Float32Array): { main: number; other: number } {
    return this.#with(samples, (sound) => {
      const rhythm = this.#library.RhythmExtractor2013(sound, tempos.most, "degara", tempos.least);
      for (const vector of [rhythm.ticks, rhythm.estimates, rhythm.bpmIntervals]) vector.delete();
      const settings = [1024, 2048, 128, 128, 210, 50, essentiaRate];
      return { main: rhythm.bpm, other: this.#library.PercivalBpmEstimator(sound, ...settings).bpm };
    });
  }

  /** The key as each profile hears it; a song that is out of tune is heard as if it were in tune. */
  keys(samples: Float32Array): HeardKey[] {
    return this.#with(samples, (sound) =>
      profiles.map(([profile, frame]) => {
        const spectrum = [true, frame, frame, 36, 3500, 60, 25, 0.2] as const;
        const rest = [profile, essentiaRate, 0.0001, 440, "cosine", "hann"] as const;
        const { key, scale, strength } = this.#library.KeyExtractor(sound, ...spectrum, ...rest);
        return { name: `${key}${scale === "minor" ? "m" : ""}`, strength };
      }));
  }

  #with<Value>(samples: Float32Array, use: (sound: Vector) => Value): Value {
    const sound = this.#library.arrayToVector(samples);
    try {
      return use(sound);
    } finally {
      sound.delete();
    }
  }
}
