// @ts-check
/// <reference lib="dom" />
/** Plays texts one after the other, without a gap between segments, and reports its progress to Livecue. */
/** @import { SegmentOfPage, SpokenText } from "../../messages.ts" */
import { address, send } from "/livecue/page.js";

/** @typedef {{ about: SegmentOfPage, buffer: AudioBuffer }} Loaded */

/** The first sound is delayed by this time, so that its start is not lost. */
const leadSeconds = 0.02;

export class Player {
  #audio = new AudioContext();
  #loudness = this.#audio.createGain();
  /** @type {(text: string, about: SegmentOfPage, now: () => number) => void} */
  #onSegment;
  /** @type {() => void} */
  #onEnd;
  /** @type {SpokenText | null} */
  #current = null;
  /** @type {SpokenText[]} */
  #waiting = [];
  /** @type {() => void} */
  #stop = () => {};

  /**
   * @param {(text: string, about: SegmentOfPage, now: () => number) => void} onSegment Called when a segment begins to play.
   * @param {() => void} onEnd Called when a text ends.
   */
  constructor(onSegment, onEnd) {
    this.#onSegment = onSegment;
    this.#onEnd = onEnd;
    this.#loudness.connect(this.#audio.destination);
  }

  /** Resolves when the browser allows sound. It may require a click. */
  async allow() {
    await this.#audio.resume();
  }

  /** @param {number} volume From 0 to 1. */
  setVolume(volume) {
    this.#loudness.gain.setTargetAtTime(volume, this.#audio.currentTime, 0.01);
  }

  /** @param {SpokenText} text */
  add(text) {
    if ([this.#current, ...this.#waiting].some((known) => known?.id === text.id)) return;
    this.#waiting.push(text);
    if (this.#current === null) void this.#playAll();
  }

  /** @param {number} id */
  skip(id) {
    this.#waiting = this.#waiting.filter((text) => text.id !== id);
    if (this.#current?.id === id) this.#stop();
  }

  async #playAll() {
    for (let text = this.#waiting.shift(); text !== undefined; text = this.#waiting.shift()) {
      this.#current = text;
      const stopped = new Promise((resolve) => this.#stop = () => resolve("stopped"));
      // After an error, the page does not report the text as spoken. Livecue's own clock ends the text.
      const end = await this.#play(text, stopped).catch((error) => console.error(error));
      if (end === "spoken") void send("/finished", { id: text.id });
      this.#onEnd();
    }
    this.#current = null;
  }

  /**
   * @param {SpokenText} text
   * @param {Promise<unknown>} stopped
   */
  async #play(text, stopped) {
    const { id, segmentCount } = text;
    let endsAt = 0;
    let next = this.#load(id, text.segment);
    /** @type {AudioBufferSourceNode[]} */
    const playing = [];
    for (let segment = text.segment; segment < segmentCount; segment++) {
      const loaded = await Promise.race([next, stopped]);
      if (loaded === "stopped") return silence(playing);
      if (segment + 1 < segmentCount) next = this.#load(id, segment + 1);
      const { about, buffer } = /** @type {Loaded} */ (loaded);
      const startsAt = Math.max(endsAt, this.#audio.currentTime + leadSeconds);
      const source = this.#schedule(buffer, about, startsAt);
      playing.push(source);
      endsAt = startsAt + about.durationMs / 1000;
      const begun = setTimeout(() => this.#begin(text, segment, about, startsAt), this.#msUntil(startsAt));
      // The next segment is scheduled while this one plays.
      const before = segment + 1 < segmentCount ? this.#until(endsAt, 0.5) : ended(source);
      if (await Promise.race([before, stopped]) === "stopped") {
        clearTimeout(begun);
        return silence(playing);
      }
    }
    return "spoken";
  }

  /**
   * @param {AudioBuffer} buffer
   * @param {SegmentOfPage} about
   * @param {number} startsAt
   */
  #schedule(buffer, { durationMs }, startsAt) {
    const source = this.#audio.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#loudness);
    source.start(startsAt, 0, durationMs / 1000);
    return source;
  }

  /**
   * @param {SpokenText} text
   * @param {number} segment
   * @param {SegmentOfPage} about
   * @param {number} startsAt
   */
  #begin({ id, text }, segment, about, startsAt) {
    void send("/heard", { id, segment });
    this.#onSegment(text, about, () => (this.#audio.currentTime - startsAt) * 1000);
  }

  /** @param {number} moment */
  #msUntil(moment) {
    return Math.max(0, (moment - this.#audio.currentTime) * 1000);
  }

  /**
   * @param {number} moment
   * @param {number} aheadSeconds
   */
  #until(moment, aheadSeconds) {
    return new Promise((resolve) => setTimeout(resolve, this.#msUntil(moment - aheadSeconds)));
  }

  /**
   * @param {number} id
   * @param {number} segment
   * @returns {Promise<Loaded>}
   */
  async #load(id, segment) {
    const path = `/sound/${id}/${segment}`;
    const [about, sound] = await Promise.all([
      fetched(`${path}.json`).then((answer) => answer.json()),
      fetched(`${path}.mp3`).then((answer) => answer.arrayBuffer()),
    ]);
    return { about, buffer: await this.#audio.decodeAudioData(sound) };
  }
}

/** @param {string} path */
async function fetched(path) {
  const answer = await fetch(address(path));
  if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}`);
  return answer;
}

/** @param {AudioBufferSourceNode} source */
function ended(source) {
  return new Promise((resolve) => source.onended = resolve);
}

/** @param {AudioBufferSourceNode[]} sources */
function silence(sources) {
  for (const source of sources) source.stop();
  return "stopped";
}
