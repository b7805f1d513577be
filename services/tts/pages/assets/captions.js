// @ts-check
/// <reference lib="dom" />
/** Shows a text and lights up each word while it is spoken. */
/** @import { SpokenWord } from "../../speech.ts" */

/** The time that a text stays after its end. */
const stayMs = 1500;
const lettersBehind = /^.*[\p{L}\p{N}]/su;

export class Captions {
  /** @type {HTMLElement} */
  #element;
  /** @type {{ word: SpokenWord, span: HTMLElement }[]} */
  #words = [];
  /** @type {number | undefined} */
  #frame;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element;
  }

  /**
   * @param {{ text: string, from: number, to: number, words: readonly SpokenWord[] }} shown Words have their places in
   * the whole text.
   * @param {() => number} now Returns the milliseconds of sound that have played.
   */
  show({ text, from, to, words }, now) {
    this.#stop();
    /** @type {(Node | string)[]} */
    const parts = [];
    this.#words = [];
    let end = from;
    for (const [index, word] of words.entries()) {
      if (word.from < end || word.to > to) continue;
      const span = document.createElement("span");
      // What is said with it, as the article behind it, has no time of its own.
      const behind = text.slice(word.to, words[index + 1]?.from ?? to).match(lettersBehind)?.[0] ?? "";
      span.textContent = text.slice(word.from, word.to) + behind;
      parts.push(text.slice(end, word.from), span);
      this.#words.push({ word, span });
      end = word.to + behind.length;
    }
    parts.push(text.slice(end, to));
    this.#element.replaceChildren(...parts);
    const draw = () => {
      this.#light(now());
      this.#frame = requestAnimationFrame(draw);
    };
    draw();
  }

  /** Lights up the whole text, and clears it after a moment. */
  end() {
    this.#stop();
    this.#light(Infinity);
    this.#timer = setTimeout(() => this.clear(), stayMs);
  }

  clear() {
    this.#stop();
    this.#words = [];
    this.#element.replaceChildren();
  }

  #stop() {
    clearTimeout(this.#timer);
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
  }

  /** @param {number} ms */
  #light(ms) {
    for (const { word, span } of this.#words) {
      span.className = word.startMs > ms ? "" : word.endMs > ms ? "now" : "said";
    }
  }
}
