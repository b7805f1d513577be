// @ts-check
/// <reference lib="dom" />
/** The page of comments. New ones appear at one end; older ones move on and fade out. */
/** @import { OverlayEvent } from "../../messages.ts" */
import { listen } from "./connection.js";
import { commentOf, make, nameOf, pictureOf } from "./elements.js";
import { faceOf } from "./pictures.js";
import { applyLook, choiceSetting, numberSetting } from "./settings.js";

const max = numberSetting("max", { or: 10, min: 1, max: 50 });
/** 0: comments stay until new ones replace them. */
const fadeMs = 1000 * numberSetting("fade", { or: 60, min: 0, max: 3600 });
const leavingMs = 500;
const lookMs = 250;
/** The number of colors in the style sheet. */
const colorCount = 3;

/** @type {WeakMap<Element, number>} In the page's own milliseconds. */
const fadeTimes = new WeakMap();
/** @type {WeakMap<Element, number>} */
const ids = new WeakMap();
const list = /** @type {HTMLElement} */ (document.getElementById("comments"));
let newestId = 0;
/**
 * The latest comments that came while the page is hidden: the browser would keep their elements until the page is drawn
 * again.
 * @type {{ event: OverlayEvent, fadesAt: number }[]}
 */
let held = [];

/**
 * @param {OverlayEvent} event
 * @param {number} [leftMs] The time until it fades.
 */
function show(event, leftMs = fadeMs) {
  if (event.type !== "CommentEvent" || (event.comment === "" && event.emotes.length === 0)) return;
  // A new connection may repeat events of the previous one.
  if ([...list.children].some((one) => ids.get(one) === event.id)) return;
  newestId = Math.max(newestId, event.id);
  const fadesAt = performance.now() + leftMs;
  if (document.hidden) held = [...held, { event, fadesAt }].slice(-max);
  else add(event, fadesAt);
}

function showHeld() {
  if (document.hidden) return;
  const now = performance.now();
  for (const { event, fadesAt } of held) {
    if (fadeMs === 0 || fadesAt > now + leavingMs) add(event, fadesAt);
  }
  held = [];
}

/**
 * @param {OverlayEvent} event
 * @param {number} fadesAt
 */
function add(event, fadesAt) {
  const comment = makeComment(event);
  ids.set(comment, event.id);
  fadeTimes.set(comment, fadesAt);
  list.append(comment);
  while (list.childElementCount > max) list.firstElementChild?.remove();
  while (list.childElementCount > 1 && isOutside(list.firstElementChild)) list.firstElementChild?.remove();
}

/**
 * Whether a comment has left the area of the chat.
 * @param {Element | null} comment
 */
function isOutside(comment) {
  if (!(comment instanceof HTMLElement)) return false;
  const { offsetTop, offsetHeight } = comment;
  return offsetTop < 0 || offsetTop + offsetHeight > list.clientHeight;
}

/** Checks all comments at once, because timers of their own would keep removed comments in memory. */
function fade() {
  for (const comment of [...list.children]) {
    const leftMs = (fadeTimes.get(comment) ?? 0) - performance.now();
    if (leftMs <= 0) comment.remove();
    else if (leftMs <= leavingMs) comment.classList.add("leaving");
  }
}

/** @param {OverlayEvent} event */
function makeComment(event) {
  const { user } = event;
  const badges = user.roles
    .filter((role) => role === "moderator" || role === "subscriber")
    .map((role) => pictureOf("", role === "moderator" ? "moderator" : "subscribe", "role"));
  const classes = ["sticker who", `color-${colorOf(user)}`, ...user.roles].join(" ");
  const who = make("span", classes, ...badges, nameOf(user));
  const bubble = make("div", "sticker bubble", who, make("p", "words", ...commentOf(event)));
  return make("li", "comment", faceOf(user, "avatar"), bubble);
}

/**
 * Each viewer always has the same color.
 * @param {OverlayEvent["user"]} user
 */
function colorOf({ id }) {
  return [...id].reduce((sum, character) => sum + character.charCodeAt(0), 0) % colorCount;
}

/**
 * Shows the comments that were missed, or that came before the page was opened.
 * @param {readonly OverlayEvent[]} recent
 */
function catchUp(recent) {
  for (const event of recent.filter(({ id }) => id > newestId)) {
    const leftMs = fadeMs - event.ageMs;
    if (fadeMs === 0 || leftMs > leavingMs) show(event, leftMs);
  }
}

applyLook();
if (fadeMs > 0) setInterval(fade, lookMs);
document.addEventListener("visibilitychange", showHeld);
list.dataset.direction = choiceSetting("direction", ["up", "down"]);
list.dataset.side = choiceSetting("side", ["left", "right"]);
listen({ event: (event) => show(event), hello: ({ recent }) => catchUp(recent) });
