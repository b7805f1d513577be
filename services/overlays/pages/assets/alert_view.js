// @ts-check
/// <reference lib="dom" />
/** How one alert looks: a sticker with a picture, who and what, and a badge that counts. */
/** @import { OverlayEvent } from "../../messages.ts" */
/** @import { Alert } from "./alert_queue.js" */
import { countTo, format, make, nameOf, pictureOf, replay } from "./elements.js";

const builtInPictures = {
  GiftEvent: "gift",
  SubscribeEvent: "subscribe",
  FollowEvent: "follow",
  ShareEvent: "share",
};
const confettiCount = 28;

/**
 * @param {Alert} alert
 * @param {string} size "small", "big" or "huge".
 */
export function makeAlert(alert, size) {
  const { event } = alert;
  const picture = make(
    "div",
    "medal",
    make("div", "burst rays"),
    make("div", "burst"),
    pictureOfEvent(event),
  );
  const count = make("span", "number");
  const badge = make("div", "badge loud", make("div", "burst"), count);
  const text = make("div", "text", nameOf(event.user), make("p", "words"));
  const diamonds = make("span", "number");
  const price = make("p", "price loud", pictureOf("", "diamond", "small-icon"), diamonds);
  const sticker = make(
    "article",
    `sticker alert ${event.type}`,
    picture,
    make("div", "body", text, price),
    badge,
  );
  const element = make("div", "placed", sticker);
  updateAlert(element, alert, size);
  return element;
}

/**
 * Shows what the streak has come to.
 * @param {HTMLElement} element
 * @param {Alert} alert
 * @param {string} size
 */
export function updateAlert(element, alert, size) {
  const { event, count } = alert;
  const part = (
    /** @type {string} */ selector,
  ) => /** @type {HTMLElement} */ (element.querySelector(selector));
  if (element.dataset.size !== size) {
    element.dataset.size = size;
    if (size !== "small") replay(element, "growing");
    if (size === "huge") element.prepend(makeConfetti());
  }
  part(".words").replaceChildren(...sentenceOf(event));
  part(".badge").hidden = count < 2;
  part(".price").hidden = event.diamonds === 0;
  countTo(part(".price .number"), event.diamonds);
  countTo(part(".badge .number"), count, (value) => `×${format(value)}`);
  if (count > 1) replay(part(".badge"), "bump");
}

/** @param {OverlayEvent} event */
function pictureOfEvent(event) {
  const builtIn = builtInPictures[/** @type {"GiftEvent"} */ (event.type)];
  if (event.gift !== null) return pictureOf(event.gift.imageUrl, "gift", "main");
  return builtIn === undefined
    ? pictureOf(event.user.avatarUrl, "viewer", "main")
    : pictureOf("", builtIn, "main");
}

/**
 * @param {OverlayEvent} event
 * @returns {(Node | string)[]}
 */
function sentenceOf(event) {
  if (event.alert?.text) return [event.alert.text];
  switch (event.type) {
    case "GiftEvent":
      return ["sent ", make("bdi", "what", event.gift?.name ?? "a gift")];
    case "SubscribeEvent":
      return ["subscribed!"];
    case "FollowEvent":
      return ["is now following!"];
    case "ShareEvent":
      return ["shared the live!"];
    default:
      return [event.comment];
  }
}

/** Paper dots that fly off; a fixed number, gone with the alert. */
function makeConfetti() {
  const confetti = make("div", "confetti");
  for (let index = 0; index < confettiCount; index++) {
    const piece = make("i", "");
    const angle = (index / confettiCount) * 2 * Math.PI;
    const reach = 14 + 9 * ((index * 7) % 5) / 4;
    piece.style.setProperty("--x", `${(1.7 * reach * Math.cos(angle)).toFixed(1)}rem`);
    piece.style.setProperty("--y", `${(reach * Math.sin(angle)).toFixed(1)}rem`);
    piece.style.setProperty("--turn", `${(index * 97) % 720 - 360}deg`);
    piece.style.setProperty("--wait", `${(index * 37) % 200}ms`);
    confetti.append(piece);
  }
  return confetti;
}
