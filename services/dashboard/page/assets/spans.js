// @ts-check
/// <reference lib="dom" />
/** The span of all charts: the last minutes, hours or days, which move on, or a span that was chosen by dragging. */
/** @import { Span } from "./chart.js" */
import { part } from "/livecue/elements.js";
import { momentText } from "./words.js";

/** @typedef {{ lastMs: number } | Span} Choice */

const minuteMs = 60_000;
const maxChoices = 100;
const shortestMs = 1000;

const back = part("back", HTMLButtonElement);

export class Spans {
  /** @type {Choice[]} The last one is shown, and the others are those before it. */
  #choices = [{ lastMs: 60 * minuteMs }];

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
    back.addEventListener("click", () => this.back());
    for (const button of this.#buttons) {
      button.addEventListener(
        "click",
        () => this.#set([{ lastMs: Number(button.dataset["minutes"]) * minuteMs }]),
      );
    }
    this.#show();
  }

  #onChange;
  #buttons = [
    .../** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("#spans [data-minutes]")),
  ];

  get isLive() {
    return "lastMs" in this.#choice;
  }

  get #choice() {
    return /** @type {Choice} */ (this.#choices[this.#choices.length - 1]);
  }

  /** @param {Span} span */
  choose({ from, to }) {
    if (to - from >= shortestMs) this.#set([...this.#choices.slice(-maxChoices), { from, to }]);
  }

  back() {
    if (this.#choices.length > 1) this.#set(this.#choices.slice(0, -1));
  }

  /**
   * A span that moves on ends now. If the last reading is older than the whole span, as in a replay of a recording, the
   * span ends with that reading.
   * @param {number} now
   * @param {number} newest
   * @returns {Span}
   */
  at(now, newest) {
    const choice = this.#choice;
    if (!("lastMs" in choice)) return choice;
    const { lastMs } = choice;
    const to = newest > now || (newest > 0 && now - newest > lastMs) ? newest : now;
    return { from: to - lastMs, to };
  }

  /** @param {Choice[]} choices */
  #set(choices) {
    this.#choices = choices;
    this.#show();
    this.#onChange();
  }

  #show() {
    const choice = this.#choice;
    back.hidden = this.#choices.length === 1;
    for (const button of this.#buttons) {
      const isChosen = "lastMs" in choice && choice.lastMs === Number(button.dataset["minutes"]) * minuteMs;
      button.setAttribute("aria-pressed", String(isChosen));
    }
    part("range", HTMLElement).textContent = "lastMs" in choice
      ? ""
      : `${momentText(choice.from)} – ${momentText(choice.to)}`;
  }
}
