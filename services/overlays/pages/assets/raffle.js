// @ts-check
/// <reference lib="dom" />
/** The page of the raffle. Livecue draws and stores the winner before the page shows the draw. */
/** @import { GameViews } from "../../games/games.ts" */
import { counted, noun, t } from "/livecue/language.js";
import { make, replay } from "./elements.js";
import { fit } from "./fit.js";
import { Countdown, follow, place, reveal } from "./game_page.js";

/** @typedef {GameViews["raffle"]} View */
/** @typedef {NonNullable<View["draw"]>} Draw */

const fastestMs = 80;
const slowestMs = 600;

const part = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const clock = new Countdown((text) => part("left").textContent = text);
const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
let shown = "";
let turning = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);

/** @param {View} view */
function show(view) {
  const { phase, draw } = view;
  reveal(part("raffle"), phase === "open" || phase === "closed" || phase === "drawn");
  const title = view.prize || t`Raffle`;
  fit(part("prize"), title).textContent = title;
  part("left").hidden = view.leftMs === null;
  clock.set(view.leftMs ?? 0, view.leftMs !== null);
  const how = phase !== "open"
    ? ""
    : view.how || (view.command === "" ? "" : t`Write ${view.command} to take part`);
  part("how").hidden = how === "";
  fit(part("how"), how).textContent = how;
  part("count").textContent = counted(view.entrants, noun("entrant"));
  part("latest").hidden = draw !== null || view.latest.length === 0;
  part("latest").replaceChildren(...view.latest.map((name) => fit(make("bdi", "name", name || t`Somebody`))));
  showProof(view);
  showDraw(view.number, draw);
}

/**
 * The hash before the draw, and the seed after it: who has both can repeat the draw.
 * @param {View} view
 */
function showProof({ hash, seed }) {
  part("proof").hidden = hash === "";
  part("proof").textContent = seed === "" ? `SHA-256 ${hash}` : t`Seed ${seed} · SHA-256 ${hash}`;
}

/**
 * @param {number} raffle
 * @param {View["draw"]} draw
 */
function showDraw(raffle, draw) {
  part("reel").hidden = draw === null;
  const key = draw === null ? "" : `${raffle} ${draw.number}`;
  if (key === shown || draw === null) {
    if (draw === null) clearTimeout(turning);
    shown = key;
    return;
  }
  shown = key;
  turn(draw, performance.now() - draw.ageMs);
}

/**
 * Shows name after name, ever slower, until the time of the draw is over.
 * @param {Draw} draw
 * @param {number} startedAt In the page's own milliseconds.
 */
function turn(draw, startedAt, index = 0) {
  clearTimeout(turning);
  const age = performance.now() - startedAt;
  if (age >= draw.spinMs) return win(draw);
  part("reel").classList.remove("won", "popping");
  showName(isCalm ? "…" : draw.names[index % draw.names.length] ?? "");
  const progress = age / draw.spinMs;
  const waitMs = isCalm ? draw.spinMs - age : fastestMs + (slowestMs - fastestMs) * progress ** 3;
  turning = setTimeout(() => turn(draw, startedAt, index + 1), Math.min(waitMs, draw.spinMs - age));
}

/** @param {Draw} draw */
function win(draw) {
  showName(draw.winner || draw.handle || t`Somebody`);
  part("reel").classList.add("won");
  replay(part("reel"), "popping");
}

/** @param {string} name */
function showName(name) {
  fit(/** @type {HTMLElement} */ (part("reel").firstElementChild), name).textContent = name;
}

place("center");
follow("raffle", show);
