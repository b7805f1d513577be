// @ts-check
/// <reference lib="dom" />
/** The page of comments: the newest at one end, older ones move on, fade and go. */
/** @import { OverlayEvent } from "../../messages.ts" */
import { listen } from "./connection.js";
import { make, nameOf, pictureOf } from "./elements.js";
import { applyLook, choiceSetting, numberSetting } from "./settings.js";

const max = numberSetting("max", { or: 10, min: 1, max: 50 });
/** 0: they stay until others take their place. */
const fadeMs = 1000 * numberSetting("fade", { or: 60, min: 0, max: 3600 });
const leavingMs = 500;

const list = /** @type {HTMLElement} */ (document.getElementById("comments"));
let newestId = 0;

/**
 * @param {OverlayEvent} event
 * @param {number} [leftMs] Until it fades.
 */
function show(event, leftMs = fadeMs) {
  if (event.type !== "CommentEvent") return;
  newestId = Math.max(newestId, event.id);
  const comment = makeComment(event);
  list.append(comment);
  while (list.childElementCount > max) list.firstElementChild?.remove();
  if (fadeMs === 0) return;
  setTimeout(() => comment.classList.add("leaving"), leftMs - leavingMs);
  setTimeout(() => comment.remove(), leftMs);
}

/** @param {OverlayEvent} event */
function makeComment({ user, comment }) {
  const badges = user.roles
    .filter((role) => role === "moderator" || role === "subscriber")
    .map((role) => pictureOf("", role === "moderator" ? "moderator" : "subscribe", "role"));
  const who = make("span", `sticker who ${user.roles.join(" ")}`, ...badges, nameOf(user));
  const bubble = make("div", "sticker bubble", who, make("p", "words", comment));
  return make("li", "comment", pictureOf(user.avatarUrl, "viewer", "avatar"), bubble);
}

/**
 * What was missed, and what was there when the page was opened anew.
 * @param {readonly OverlayEvent[]} recent
 */
function catchUp(recent) {
  for (const event of recent.filter(({ id }) => id > newestId)) {
    const leftMs = fadeMs - (Date.now() - event.at);
    if (fadeMs === 0 || leftMs > leavingMs) show(event, leftMs);
  }
}

applyLook();
list.dataset.direction = choiceSetting("direction", ["up", "down"]);
list.dataset.side = choiceSetting("side", ["left", "right"]);
listen({ event: (event) => show(event), hello: ({ recent }) => catchUp(recent) });
