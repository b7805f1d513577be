/** Songs as a student of programming makes them: a loop of four chords, root notes, a scale and clicks. */
import { type MadeUpSong, type Random, randomOf, songRate, tableSize, waveTable } from "./made_up_songs.ts";

const names = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
const scales = { major: [0, 2, 4, 5, 7, 9, 11], minor: [0, 2, 3, 5, 7, 8, 10] };
/** Roots as degrees of the scale; the first is the tonic. */
const loops = {
  major: [[0, 4, 5, 3], [0, 3, 4, 0], [0, 5, 3, 4], [0, 3, 0, 4]],
  minor: [[0, 5, 2, 6], [0, 3, 4, 0], [0, 5, 3, 4], [0, 6, 5, 6]],
};
const waves = {
  sine: [1],
  saw: Array.from({ length: 12 }, (_, index) => 1 / (index + 1)),
  square: Array.from({ length: 12 }, (_, index) => index % 2 === 0 ? 1 / (index + 1) : 0),
  organ: [1, 0.5, 0.25, 0.125],
};
/** How a note fades, per second. */
const fades = { held: 0, struck: 2, plucked: 6 };

interface Note {
  start: number;
  seconds: number;
  /** As MIDI counts it. */
  pitch: number;
  loudness: number;
}

interface Plan {
  mode: "major" | "minor";
  tonic: number;
  beat: number;
  loop: readonly number[];
  beatsPerChord: number;
  /** The seventh is raised over the dominant of a minor key. */
  isHarmonic: boolean;
  bassPerChord: number;
  melody: "none" | "run" | "random" | "chord";
  drums: "clicks" | "four" | "rock" | "half";
  drumLoudness: number;
}

/** 20 to 30 seconds, 60 to 180 beats a minute, in any of the 24 keys. */
export function plainSong(seed: number): MadeUpSong {
  const random = randomOf(seed ^ 0x5bd1e995);
  const pick = <Value>(values: readonly Value[]) => values[Math.floor(random() * values.length)] as Value;
  const mode = pick(["major", "minor"] as const);
  const bpm = 60 + Math.floor(random() * 121);
  const plan: Plan = {
    mode,
    tonic: Math.floor(random() * 12),
    beat: 60 / bpm,
    loop: pick(loops[mode]),
    beatsPerChord: pick([4, 4, 4, 2]),
    isHarmonic: random() < 0.4,
    bassPerChord: pick([0, 1, 2, 4]),
    melody: pick(["none", "run", "random", "chord"]),
    drums: pick(["clicks", "four", "rock", "half"]),
    drumLoudness: 0.15 + random() * 0.6,
  };
  const samples = new Float32Array(Math.round((20 + random() * 10) * songRate));
  for (
    const notes of [chordNotes(plan, samples), bassNotes(plan, samples), melodyNotes(plan, samples, random)]
  ) {
    const table = waveTable(pick(Object.values(waves)));
    const fade = pick(Object.values(fades));
    for (const note of notes) play(samples, note, table, fade);
  }
  playDrums(samples, plan, random);
  const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  for (let index = 0; index < samples.length; index++) {
    samples[index] = (samples[index] as number) * 0.8 / loudest;
  }
  return { bpm, key: `${names[plan.tonic]}${mode === "major" ? "" : "m"}`, samples };
}

function pitchOf({ mode, tonic, isHarmonic }: Plan, degree: number, root: number): number {
  const isRaised = mode === "minor" && isHarmonic && root === 4 && degree % 7 === 6;
  return tonic + (scales[mode][degree % 7] as number) + 12 * Math.floor(degree / 7) + (isRaised ? 1 : 0);
}

function* chordsOf(plan: Plan, samples: Float32Array): Generator<{ start: number; root: number }> {
  const seconds = plan.beat * plan.beatsPerChord;
  for (let index = 0; index * seconds * songRate < samples.length; index++) {
    yield { start: index * seconds, root: plan.loop[index % plan.loop.length] as number };
  }
}

function chordNotes(plan: Plan, samples: Float32Array): Note[] {
  const seconds = plan.beat * plan.beatsPerChord;
  return [...chordsOf(plan, samples)].flatMap(({ start, root }) =>
    [0, 2, 4].map((third) => ({
      ...{ start, seconds, loudness: 0.15 },
      pitch: 60 + pitchOf(plan, root + third, root),
    }))
  );
}

function bassNotes(plan: Plan, samples: Float32Array): Note[] {
  const seconds = plan.beat * plan.beatsPerChord / plan.bassPerChord;
  return [...chordsOf(plan, samples)].flatMap(({ start, root }) =>
    Array.from({ length: plan.bassPerChord }, (_, index) => ({
      ...{ start: start + index * seconds, seconds, loudness: 0.25 },
      pitch: 36 + pitchOf(plan, root, root),
    }))
  );
}

function melodyNotes(plan: Plan, samples: Float32Array, random: Random): Note[] {
  if (plan.melody === "none") return [];
  const run = [0, 1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1];
  let count = 0;
  return [...chordsOf(plan, samples)].flatMap(({ start, root }) =>
    Array.from({ length: plan.beatsPerChord }, (_, index) => {
      const degree = {
        none: 0,
        run: run[count++ % run.length] as number,
        random: Math.floor(random() * 8),
        chord: root + ([0, 2, 4, 2][index % 4] as number),
      }[plan.melody];
      return {
        ...{ start: start + index * plan.beat, seconds: plan.beat * 0.9, loudness: 0.15 },
        pitch: 72 + pitchOf(plan, degree, root),
      };
    })
  );
}

function play(samples: Float32Array, note: Note, table: Float32Array, fade: number): void {
  const hertz = 440 * 2 ** ((note.pitch - 69) / 12);
  add(samples, note.start, note.seconds, (time) => {
    const edge = Math.min(1, time / 0.005, (note.seconds - time) / 0.01);
    const value = table[Math.floor(hertz * time * tableSize) % tableSize] as number;
    return note.loudness * edge * Math.exp(-time * fade) * value;
  });
}

function playDrums(samples: Float32Array, { beat, drums, drumLoudness }: Plan, random: Random): void {
  const kick = (start: number) =>
    add(
      samples,
      start,
      0.15,
      (time) => drumLoudness * Math.exp(-time * 25) * Math.sin(2 * Math.PI * 60 * time),
    );
  const noise = (start: number, part: number, fade: number) =>
    add(
      samples,
      start,
      3 / fade,
      (time) => drumLoudness * part * Math.exp(-time * fade) * (random() * 2 - 1),
    );
  const click = (start: number) =>
    add(
      samples,
      start,
      0.03,
      (time) => drumLoudness * Math.exp(-time * 120) * Math.sin(2 * Math.PI * 1000 * time),
    );
  for (let index = 0; index * beat * songRate < samples.length; index++) {
    const start = index * beat;
    if (drums === "clicks") click(start);
    if (drums === "four" || (drums === "rock" && index % 2 === 0) || index % 4 === 0) kick(start);
    if (drums === "rock" && index % 2 === 1) noise(start, 0.5, 30);
    if (drums === "half" && index % 4 === 2) noise(start, 0.5, 30);
    if (drums !== "clicks") noise(start + beat / 2, 0.2, 90);
    if (drums === "rock" || drums === "half") noise(start, 0.2, 90);
  }
}

function add(samples: Float32Array, start: number, seconds: number, wave: (time: number) => number): void {
  const first = Math.round(start * songRate);
  const count = Math.min(Math.round(seconds * songRate), samples.length - first);
  for (let index = 0; index < count; index++) {
    samples[first + index] = (samples[first + index] as number) + wave(index / songRate);
  }
}
