// @ts-check
/// <reference lib="dom" />
/**
 * The sounds of alerts: short synthesized ones, which need no files, and the streamer's own from files. Each streak has
 * one sound, whose pitch rises with the count. A limit per minute keeps a busy live bearable.
 */
import { t } from "/livecue/language.js";

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
/** A longer sound is not played again when the streak goes on. It only becomes higher while it plays. */
const shortSeconds = 1.5;
const maxDecoded = 20;

/** @type {AudioContext | undefined} */
let audio;
/** @type {Map<string, Promise<AudioBuffer>>} By file, or by tune. */
const buffers = new Map();

/** The times of the latest sounds. */
export class SoundLimit {
  /** @type {number[]} In the page's own milliseconds, oldest first. */
  #times = [];
  #perMinute;

  /** @param {number} perMinute */
  constructor(perMinute) {
    this.#perMinute = perMinute;
  }

  /**
   * Whether one more sound may be played. If so, it counts.
   * @param {number} now
   */
  take(now) {
    this.#times = this.#times.filter((time) => now - time < 60_000);
    if (this.#times.length >= this.#perMinute) return false;
    this.#times.push(now);
    return true;
  }
}

/** How many times the pitch has risen at this count: at 2, 3, 5, 10, 20, 30, 50, 100, … @param {number} count */
export function stepOf(count) {
  let step = 0;
  for (let power = 1; power <= count; power *= 10) {
    step += [1, 2, 3, 5].filter((digit) => digit * power <= count).length;
  }
  return step - 1;
}

/**
 * The playback rate of a step: two semitones each, up to two octaves.
 * @param {number} step
 */
export function rateOf(step) {
  return 2 ** (Math.min(24, 2 * step) / 12);
}

/** The sound of one streak. */
export class StreakSound {
  #volume;
  #buffer;
  /** @type {AudioBufferSourceNode | null} While it plays. */
  #source = null;
  #step = 0;

  /**
   * Plays it once.
   * @param {string} file The name of a file in assets; "" for the tune of the type.
   * @param {{ type: string, isGrand: boolean, volume: number, count: number, onBroken: (why: string) => void }} given
   */
  constructor(file, { type, isGrand, volume, count, onBroken }) {
    this.#volume = volume;
    this.#step = stepOf(count);
    this.#buffer = file === "" ? tuneOf(isGrand ? "grand" : type) : bufferOf(file);
    this.#buffer.catch(({ message }) => onBroken(message));
    this.#play();
  }

  /**
   * The streak goes on: higher, if the count has reached the next step.
   * @param {number} count
   * @param {() => boolean} mayPlay Asked before the sound is played again.
   */
  rise(count, mayPlay) {
    const step = stepOf(count);
    if (step <= this.#step) return;
    this.#step = step;
    if (this.#source !== null) this.#source.playbackRate.value = rateOf(step);
    else {void this.#buffer.then(({ duration }) =>
        duration <= shortSeconds && mayPlay() && this.#play(), () => {});}
  }

  #play() {
    if (this.#volume <= 0) return;
    const context = contextOf();
    const requestedAt = performance.now();
    // OBS plays it at once. Other browsers wait for a click, after which all delayed sounds would play together.
    void Promise.all([this.#buffer, context.resume()]).then(([buffer]) => {
      if (performance.now() - requestedAt > lateMs) return;
      const source = context.createBufferSource();
      const loudness = context.createGain();
      source.buffer = buffer;
      source.playbackRate.value = rateOf(this.#step);
      loudness.gain.value = this.#volume;
      source.connect(loudness).connect(context.destination);
      source.onended = () => this.#source = null;
      source.start();
      this.#source = source;
    }, () => {});
  }
}

function contextOf() {
  return audio ??= new AudioContext();
}

/** @param {string} file */
function bufferOf(file) {
  return kept(file, async () => {
    const answer = await fetch(`/assets/${encodeURIComponent(file)}`);
    if (!answer.ok) throw new Error(t`it is missing`);
    return await contextOf().decodeAudioData(await answer.arrayBuffer()).catch(() => {
      throw new Error(t`it is not a sound that this browser plays`);
    });
  });
}

/** @param {string} name The event's type, or "grand". */
function tuneOf(name) {
  const notes = name === "grand" ? grandTune : tunes[name] ?? plainTune;
  return kept(`tune ${name}`, () => {
    const rate = 44_100;
    const seconds = notes.length * noteSeconds + ringSeconds;
    const offline = new OfflineAudioContext(1, Math.ceil(seconds * rate), rate);
    notes.forEach((note, index) => ring(offline, note, index * noteSeconds));
    return offline.startRendering();
  });
}

/**
 * @param {string} key
 * @param {() => Promise<AudioBuffer>} make
 */
function kept(key, make) {
  const buffer = buffers.get(key) ?? make();
  buffers.delete(key);
  buffers.set(key, buffer);
  for (const oldest of buffers.keys()) {
    if (buffers.size <= maxDecoded) break;
    buffers.delete(oldest);
  }
  return buffer;
}

/**
 * @param {BaseAudioContext} context
 * @param {number} note
 * @param {number} start In seconds.
 */
function ring(context, note, start) {
  const loudness = context.createGain();
  loudness.gain.setValueAtTime(0, start);
  loudness.gain.linearRampToValueAtTime(0.25, start + 0.01);
  loudness.gain.exponentialRampToValueAtTime(0.0001, start + ringSeconds);
  loudness.connect(context.destination);
  const tone = context.createOscillator();
  tone.type = "triangle";
  tone.frequency.value = middleC * 2 ** (note / 12);
  tone.connect(loudness);
  tone.start(start);
  tone.stop(start + ringSeconds);
}
