// @ts-check
/// <reference lib="dom" />
/** One sample in the list. */
/** @import { Sample } from "../../sample.ts" */
/** @import { Player } from "./player.js" */
import { address } from "/livecue/page.js";
import { element } from "/livecue/elements.js";

/** Of the position on the waveform. */
const steps = 1000;

/** What the work on a sample does, by step. */
const words = /** @type {Record<string, string>} */ ({
  mark: "preparing",
  download: "downloading",
  extract: "converting",
  waveform: "drawing the waveform",
  analyse: "finding tempo and key",
  upload: "storing",
  save: "saving",
});

/**
 * @typedef {object} Actions Each resolves to what is wrong, or null.
 * @property {Player} player
 * @property {(id: number) => Promise<string | null>} retry
 * @property {(id: number) => Promise<string | null>} remove
 */

export class SampleLine {
  root = element("li", { className: "sample" });
  #title = element("h2", { className: "title", dir: "auto" });
  #by = element("p", { className: "by", dir: "auto" });
  #problem = element("p", { className: "error", hidden: true });
  #play = element("button", { className: "play", type: "button", textContent: "Play" });
  #position = element("input", { type: "range", min: "0", max: String(steps), value: "0" });
  #progress = element("progress");
  #state = element("p");
  /** @type {Sample} */
  #sample;
  #actions;
  /** The status that the body is made for. */
  #status = "";

  /**
   * @param {Sample} sample
   * @param {Actions} actions
   */
  constructor(sample, actions) {
    this.#sample = sample;
    this.#actions = actions;
    this.root.append(this.#title, this.#by);
    this.#play.addEventListener("click", () => actions.player.toggle(this));
    this.#position.addEventListener(
      "input",
      () => actions.player.seek(this, Number(this.#position.value) / steps),
    );
  }

  get soundUrl() {
    return this.#fileUrl("mp3", { play: "1" });
  }

  /** @param {Sample} sample */
  update(sample) {
    this.#sample = sample;
    const { description, creator, sourceUrl, status, step, progress, error } = sample;
    this.#title.textContent = description.trim() || creator?.name || sourceUrl;
    this.#title.title = description;
    this.#by.textContent = byOf(sample);
    if (status !== this.#status) {
      this.#status = status;
      this.root.dataset.status = status;
      this.#build();
    }
    if (status === "running") {
      this.#state.textContent = step === null ? "starting" : words[step] ?? step;
      if (progress === null) this.#progress.removeAttribute("value");
      else this.#progress.value = progress;
    }
    if (status === "requested") this.#state.textContent = "waiting";
    if (status === "failed") this.#state.textContent = `${failedAt(step)} ${error ?? ""}`;
  }

  /** @param {{ isPlaying: boolean, part: number }} state */
  showPlaying({ isPlaying, part }) {
    this.#play.textContent = isPlaying ? "Pause" : "Play";
    this.#position.value = String(Math.round(part * steps));
    if (isPlaying) this.showProblem("");
  }

  /** @param {string} problem */
  showProblem(problem) {
    this.#problem.textContent = problem;
    this.#problem.hidden = problem === "";
  }

  /** Makes the part that depends on the status. */
  #build() {
    this.#actions.player.leave(this);
    this.#state.className = this.#status === "failed" ? "error" : "by";
    const parts = {
      requested: () => [this.#state, this.#row(this.#retry(), this.#deletion())],
      running: () => [this.#state, this.#progress, this.#row(this.#retry())],
      failed: () => [this.#state, this.#row(this.#retry(), this.#deletion())],
      done: () => [this.#wave(), this.#controls()],
    };
    this.root.replaceChildren(this.#title, this.#by, ...parts[this.#sample.status](), this.#problem);
  }

  #wave() {
    const title = this.#title.textContent ?? "";
    this.#position.ariaLabel = `Position in ${title.slice(0, 80)}`;
    const picture = element("img", { src: this.#fileUrl("waveform.png"), alt: "", loading: "lazy" });
    return element("div", { className: "wave" }, picture, this.#position);
  }

  #controls() {
    const { bpm, key, seconds } = this.#sample;
    const facts = [
      ...(bpm === null ? [] : [`${Math.round(bpm)} bpm`]),
      ...(key === null ? [] : [key]),
      ...(seconds === null ? [] : [lengthOf(seconds)]),
    ];
    const link = (/** @type {string} */ name) =>
      element("a", {
        className: "button",
        href: this.#fileUrl(name),
        download: "",
        textContent: name.toUpperCase(),
        ariaLabel: `Download as ${name.toUpperCase()}`,
      });
    const known = element("span", { className: "facts", textContent: facts.join(" · ") });
    return this.#row(this.#play, link("mp3"), link("wav"), this.#deletion(), known);
  }

  #retry() {
    const button = element("button", { type: "button", textContent: "Try again" });
    button.addEventListener("click", () => void this.#do(button, this.#actions.retry));
    return button;
  }

  /** The second press deletes. */
  #deletion() {
    const button = element("button", { type: "button", textContent: "Delete" });
    button.addEventListener("blur", () => button.textContent = "Delete");
    button.addEventListener("click", () => {
      if (button.textContent === "Delete") button.textContent = "Really delete";
      else void this.#do(button, this.#actions.remove);
    });
    return button;
  }

  /**
   * @param {HTMLButtonElement} button
   * @param {(id: number) => Promise<string | null>} act
   */
  async #do(button, act) {
    button.disabled = true;
    this.showProblem(await act(this.#sample.id) ?? "");
    button.disabled = false;
  }

  /** @param {HTMLElement[]} parts */
  #row(...parts) {
    return element("div", { className: "row" }, ...parts);
  }

  /**
   * @param {string} name
   * @param {Record<string, string>} [query]
   */
  #fileUrl(name, query = {}) {
    return address(`/samples/${this.#sample.id}/${name}`, query);
  }
}

/** @param {Sample} sample */
function byOf({ creator, requestedBy, tags }) {
  const by = creator === null ? `requested by ${requestedBy}` : `${creator.name} (@${creator.id})`;
  return [by, ...tags.slice(0, 8).map((tag) => `#${tag}`)].join("  ");
}

/** @param {string | null} step */
function failedAt(step) {
  return step === null ? "Failed." : `Failed while ${words[step] ?? step}.`;
}

/** @param {number} seconds */
function lengthOf(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
