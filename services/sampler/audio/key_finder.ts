/** Finds the key of a song by its notes, its bass and its chords, above all the first ones. */
import { type KeyName, keyNames } from "../music_key.ts";
import { type Evidence, evidence, weights } from "./key_weights.ts";

/** The strongest frequencies of a moment. */
export interface Peaks {
  hertz: Float32Array;
  heights: Float32Array;
}

export interface HeardKey {
  name: KeyName;
  /** From 0 to 1: how likely it is among all keys. */
  strength: number;
}

/** A strength for each of the twelve notes, from C on. */
type Notes = Float64Array;

const ranges = { notes: [100, 1600], bass: [30, 130], tuning: [150, 2000] } as const;
/** How much the first moments count as the beginning: this many seconds later the weight is 1/e. */
const beginningSeconds = 0.7;
/** A moment's likeness to a triad decides the more, the higher this is. */
const sharpness = 12;
/** Quieter moments are before the song. */
const leastOfLoudest = 0.05;
/** Noise and speech have frequencies between the notes of any tuning. */
const leastInTune = 0.4;
/** A tone has fewer notes than a song. */
const leastNotes = { count: 4, ofStrongest: 0.1 };

const triads = [[0, 4, 7], [0, 3, 7]].flatMap((chord) =>
  Array.from({ length: 12 }, (_, root) => chord.map((note) => (root + note) % 12))
);

export class KeyFinder {
  readonly #moments: Peaks[] = [];
  readonly #momentSeconds: number;

  constructor(momentSeconds: number) {
    this.#momentSeconds = momentSeconds;
  }

  /** The next moment, or silence. */
  add(peaks: Peaks): void {
    this.#moments.push(peaks);
  }

  /** Null for a sound that has no notes, or only a few. */
  key(): HeardKey | null {
    const { offset, part } = tuningOf(this.#moments);
    if (part < leastInTune) return null;
    const all = this.#moments.map((peaks) => notesOf(peaks, ranges.notes, offset));
    const loudness = all.map(sum);
    const least = Math.max(...loudness) * leastOfLoudest;
    const first = loudness.findIndex((value) => value > least);
    const moments = all.slice(first);
    const notes = unit(added(moments));
    const strongest = Math.max(...notes);
    const heard = notes.filter((note) => note > strongest * leastNotes.ofStrongest).length;
    if (heard < leastNotes.count) return null;
    const bass = unit(added(this.#moments.slice(first).map((peaks) => notesOf(peaks, ranges.bass, offset))));
    return likeliest({ notes, bass, ...this.#chordsOf(moments) });
  }

  #chordsOf(moments: readonly Notes[]): Omit<Record<Evidence, Notes>, "notes" | "bass"> {
    const chords = moments.map(chordsAt);
    const count = moments.length;
    const song = added(chords).map((sum) => 3 * sum / count);
    const beginning = chords.map((_, index) => Math.exp(-index * this.#momentSeconds / beginningSeconds));
    const whole = beginning.reduce((sum, weight) => sum + weight, 0);
    const first = added(
      chords.map((chord, index) => chord.map((part) => part * (beginning[index] as number))),
    )
      .map((sum) => sum / whole);
    return {
      ...{ majorChords: song.slice(0, 12), minorChords: song.slice(12) },
      ...{ firstMajorChord: first.slice(0, 12), firstMinorChord: first.slice(12) },
    };
  }
}

/** How far from 440 Hz the song is tuned, in semitones, and how much of it is in this tuning. */
function tuningOf(moments: readonly Peaks[]): { offset: number; part: number } {
  let [real, imaginary, whole] = [0, 0, 1e-12];
  for (const { hertz, heights } of moments) {
    for (const [index, height] of heights.entries()) {
      const frequency = hertz[index] as number;
      if (frequency < ranges.tuning[0] || frequency > ranges.tuning[1]) continue;
      const angle = 2 * Math.PI * pitchOf(frequency);
      real += height * Math.cos(angle);
      imaginary += height * Math.sin(angle);
      whole += height;
    }
  }
  return { offset: Math.atan2(imaginary, real) / (2 * Math.PI), part: Math.hypot(real, imaginary) / whole };
}

/** In semitones above the A of 440 Hz. */
function pitchOf(hertz: number): number {
  return 12 * Math.log2(hertz / 440);
}

function notesOf({ hertz, heights }: Peaks, [from, to]: readonly [number, number], offset: number): Notes {
  const notes = new Float64Array(12);
  for (const [index, height] of heights.entries()) {
    const frequency = hertz[index] as number;
    if (frequency <= from || frequency >= to) continue;
    const pitch = pitchOf(frequency) - offset;
    const nearest = Math.round(pitch);
    const note = (nearest % 12 + 21) % 12;
    notes[note] = (notes[note] as number) + Math.sqrt(height) * Math.cos(Math.PI * (pitch - nearest)) ** 2;
  }
  return notes;
}

/** How likely each of the twelve major and the twelve minor triads is. */
function chordsAt(notes: Notes): Float64Array {
  const direction = unit(notes);
  const parts = Float64Array.from(triads, (triad) => {
    const likeness = triad.reduce((sum, note) => sum + (direction[note] as number), 0) /
      Math.sqrt(triad.length);
    return Math.exp(sharpness * likeness);
  });
  const whole = sum(parts);
  return parts.map((part) => part / whole);
}

function likeliest(heard: Record<Evidence, Notes>): HeardKey {
  const scores = keyNames.map((_, key) => {
    const { always, ...profiles } = weights[key < 12 ? "major" : "minor"];
    return evidence.reduce((score, kind) => {
      const profile = profiles[kind];
      return score +
        profile.reduce((sum, weight, step) => sum + weight * (heard[kind][(key + step) % 12] as number), 0);
    }, always);
  });
  const best = Math.max(...scores);
  const strength = 1 / scores.reduce((sum, score) => sum + Math.exp(score - best), 0);
  return { name: keyNames[scores.indexOf(best)] as KeyName, strength };
}

function added(rows: readonly Float64Array[]): Float64Array {
  const sums = new Float64Array(rows[0]?.length ?? 0);
  for (const row of rows) {
    for (const [index, value] of row.entries()) sums[index] = (sums[index] as number) + value;
  }
  return sums;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The same direction with length 1. */
function unit(values: Float64Array): Float64Array {
  const length = Math.hypot(...values) + 1e-9;
  return values.map((value) => value / length);
}
