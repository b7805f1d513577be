// @ts-check
/// <reference lib="dom" />
/** What an alert says after the viewer's name. */
/** @import { OverlayEvent } from "../../messages.ts" */
/** @import { Alert } from "./alert_queue.js" */
import { commentOf, format, formatMoney, make, wholeUnits } from "./elements.js";

/**
 * @param {Alert} alert
 * @returns {(Node | string)[]}
 */
export function wordsOf(alert) {
  return alert.isCrowd ? [...othersOf(alert), ...deedOfCrowd(alert)] : sentenceOf(alert.event);
}

/**
 * Whether the words have the viewer's name in their midst, so that it needs no line of its own.
 * @param {Alert} alert
 */
export function hasNameInWords({ isCrowd, event }) {
  return !isCrowd && event.alert?.namesViewer === true && wordsAfterName(event) === null;
}

/**
 * What the text of a rule says after the viewer's name; null if it does not begin with the name.
 * @param {OverlayEvent} event
 */
function wordsAfterName({ alert, user }) {
  const name = user.name || user.handle;
  if (name === "" || !alert?.namesViewer || !alert.text.startsWith(name)) return null;
  const words = alert.text.slice(name.length);
  return /^(?:\s|$)/.test(words) ? words.trimStart() : null;
}

/**
 * @param {Alert} alert
 * @returns {(Node | string)[]}
 */
function othersOf({ viewers: [, second, ...more] }) {
  if (second === undefined) return [];
  if (more.length > 0) return [`and ${format(more.length + 1)} others `];
  return ["and ", make("bdi", "what", second.name || second.handle || "somebody"), " "];
}

/**
 * @param {Alert} alert
 * @returns {(Node | string)[]}
 */
function deedOfCrowd({ type, parts, viewers }) {
  const [gift, ...gifts] = new Set(parts.map(({ gift }) => gift?.name ?? ""));
  switch (type) {
    case "GiftEvent":
      return gift && gifts.length === 0 ? ["sent ", make("bdi", "what", gift)] : ["sent gifts!"];
    case "SubscribeEvent":
      return ["subscribed!"];
    case "FollowEvent":
      return [viewers.length > 1 ? "are now following!" : "is now following!"];
    case "ShareEvent":
      return ["shared the live!"];
    case "DonationEvent":
      return ["donated ", make("span", "what", sumOf(parts)), "!"];
    case "MembershipEvent":
      return [viewers.length > 1 ? "are members now!" : "is a member now!"];
    case "OrderEvent":
      return ["ordered for ", make("span", "what", sumOf(parts)), "!"];
    default:
      return ["commented!"];
  }
}

/**
 * The amounts by currency: "€15 + $3".
 * @param {readonly OverlayEvent[]} parts
 */
function sumOf(parts) {
  /** @type {Map<string, number>} */
  const sums = new Map();
  for (const { payment } of parts) {
    if (payment !== null) sums.set(payment.currency, (sums.get(payment.currency) ?? 0) + payment.amount);
  }
  return [...sums].map(([currency, amount]) => formatMoney(wholeUnits(amount, currency), currency, true))
    .join(" + ");
}

/**
 * @param {OverlayEvent} event
 * @returns {(Node | string)[]}
 */
function sentenceOf(event) {
  if (event.alert?.text) return [wordsAfterName(event) ?? event.alert.text];
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
