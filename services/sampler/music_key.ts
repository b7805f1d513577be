/** Musical keys, as musicians write them. */

const majors = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"] as const;

/** In this form keys are stored: a major key is its note, and a minor one has an "m". Flats are written as sharps. */
export const keyNames = [...majors, ...majors.map((note) => `${note}m` as const)];
export type KeyName = (typeof keyNames)[number];

const semitones: Record<string, number> = { c: 0, d: 2, e: 4, f: 5, g: 7, a: 9, b: 11, h: 11 };
const shifts: Record<string, number> = {
  "": 0,
  "#": 1,
  "♯": 1,
  sharp: 1,
  is: 1,
  b: -1,
  "♭": -1,
  flat: -1,
  es: -1,
  s: -1,
};

const pattern =
  /^([a-h])(?:[\s-]*(#|♯|♭|sharp|flat|is|es|b|s(?![a-z])))?(?:\s*(-)|[\s-]*(m|min|minor|moll|maj|major|dur))?$/i;

/**
 * Reads "Am", "A minor", "a-moll", "F#", "Gb" (which is F#), "fis-Moll", "B♭ major"; null if it is none. "H" is the
 * German B. A letter alone is the major key, in whatever case.
 */
export function readKey(text: string): KeyName | null {
  const written = text.trim().replace(/\s+/g, " ");
  const [, letter, sign = "", minus, mode = ""] = written.match(pattern) ?? [];
  if (letter === undefined) return null;
  const note = semitones[letter.toLowerCase()] as number;
  const major = majors[(note + (shifts[sign.toLowerCase()] as number) + 12) % 12] as (typeof majors)[number];
  // "M" alone is the usual sign of a major key, and "m" that of a minor one.
  const isMinor = minus !== undefined || mode === "m" || /^(?:min|minor|moll)$/i.test(mode);
  return isMinor ? `${major}m` : major;
}
