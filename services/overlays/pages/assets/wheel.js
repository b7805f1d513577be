// @ts-check
/// <reference lib="dom" />
/** The page of the wheel. Livecue draws each result before the page turns the wheel to it. */
/** @import { GameViews } from "../../games/games.ts" */
import { t } from "/livecue/language.js";
import { make, nameOf, replay } from "./elements.js";
import { fit, lengthOf, shortened } from "./fit.js";
import { follow, place, reveal } from "./game_page.js";
import { choiceSetting } from "./settings.js";

/** @typedef {GameViews["wheel"]} View */
/** @typedef {NonNullable<View["spin"]>} Spin */

const isAlwaysShown = choiceSetting("show", ["spins", "always"]) === "always";
const turns = 6;
const colorCount = 6;
const svgNamespace = "http://www.w3.org/2000/svg";
/** In the picture's units: its center is 0, its radius 100. The tip of the pointer is at 90. */
const label = { from: 32, to: 87, largest: 13, smallest: 5, letters: 20 };
/** The width of a letter, as a part of its height. */
const letterWidth = 0.62;

const part = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
let drawn = "";
let shownNumber = 0;
let turning = /** @type {Animation | null} */ (null);
let landing = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);

/** @param {View} view */
function show({ slices, spin, waitingCount }) {
  draw(slices);
  reveal(part("wheel"), slices.length > 0 && (spin !== null || isAlwaysShown));
  part("waiting").hidden = waitingCount === 0;
  part("waiting").textContent = t`${waitingCount} more`;
  if (spin === null) {
    clearTimeout(landing);
    shownNumber = 0;
    part("result").hidden = true;
  } else if (spin.number !== shownNumber) {
    shownNumber = spin.number;
    turn(slices, spin);
  }
}

/** @param {View["slices"]} slices */
function draw(slices) {
  const key = JSON.stringify(slices);
  if (key === drawn) return;
  drawn = key;
  const picture = vector("svg", { viewBox: "-104 -104 208 208" });
  let from = 0;
  for (const [index, { name, part }] of partsOf(slices).entries()) {
    picture.append(...sectorOf(name, { from, part, color: colorOf(index, slices.length) }));
    from += part;
  }
  picture.append(vector("circle", { r: "12", class: "hub" }));
  part("disc").replaceChildren(picture);
}

/**
 * @param {View["slices"]} slices
 * @returns {{ name: string, part: number }[]} The part of the circle of each slice.
 */
function partsOf(slices) {
  const total = slices.reduce((sum, { weight }) => sum + weight, 0);
  return slices.map(({ name, weight }) => ({ name, part: weight / total }));
}

/**
 * The last slice has another color than the first, which is beside it.
 * @param {number} index
 * @param {number} count
 */
function colorOf(index, count) {
  const color = index % colorCount;
  return index === count - 1 && color === 0 && index > 0 ? 1 + (index % 3) : color;
}

/**
 * @param {string} name
 * @param {{ from: number, part: number, color: number }} place Parts of the circle, from the top and clockwise.
 */
function sectorOf(name, { from, part, color }) {
  const [x1, y1] = pointAt(from);
  const [x2, y2] = pointAt(from + part);
  const isLarge = part > 0.5 ? 1 : 0;
  const sector = vector("path", {
    d: `M0 0L${x1} ${y1}A100 100 0 ${isLarge} 1 ${x2} ${y2}Z`,
    class: `sector color-${color}`,
  });
  const short = shortened(name, label.letters);
  const size = Math.min(
    label.largest,
    (label.to - label.from) / (letterWidth * lengthOf(short)),
    1.3 * Math.PI * label.from * part,
  );
  const text = vector("text", {
    transform: `rotate(${360 * (from + part / 2) - 90})`,
    x: String(label.to),
    "font-size": String(Math.max(label.smallest, size)),
    class: "label",
  });
  text.textContent = short;
  return [sector, text];
}

/**
 * @param {number} part Of the circle, from the top and clockwise.
 * @returns {[number, number]}
 */
function pointAt(part) {
  const angle = 2 * Math.PI * part;
  return [100 * Math.sin(angle), -100 * Math.cos(angle)];
}

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 */
function vector(name, attributes) {
  const element = document.createElementNS(svgNamespace, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

/**
 * Turns the wheel so that it stops under the pointer, from where the spin is by now.
 * @param {View["slices"]} slices
 * @param {Spin} spin
 */
function turn(slices, spin) {
  const parts = partsOf(slices);
  const before = parts.slice(0, spin.result).reduce((sum, { part }) => sum + part, 0);
  const stop = before + spin.place * (parts[spin.result]?.part ?? 0);
  const end = `rotate(${360 * (turns - stop)}deg)`;
  clearTimeout(landing);
  turning?.cancel();
  turning = null;
  part("result").hidden = true;
  part("disc").style.transform = end;
  const leftMs = spin.spinMs - spin.ageMs;
  if (leftMs <= 0) return land(slices, spin);
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) {
    turning = part("disc").animate([{ transform: "rotate(0deg)" }, { transform: end }], {
      duration: spin.spinMs,
      easing: "cubic-bezier(0.15, 0.6, 0.1, 1)",
    });
    turning.currentTime = spin.ageMs;
  }
  landing = setTimeout(() => land(slices, spin), leftMs);
}

/**
 * @param {View["slices"]} slices
 * @param {Spin} spin
 */
function land(slices, { result, by }) {
  const name = fit(make("bdi", "name loud what", slices[result]?.name ?? ""));
  const who = by === "" ? [] : [make("span", "for", nameOf({ name: by, handle: "" }))];
  part("result").replaceChildren(name, ...who);
  part("result").hidden = false;
  replay(part("result"), "arriving");
}

place("center");
follow("wheel", show);
