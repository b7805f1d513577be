// @ts-check
/// <reference lib="dom" />
/** Short synthesized sounds, which need no files, and the streamer's own sounds from files. */

/** @type {Record<string, number[]>} Notes as steps above a middle C, one after the other. */
const tunes = {
  GiftEvent: [7, 12, 16],
  SubscribeEvent: [4, 7, 12, 19],
  FollowEvent: [12, 19],
  ShareEvent: [9, 14],
  DonationEvent: [12, 16, 19, 24],
  MembershipEvent: [4, 9, 12, 16],
  OrderEvent: [7, 11, 14],
};
const plainTune = [7, 12];
const grandTune = [0, 4, 7, 12, 16, 19, 24];
const middleC = 261.63;
const noteSeconds = 0.085;
const ringSeconds = 0.5;
const lateMs = 500;

/** @type {AudioContext | undefined} */
let audio;

/**
 * @param {string} type The event's type.
 * @param {{ volume: number, isGrand: boolean }} how Volume from 0 to 1.
 */
export function playTune(type, { volume, isGrand }) {
  const notes = isGrand ? grandTune : tunes[type] ?? plainTune;
  play((context) => notes.forEach((note, index) => ring(context, note, index * noteSeconds, volume)), volume);
}

/**
 * @param {string} name The name of a file in assets.
 * @param {number} volume
 */
export function playFile(name, volume) {
  const audio = new Audio(`/assets/${encodeURIComponent(name)}`);
  audio.volume = volume;
  // Browsers other than OBS's stay silent until the page is clicked.
  void audio.play().catch(() => {});
}

/**
 * Plays one short note. The longer the streak, the higher the note.
 * @param {number} count
 * @param {number} volume
 */
export function playCount(count, volume) {
  play((context) => ring(context, 12 + Math.min(24, count % 25), 0, volume / 2), volume);
}

/**
 * @param {(context: AudioContext) => void} sound
 * @param {number} volume
 */
function play(sound, volume) {
  if (volume <= 0) return;
  const context = audio ??= new AudioContext();
  const requestedAt = performance.now();
  // OBS plays it at once. Other browsers wait for a click, after which all delayed sounds would play together.
  const start = () => performance.now() - requestedAt < lateMs && sound(context);
  void context.resume().then(start, () => {});
}

/**
 * @param {AudioContext} context
 * @param {number} note
 * @param {number} afterSeconds
 * @param {number} volume
 */
function ring(context, note, afterSeconds, volume) {
  const start = context.currentTime + afterSeconds;
  const loudness = context.createGain();
  loudness.gain.setValueAtTime(0, start);
  loudness.gain.linearRampToValueAtTime(volume * 0.25, start + 0.01);
  loudness.gain.exponentialRampToValueAtTime(0.0001, start + ringSeconds);
  loudness.connect(context.destination);
  const tone = context.createOscillator();
  tone.type = "triangle";
  tone.frequency.value = middleC * 2 ** (note / 12);
  tone.connect(loudness);
  tone.start(start);
  tone.stop(start + ringSeconds);
}
