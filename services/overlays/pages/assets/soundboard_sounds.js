// @ts-check
/// <reference lib="dom" />
/** The sounds of the soundboard: the streamer's files, and some that are computed, so that none needs a file. */
import { t } from "/livecue/language.js";

/**
 * @typedef {object} Tone
 * @property {number} at Seconds from the start.
 * @property {number} seconds
 * @property {number} from Hertz.
 * @property {number} [to] Hertz at the end; without it, the pitch stays.
 * @property {OscillatorType} [wave] Default: triangle.
 * @property {number} [loud] Default: 0.3.
 */

/**
 * @typedef {object} Noise
 * @property {number} at
 * @property {number} seconds
 * @property {number} hertz The middle of the band.
 * @property {number} loud
 */

/** @typedef {{ tones?: Tone[], noises?: Noise[] }} Score */

/**
 * Equally long tones, one after the other.
 * @param {number[]} notes Hertz.
 * @param {number} step Seconds from one to the next.
 * @param {number} seconds
 * @returns {Tone[]}
 */
function melody(notes, step, seconds) {
  return notes.map((from, index) => ({ at: index * step, seconds, from }));
}

/**
 * Short bursts, whose loudness goes from one value to another.
 * @param {number} count
 * @param {number} step
 * @param {[number, number]} loudness
 * @param {number} hertz
 * @returns {Noise[]}
 */
function bursts(count, step, [first, last], hertz) {
  return Array.from({ length: count }, (_, index) => ({
    at: index * step,
    seconds: 0.06,
    hertz,
    loud: first + (last - first) * index / count,
  }));
}

/** @type {Record<string, Score>} */
const scores = {
  // The steps are no multiples of one another, so that the hands do not clap together.
  applause: {
    noises: [...bursts(34, 0.057, [0.9, 0.3], 1500), ...bursts(29, 0.067, [0.9, 0.2], 1100)],
  },
  spring: {
    tones: [{ at: 0, seconds: 0.55, from: 160, to: 620 }, {
      at: 0.1,
      seconds: 0.5,
      from: 240,
      to: 900,
      loud: 0.15,
    }],
  },
  buzzer: {
    tones: [{ at: 0, seconds: 0.8, from: 110, wave: "sawtooth" }, {
      at: 0,
      seconds: 0.8,
      from: 117,
      wave: "square",
      loud: 0.15,
    }],
  },
  drumroll: {
    noises: [...bursts(44, 0.034, [0.25, 1], 260), { at: 1.5, seconds: 0.7, hertz: 4200, loud: 0.8 }],
  },
  fanfare: {
    tones: [
      ...melody([392, 392, 392], 0.13, 0.12),
      ...[523, 659, 784].map((from) => ({ at: 0.42, seconds: 0.9, from, loud: 0.2 })),
    ],
  },
  horn: {
    tones: [233, 277, 349].map((from) => ({
      at: 0,
      seconds: 1.1,
      from,
      to: from * 0.99,
      wave: "sawtooth",
      loud: 0.14,
    })),
  },
  pop: { tones: [{ at: 0, seconds: 0.09, from: 380, to: 1400, wave: "sine", loud: 0.5 }] },
  sad: {
    tones: [
      ...melody([311, 294, 277], 0.34, 0.3),
      { at: 1.02, seconds: 1, from: 262, to: 240 },
    ],
  },
};

const rate = 44_100;
const attackSeconds = 0.008;
const silent = 0.0001;
const maxKept = 30;
/** @type {Map<string, Promise<AudioBuffer>>} */
const buffers = new Map();

/**
 * Rejects with the reason if there is no such file, or if the browser cannot play it.
 * @param {AudioContext} audio
 * @param {string} file The name of a file in assets; "" for a computed sound.
 * @param {string} name
 */
export function bufferOf(audio, file, name) {
  const key = file === "" ? `computed ${name}` : file;
  const buffer = buffers.get(key) ?? (file === "" ? computed(scores[name] ?? {}) : loaded(audio, file));
  buffers.delete(key);
  buffers.set(key, buffer);
  // A file that is mended is tried again.
  buffer.catch(() => buffers.delete(key));
  for (const oldest of buffers.keys()) {
    if (buffers.size <= maxKept) break;
    buffers.delete(oldest);
  }
  return buffer;
}

/**
 * @param {AudioContext} audio
 * @param {string} file
 */
async function loaded(audio, file) {
  const answer = await fetch(`/assets/${encodeURIComponent(file)}`);
  if (!answer.ok) throw new Error(t`it is missing`);
  return await audio.decodeAudioData(await answer.arrayBuffer()).catch(() => {
    throw new Error(t`it is not a sound that this browser plays`);
  });
}

/** @param {Score} score */
function computed({ tones = [], noises = [] }) {
  const end = Math.max(0.1, ...[...tones, ...noises].map(({ at, seconds }) => at + seconds));
  const offline = new OfflineAudioContext(1, Math.ceil((end + 0.05) * rate), rate);
  for (const tone of tones) addTone(offline, tone);
  for (const noise of noises) addNoise(offline, noise);
  return offline.startRendering();
}

/**
 * @param {OfflineAudioContext} context
 * @param {Tone} tone
 */
function addTone(context, { at, seconds, from, to = from, wave = "triangle", loud = 0.3 }) {
  const tone = context.createOscillator();
  tone.type = wave;
  tone.frequency.setValueAtTime(from, at);
  tone.frequency.exponentialRampToValueAtTime(to, at + seconds);
  tone.connect(envelope(context, { at, seconds, loud }));
  tone.start(at);
  tone.stop(at + seconds);
}

/**
 * @param {OfflineAudioContext} context
 * @param {Noise} noise
 */
function addNoise(context, { at, seconds, hertz, loud }) {
  const samples = context.createBuffer(1, Math.ceil(seconds * rate), rate);
  const values = samples.getChannelData(0);
  for (let index = 0; index < values.length; index++) values[index] = 2 * Math.random() - 1;
  const source = context.createBufferSource();
  source.buffer = samples;
  const band = context.createBiquadFilter();
  band.type = "bandpass";
  band.frequency.value = hertz;
  source.connect(band).connect(envelope(context, { at, seconds, loud }));
  source.start(at);
}

/**
 * @param {OfflineAudioContext} context
 * @param {{ at: number, seconds: number, loud: number }} shape
 */
function envelope(context, { at, seconds, loud }) {
  const gain = context.createGain();
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(loud, at + attackSeconds);
  gain.gain.exponentialRampToValueAtTime(silent, at + seconds);
  gain.connect(context.destination);
  return gain;
}
