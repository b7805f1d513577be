// @ts-check
/// <reference lib="dom" />
/** The page of the top gifters. Changes of the order are animated. */
/** @import { Giver } from "../../messages.ts" */
import { listen } from "./connection.js";
import { msg, translated } from "/livecue/language.js";
import { countTo, make, nameOf, pictureOf } from "./elements.js";
import { faceOf } from "./pictures.js";
import { applyLook, choiceSetting, isUpright, numberSetting, textSetting } from "./settings.js";

const count = numberSetting("count", { or: isUpright() ? 3 : 5, min: 1, max: 20 });
const moveMs = 500;

const part = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** @type {Map<string, HTMLElement>} By the viewer's id. */
const rows = new Map();

/** @param {readonly Giver[]} board */
function show(board) {
  const top = board.slice(0, count);
  const tops = new Map([...rows.values()].map((row) => [row, row.getBoundingClientRect().top]));
  for (const [userId, row] of rows) {
    if (top.some((one) => one.userId === userId)) continue;
    row.remove();
    rows.delete(userId);
  }
  for (const [index, one] of top.entries()) {
    const row = rows.get(one.userId) ?? addRow(one);
    row.className = `sticker row rank-${index + 1}`;
    /** @type {HTMLElement} */ (row.querySelector(".rank")).textContent = String(index + 1);
    countTo(/** @type {HTMLElement} */ (row.querySelector(".diamonds")), one.diamonds);
    part("rows").append(row);
  }
  for (const row of rows.values()) move(row, tops.get(row));
  part("leaderboard").hidden = top.length === 0;
}

/** @param {Giver} one */
function addRow(one) {
  const diamonds = make("span", "diamonds number");
  const row = make(
    "li",
    "",
    make("span", "rank loud"),
    faceOf(one, "avatar"),
    nameOf(one),
    make("span", "sum loud", pictureOf("", "diamond", "small-icon"), diamonds),
  );
  rows.set(one.userId, row);
  return row;
}

/**
 * @param {HTMLElement} row
 * @param {number | undefined} before The previous position of its top; undefined if it is new.
 */
function move(row, before) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const distance = (before ?? NaN) - row.getBoundingClientRect().top;
  if (distance === 0) return;
  const from = before === undefined
    ? { opacity: 0, transform: "translateX(3rem)" }
    : { transform: `translateY(${distance}px)`, zIndex: distance > 0 ? 1 : 0 };
  row.animate([from, {}], { duration: moveMs, easing: "cubic-bezier(0.2, 1.1, 0.4, 1)" });
}

applyLook();
part("leaderboard").dataset.side = choiceSetting("side", ["right", "left"]);
part("title").textContent = textSetting("title", translated(msg("Top gifters")));
listen({ hello: ({ board }) => show(board), board: show });
