// @ts-check
/// <reference lib="dom" />
/** What the pages of games share: their messages, their place, and clocks that count down. */
/** @import { GameViews } from "../../games/games.ts" */
import { listen } from "./connection.js";
import { replay } from "./elements.js";
import { applyLook, choiceSetting } from "./settings.js";

/** @type {[string, ...string[]]} */
const places = [
  "center",
  "top",
  "bottom",
  "left",
  "right",
  "top-left",
  "top-right",
  "bottom-left",
  "bottom-right",
];

/**
 * Applies the settings of the look.
 * @param {string} position Where the page shows something by default.
 */
export function place(position) {
  applyLook();
  document.body.dataset.position = choiceSetting("position", [position, ...places]);
}

/**
 * Calls `show` with each view of a game.
 * @template {keyof GameViews} Name
 * @param {Name} name
 * @param {(view: GameViews[Name], isFirst: boolean) => void} show `isFirst`: the page was just opened or reconnected.
 */
export function follow(name, show) {
  followAs(name, {}, show);
}

/**
 * As `follow`, for a page that says who it is.
 * @template {keyof GameViews} Name
 * @param {Name} name
 * @param {Record<string, string>} who
 * @param {(view: GameViews[Name], isFirst: boolean) => void} show
 */
export function followAs(name, who, show) {
  listen({
    hello: ({ games }) => {
      const view = games[name];
      if (view !== undefined) show(view, true);
    },
    game: (message) => {
      if (message.name === name) show(/** @type {GameViews[Name]} */ (message.view), false);
    },
  }, { ...who, wants: name });
}

/**
 * Shows or hides the game.
 * @param {HTMLElement} element
 * @param {boolean} isShown
 */
export function reveal(element, isShown) {
  if (element.hidden === !isShown) return;
  element.hidden = !isShown;
  if (isShown) replay(element, "arriving");
}

/**
 * 3:07 or 1:03:07.
 * @param {number} ms
 */
export function clockText(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = String(seconds % 60).padStart(2, "0");
  return hours === 0 ? `${minutes}:${rest}` : `${hours}:${String(minutes).padStart(2, "0")}:${rest}`;
}

/** In a preview that stands still, clocks do, too. */
const isStill = new URLSearchParams(location.search).get("preview") === "still";

/** A clock that changes once a second, and only while it counts down. */
export class Countdown {
  /** @type {(text: string) => void} */
  #show;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #endsAt = 0;

  /** @param {(text: string) => void} show */
  constructor(show) {
    this.#show = show;
  }

  /**
   * @param {number} leftMs
   * @param {boolean} isRunning
   */
  set(leftMs, isRunning) {
    clearTimeout(this.#timer);
    this.#endsAt = performance.now() + leftMs;
    if (isRunning && !isStill) this.#tick();
    else this.#show(clockText(leftMs));
  }

  #tick() {
    const leftMs = this.#endsAt - performance.now();
    this.#show(clockText(leftMs));
    if (leftMs > 0) this.#timer = setTimeout(() => this.#tick(), leftMs % 1000 + 1);
  }
}
