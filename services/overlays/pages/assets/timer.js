// @ts-check
/// <reference lib="dom" />
/** The page of the timer: what is left, and who adds time. */
/** @import { GameViews } from "../../games/games.ts" */
import { format, make, nameOf, replay } from "./elements.js";
import { fit } from "./fit.js";
import { Countdown, follow, place, reveal } from "./game_page.js";
import { textSetting } from "./settings.js";

const notes = { ready: "", running: "", paused: "Paused", ended: textSetting("end", "Time's up!") };
const addedMs = 3000;

const part = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const clock = new Countdown((text) => {
  const left = part("left");
  if (left.textContent !== text) left.textContent = text;
});
let before = 0;
let hiding = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);

/**
 * @param {GameViews["timer"]} view
 * @param {boolean} isFirst
 */
function show(view, isFirst) {
  reveal(part("timer"), true);
  part("timer").className = `sticker game ${view.phase}`;
  clock.set(view.leftMs, view.phase === "running");
  part("note").hidden = notes[view.phase] === "";
  fit(part("note"), notes[view.phase]).textContent = notes[view.phase];
  if (!isFirst && view.addedMs !== before && view.addedMs !== 0) tell(view.addedMs - before, view.by);
  before = view.addedMs;
}

/**
 * @param {number} ms
 * @param {string} by
 */
function tell(ms, by) {
  const seconds = Math.round(Math.abs(ms) / 1000);
  const amount = seconds < 120 ? `${format(seconds)} s` : `${format(Math.round(seconds / 60))} min`;
  const added = part("added");
  const who = by === "" ? [] : [nameOf({ name: by, handle: "" })];
  added.replaceChildren(make("span", "loud number", `${ms < 0 ? "−" : "+"}${amount}`), ...who);
  added.classList.toggle("less", ms < 0);
  added.hidden = false;
  replay(added, "popping");
  clearTimeout(hiding);
  hiding = setTimeout(() => added.hidden = true, addedMs);
}

place("top-left");
const title = textSetting("title", "");
part("title").hidden = title === "";
fit(part("title"), title).textContent = title;
follow("timer", show);
