/** Songs made of a seed, whose tempo and key are known: drums, bass, chords and a melody. */

export interface MadeUpSong {
  bpm: number;
  /** "Am", "F#". */
  key: string;
  /** One channel. */
  samples: Float32Array;
}

export const songRate = 44_100;

const names = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
const scales = { major: [0, 2, 4, 5, 7, 9, 11], natural: [0, 2, 3, 5, 7, 8, 10] };
/**
 * Roots as degrees of the scale; some do not start with the tonic. The chords vi-IV-I-V are missing, because nobody can
 * distinguish them from i-VI-III-VII of the relative minor key.
 */
const progressions = {
  major: [[0, 4, 5, 3], [0, 4, 3, 4], [0, 3, 4, 4], [3, 4, 0, 0], [1, 4, 0, 0], [0, 5, 1, 4]],
  natural: [[0, 5, 2, 6], [0, 3, 4, 0], [5, 6, 0, 0], [0, 6, 5, 4], [3, 0, 4, 0], [0, 5, 3, 4]],
};
/** Sixteenths of a bar on which kick, snare and hat sound. */
const patterns = [
  { kick: [0, 4, 8, 12], snare: [4, 12], hat: [2, 6, 10, 14] },
  { kick: [0, 8], snare: [4, 12], hat: [0, 2, 4, 6, 8, 10, 12, 14] },
  { kick: [0, 6, 10], snare: [4, 12], hat: [0, 2, 4, 6, 8, 10, 12, 14] },
  { kick: [0, 7, 10], snare: [4, 12], hat: [0, 4, 8, 12] },
  { kick: [0, 3, 8, 11], snare: [4, 12], hat: [0, 1, 2, 4, 6, 8, 9, 10, 12, 14] },
];
/** How strong the overtones of an instrument are. */
const timbres = [[1], [1, 0.5, 0.33, 0.25, 0.2], [1, 0, 0.33, 0, 0.2], [1, 0.3, 0.1], [0.6, 1, 0.3, 0.4]];

export const tableSize = 2048;

const tables = new Map<readonly number[], Float32Array>();

/** One turn of a wave. `timbre` says how strong its overtones are. */
export function waveTable(timbre: readonly number[]): Float32Array {
  let table = tables.get(timbre);
  if (table === undefined) {
    const valueAt = (turn: number) =>
      timbre.reduce((sum, part, overtone) => sum + part * Math.sin(2 * Math.PI * (overtone + 1) * turn), 0);
    table = Float32Array.from({ length: tableSize }, (_, place) => valueAt(place / tableSize));
    tables.set(timbre, table);
  }
  return table;
}

export type Random = () => number;

class Song {
  readonly samples: Float32Array;
  readonly #random: Random;
  readonly #tuning: number;

  constructor(seconds: number, random: Random, cents: number) {
    this.samples = new Float32Array(Math.round(seconds * songRate));
    this.#random = random;
    this.#tuning = 440 * 2 ** (cents / 1200);
  }

  /** `pitch` as MIDI counts it. */
  note(start: number, seconds: number, pitch: number, loudness: number, timbre: readonly number[]): void {
    const hertz = this.#tuning * 2 ** ((pitch - 69) / 12);
    const table = waveTable(timbre);
    this.#add(start, seconds, (time) => {
      const envelope = Math.min(1, time / 0.01, (seconds - time) / 0.03) * Math.exp(-time * 1.5);
      return loudness * envelope * (table[Math.floor(hertz * time * tableSize) % tableSize] as number);
    });
  }

  kick(start: number, loudness: number): void {
    this.#add(
      start,
      0.2,
      (time) =>
        loudness * Math.exp(-time * 18) *
        Math.sin(2 * Math.PI * (50 * time + 4 * (1 - Math.exp(-time * 30)))),
    );
  }

  noise(start: number, loudness: number, decay: number): void {
    let last = 0;
    this.#add(start, 5 / decay, (time) => {
      const next = this.#random() * 2 - 1;
      const value = next - 0.7 * last;
      last = next;
      return loudness * Math.exp(-time * decay) * value;
    });
  }

  #add(start: number, seconds: number, wave: (time: number) => number): void {
    const first = Math.round(start * songRate);
    const count = Math.min(Math.round(seconds * songRate), this.samples.length - first);
    for (let index = 0; index < count; index++) {
      this.samples[first + index] = (this.samples[first + index] as number) + wave(index / songRate);
    }
  }
}

/** 15 to 40 seconds, 60 to 180 beats a minute, in any of the 24 keys, detuned by up to 30 cents. */
export function madeUpSong(seed: number): MadeUpSong {
  const random = randomOf(seed);
  const pick = <Value>(values: readonly Value[]) => values[Math.floor(random() * values.length)] as Value;
  const bpm = Math.round((60 + random() * 120) * 10) / 10;
  const mode = random() < 0.5 ? "major" as const : "natural" as const;
  const tonic = Math.floor(random() * 12);
  const seconds = 15 + random() * 25;
  const song = new Song(seconds, random, (random() * 2 - 1) * 30);
  const plan = {
    ...{ bpm, mode, tonic, random, pick },
    beat: 60 / bpm,
    swing: random() < 0.25 ? 0.1 + random() * 0.2 : 0,
    isHarmonic: random() < 0.5,
    progression: pick(progressions[mode]),
    pattern: pick(patterns),
    introBars: random() < 0.3 ? 2 : 0,
    drums: 0.3 + random() * 0.6,
    timbres: [pick(timbres), pick(timbres), pick(timbres)] as const,
    isArpeggio: random() < 0.4,
  };
  for (let bar = 0; bar * 4 * plan.beat < seconds; bar++) playBar(song, bar, plan);
  const loudest = song.samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  const samples = song.samples.map((sample) => sample * 0.8 / loudest);
  return { bpm, key: `${names[tonic]}${mode === "major" ? "" : "m"}`, samples };
}

interface Plan {
  mode: "major" | "natural";
  tonic: number;
  random: Random;
  pick: <Value>(values: readonly Value[]) => Value;
  beat: number;
  swing: number;
  isHarmonic: boolean;
  progression: readonly number[];
  pattern: typeof patterns[number];
  introBars: number;
  drums: number;
  timbres: readonly [readonly number[], readonly number[], readonly number[]];
  isArpeggio: boolean;
}

function playBar(song: Song, bar: number, plan: Plan): void {
  const { beat, swing, random, pick, timbres, drums } = plan;
  const start = bar * 4 * beat;
  const at = (sixteenth: number) => start + beat * (sixteenth / 4 + (sixteenth % 4 === 2 ? swing : 0));
  const root = plan.progression[bar % plan.progression.length] as number;
  const chord = [0, 2, 4].map((third) => pitchOf(plan, root + third, root === 4));
  if (bar >= plan.introBars) {
    for (const place of plan.pattern.kick) song.kick(at(place), drums);
    for (const place of plan.pattern.snare) song.noise(at(place), drums * 0.5, 25);
    for (const place of plan.pattern.hat) song.noise(at(place), drums * 0.2, 80);
  }
  const [bass, pad, lead] = timbres;
  for (const place of pick([[0, 8], [0, 4, 8, 12], [0, 6, 8, 14]])) {
    song.note(at(place), beat * 0.9, 36 + (chord[0] as number), 0.3, bass);
  }
  if (plan.isArpeggio) {
    for (let step = 0; step < 8; step++) {
      song.note(at(step * 2), beat * 0.5, 60 + (chord[step % 3] as number), 0.15, pad);
    }
  } else for (const tone of chord) song.note(start, beat * 4, 60 + tone, 0.12, pad);
  for (let step = 0; step < 16; step += pick([2, 4])) {
    if (random() < 0.3) continue;
    const tone = step % 8 === 0 ? pick(chord) : pitchOf(plan, Math.floor(random() * 7), root === 4);
    song.note(at(step), beat * 0.5, 72 + tone, 0.12, lead);
  }
}

/** The leading tone of a minor key is raised over its dominant, where the song is harmonic. */
function pitchOf({ mode, tonic, isHarmonic }: Plan, degree: number, isDominant: boolean): number {
  const scale = scales[mode];
  const isRaised = mode === "natural" && isHarmonic && isDominant && degree % 7 === 6;
  return tonic + (scale[degree % 7] as number) + 12 * Math.floor(degree / 7) + (isRaised ? 1 : 0);
}

export function randomOf(seed: number): Random {
  let state = (seed * 2_654_435_761 + 12_345) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ state >>> 15, state | 1);
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
    return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
  };
}
