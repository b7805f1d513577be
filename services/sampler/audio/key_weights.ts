/** What speaks for a key: for each note or chord, by its distance from the key's tonic in semitones, from 0 to 11. */

export const evidence = [
  "notes",
  "bass",
  "majorChords",
  "minorChords",
  "firstMajorChord",
  "firstMinorChord",
] as const;

export type Evidence = typeof evidence[number];

type Weights = Record<Evidence, readonly number[]> & {
  /** What speaks for the mode whatever is heard. */
  always: number;
};

/** Fitted by logistic regression to 451 synthetic songs of two kinds; `deno task bench sampler` makes others of them. */
export const weights: Record<"major" | "minor", Weights> = {
  major: {
    always: -0.1,
    notes: [1.5, -0.9, -0.6, -1.4, 0.1, 0.3, -1.2, 2.5, -1.1, 1.2, -2.7, -0.7],
    bass: [2.8, -0.3, 0.6, -0.4, -0.5, 0.7, 0.2, 0.7, 1, -0.5, -0.6, -0.7],
    majorChords: [3.9, -0.1, -2.4, -0.6, -0.7, 1.2, -0.2, 1.6, -0.9, 0.1, -2.3, -0.3],
    minorChords: [-0.5, 0, 0.6, -0.2, -0.1, -0.4, -0.1, -0.3, -0.2, 3.1, -0.6, -0.5],
    firstMajorChord: [3.2, -0.1, 1.2, -0.4, -0.3, 0.2, 0, -0.8, -0.2, -0.3, 0, -0.1],
    firstMinorChord: [-1.2, 0.2, 1.3, 0, -0.5, -0.4, 0.2, -0.9, -0.1, -0.9, -0.1, -0.1],
  },
  minor: {
    always: 0.1,
    notes: [0.2, -1.4, 1.6, 1.9, 0.2, -0.6, -0.5, 2.1, 1.5, -1.6, 0.2, -0.6],
    bass: [2.8, -1.2, -0.8, -0.6, 0.4, 0.2, -0.4, 0, 0, 0.3, -2.5, -1.2],
    majorChords: [0.7, -1.5, -1.8, -0.2, -0.3, -0.6, -0.4, 1.6, 2.3, -0.5, 1.8, -0.3],
    minorChords: [3.5, -0.3, -2, -0.7, -1, 2.6, -0.4, 0.7, 0.2, -1.2, -1.7, -0.4],
    firstMajorChord: [0.4, -0.2, -0.2, -1.2, -0.2, -0.1, -0.1, -0.2, -0.1, -0.2, -0.4, -0.1],
    firstMinorChord: [4.3, -0.1, -0.4, 0.1, -0.6, 0.7, -0.1, -0.3, 0, -0.6, -0.4, -0.1],
  },
};
