// @ts-check
/// <reference lib="dom" />
/** What the pages of the timer and of the countdown share: what is left, and who adds time. */
/** @import { GameViews } from "../../games/games.ts" */
import { t } from "/livecue/language.js";
import { format, make, nameOf, replay } from "./elements.js";
import { fit } from "./fit.js";
import { Countdown, follow, place, reveal } from "./game_page.js";

/**
 * @typedef {object} ClockSettings
 * @property {string} title
 * @property {string} end What it says at the end.
 * @property {string} position Where it is by default.
 * @property {boolean} isAlwaysShown Also before its start.
 */

const addedMs = 3000;

const part = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const clock = new Countdown((text) => {
  const left = part("left");
  if (left.textContent !== text) left.textContent = text;
});
let before = 0;
let hiding = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);

/**
 * Shows this game from now on.
 * @param {"timer" | "countdown"} name
 * @param {ClockSettings} settings
 */
export function showClock(name, settings) {
  place(settings.position);
  part("title").hidden = settings.title === "";
  fit(part("title"), settings.title).textContent = settings.title;
  follow(name, (view, isFirst) => show(view, { isFirst, settings }));
}

/**
 * @param {GameViews["timer"]} view
 * @param {{ isFirst: boolean, settings: ClockSettings }} options
 */
function show(view, { isFirst, settings: { isAlwaysShown, end } }) {
  reveal(part("timer"), isAlwaysShown || view.phase !== "ready");
  part("timer").className = `sticker game ${view.phase}`;
  clock.set(view.leftMs, view.phase === "running");
  const note = noteOf(view.phase, end);
  part("note").hidden = note === "";
  fit(part("note"), note).textContent = note;
  if (!isFirst && view.addedMs !== before && view.addedMs !== 0) tell(view.addedMs - before, view.by);
  before = view.addedMs;
}

/**
 * @param {GameViews["timer"]["phase"]} phase
 * @param {string} end
 */
function noteOf(phase, end) {
  if (phase === "paused") return t`Paused`;
  return phase === "ended" ? end : "";
}

/**
 * @param {number} ms
 * @param {string} by
 */
function tell(ms, by) {
  const seconds = Math.round(Math.abs(ms) / 1000);
  const amount = seconds < 120 ? t`${format(seconds)} s` : t`${format(Math.round(seconds / 60))} min`;
  const added = part("added");
  const who = by === "" ? [] : [nameOf({ name: by, handle: "" })];
  added.replaceChildren(make("span", "loud number", `${ms < 0 ? "−" : "+"}${amount}`), ...who);
  added.classList.toggle("less", ms < 0);
  added.hidden = false;
  replay(added, "popping");
  clearTimeout(hiding);
  hiding = setTimeout(() => added.hidden = true, addedMs);
}
