// @ts-check
/// <reference lib="dom" />
/** The look of an alert: a sticker with a picture, the viewer's name, a sentence, and a badge that counts. */
/** @import { OverlayEvent } from "../../messages.ts" */
/** @import { Alert } from "./alert_queue.js" */
import {
  commentOf,
  countTo,
  format,
  formatMoney,
  make,
  nameOf,
  pictureNameOf,
  pictureOf,
  replay,
  wholeUnits,
} from "./elements.js";
import { faceOf } from "./pictures.js";

const confettiCount = 28;

/**
 * @param {Alert} alert
 * @param {string} size "small", "big" or "huge".
 */
export function makeAlert(alert, size) {
  const { event } = alert;
  const rays = make("div", "burst rays");
  const picture = make(
    "div",
    "medal",
    rays,
    make("div", "burst"),
    faceOf(event.user, "main"),
    tokenOf(event),
  );
  const count = make("span", "number outlined");
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
 * Shows the streak's new count.
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
  part(".alert").classList.toggle("counted", count > 1);
  part(".price").hidden = event.diamonds === 0;
  countTo(part(".price .number"), event.diamonds);
  countTo(part(".badge .number"), count, (value) => `×${format(value)}`);
  if (count > 1) replay(part(".badge"), "bump");
}

/**
 * The small picture beside the face: the gift, or the symbol of the event's type.
 * @param {OverlayEvent} event
 */
function tokenOf(event) {
  return pictureOf(event.gift?.imageUrl ?? "", pictureNameOf(event.type), "token");
}

/**
 * @param {OverlayEvent} event
 * @returns {(Node | string)[]}
 */
function sentenceOf(event) {
  if (event.alert?.text) return [event.alert.text];
  switch (event.type) {
    case "GiftEvent":
      return ["sent ", make("bdi", "what", event.gift?.name ?? "a gift"), ...toReceiver(event)];
    case "SubscribeEvent":
      return [subscriptionOf(event)];
    case "FollowEvent":
      return ["is now following!"];
    case "ShareEvent":
      return ["shared the live!"];
    case "DonationEvent":
      return donationOf(event);
    case "MembershipEvent":
      return membershipOf(event);
    case "OrderEvent":
      return orderOf(event);
    default:
      return commentOf(event);
  }
}

/**
 * @param {OverlayEvent} event
 * @returns {(Node | string)[]}
 */
function toReceiver({ receiver }) {
  return receiver === "" ? [] : [" to ", make("bdi", "what", receiver)];
}

/** @param {OverlayEvent} event */
function subscriptionOf({ subscription, count }) {
  if (subscription?.isSuperFan !== true) {
    return subscription?.isGifted ? "was given a subscription!" : "subscribed!";
  }
  if (!subscription.isGifted) return "is a Super Fan now!";
  return count > 1 ? "gave Super Fan boxes!" : "gave a Super Fan box!";
}

/**
 * @param {OverlayEvent} event
 * @returns {Node[]}
 */
function moneyOf({ payment }) {
  if (payment === null || payment.amount === 0) return [];
  const { amount, currency } = payment;
  return [make("span", "what", formatMoney(wholeUnits(amount, currency), currency, true))];
}

/**
 * @param {OverlayEvent} event
 * @returns {(Node | string)[]}
 */
function donationOf(event) {
  const money = moneyOf(event);
  const deed = money.length === 0 ? ["donated"] : ["donated ", ...money];
  return event.comment === "" ? [...deed, "!"] : [...deed, ": ", make("bdi", "", event.comment)];
}

/**
 * @param {OverlayEvent} event
 * @returns {(Node | string)[]}
 */
function membershipOf({ payment }) {
  const tier = make("bdi", "what", payment?.tier || "a membership");
  if (payment?.action === "changed") return ["changed to ", tier, "!"];
  if (payment?.action !== "renewed") return ["joined ", tier, "!"];
  return ["renewed ", tier, payment.months > 1 ? ` for month ${format(payment.months)}!` : "!"];
}

/**
 * @param {OverlayEvent} event
 * @returns {(Node | string)[]}
 */
function orderOf(event) {
  const items = event.payment?.items ?? [];
  if (items.length === 0) return ["ordered for ", ...moneyOf(event), "!"];
  const names = items.map(({ name, count }) => count > 1 ? `${name} ×${format(count)}` : name);
  return ["ordered ", make("bdi", "what", names.join(", ")), "!"];
}

/** A fixed number of paper dots that fly off. They are removed with the alert. */
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
