// @ts-check
/// <reference lib="dom" />
/** Plays one sample at a time. */

/**
 * @typedef {object} PlayedLine
 * @property {string} soundUrl
 * @property {(state: { isPlaying: boolean, part: number }) => void} showPlaying
 * @property {(problem: string) => void} showProblem
 */

export class Player {
  /** @type {HTMLAudioElement} */
  #audio;
  /** @type {PlayedLine | null} */
  #line = null;
  /** The place to begin at, from 0 to 1, until the length is known. */
  #wanted = 0;

  /** @param {HTMLAudioElement} audio */
  constructor(audio) {
    this.#audio = audio;
    for (const name of ["play", "pause", "timeupdate", "seeked"]) {
      audio.addEventListener(name, () => this.#show());
    }
    audio.addEventListener("ended", () => {
      audio.currentTime = 0;
    });
    audio.addEventListener("loadedmetadata", () => {
      if (this.#wanted > 0) audio.currentTime = this.#wanted * audio.duration;
      this.#wanted = 0;
    });
    audio.addEventListener("error", () => {
      if (audio.hasAttribute("src")) {
        this.#line?.showProblem("The sound cannot be played. Download it instead.");
      }
    });
  }

  /** @param {PlayedLine} line */
  toggle(line) {
    if (this.#line === line && !this.#audio.paused) return this.#audio.pause();
    this.#take(line);
    this.#play();
  }

  /**
   * @param {PlayedLine} line
   * @param {number} part From 0 to 1.
   */
  seek(line, part) {
    const isLoaded = this.#line === line && Number.isFinite(this.#audio.duration);
    if (isLoaded) {
      this.#audio.currentTime = part * this.#audio.duration;
      return;
    }
    this.#take(line);
    this.#wanted = part;
    this.#play();
  }

  /**
   * The line is removed.
   * @param {PlayedLine} line
   */
  leave(line) {
    if (this.#line !== line) return;
    this.#audio.pause();
    this.#line = null;
  }

  /** @param {PlayedLine} line */
  #take(line) {
    if (this.#line === line) return;
    this.#audio.pause();
    this.#line?.showPlaying({ isPlaying: false, part: 0 });
    this.#line = line;
    this.#wanted = 0;
    this.#audio.src = line.soundUrl;
  }

  #play() {
    // A refusal also raises the event "error", and a pause before the start is none.
    this.#audio.play().catch(() => {});
  }

  #show() {
    const { currentTime, duration, paused } = this.#audio;
    const part = Number.isFinite(duration) && duration > 0 ? currentTime / duration : 0;
    this.#line?.showPlaying({ isPlaying: !paused, part });
  }
}
