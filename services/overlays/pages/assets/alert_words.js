// @ts-check
/// <reference lib="dom" />
/** What an alert says after the viewer's name. */
/** @import { OverlayEvent } from "../../messages.ts" */
/** @import { Alert } from "./alert_queue.js" */
import { mixed, t } from "/livecue/language.js";
import { commentOf, format, formatMoney, make, wholeUnits } from "./elements.js";

/**
 * @param {Alert} alert
 * @returns {(Node | string)[]}
 */
export function wordsOf(alert) {
  return alert.isCrowd ? deedOfCrowd(alert, othersOf(alert)) : sentenceOf(alert.event);
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
 * Who else did it; null if it is one viewer alone.
 * @param {Alert} alert
 * @returns {(Node | string)[] | null}
 */
function othersOf({ viewers: [, second, ...more] }) {
  if (second === undefined) return null;
  if (more.length > 0) return [t`and ${format(more.length + 1)} others`];
  return mixed`and ${make("bdi", "what", second.name || second.handle || t`somebody`)}`;
}

/**
 * @param {Alert} alert
 * @param {(Node | string)[] | null} others
 * @returns {(Node | string)[]}
 */
function deedOfCrowd({ type, parts }, others) {
  const sum = make("span", "what", sumOf(parts));
  switch (type) {
    case "GiftEvent":
      return giftsOfCrowd(parts, others);
    case "SubscribeEvent":
      return others === null ? [t`subscribed!`] : mixed`${others} subscribed!`;
    case "FollowEvent":
      return others === null ? [t`is now following!`] : mixed`${others} are now following!`;
    case "ShareEvent":
      return others === null ? [t`shared the live!`] : mixed`${others} shared the live!`;
    case "DonationEvent":
      return others === null ? mixed`donated ${sum}!` : mixed`${others} donated ${sum}!`;
    case "MembershipEvent":
      return others === null ? [t`is a member now!`] : mixed`${others} are members now!`;
    case "OrderEvent":
      return others === null ? mixed`ordered for ${sum}!` : mixed`${others} ordered for ${sum}!`;
    default:
      return others === null ? [t`commented!`] : mixed`${others} commented!`;
  }
}

/**
 * @param {readonly OverlayEvent[]} parts
 * @param {(Node | string)[] | null} others
 * @returns {(Node | string)[]}
 */
function giftsOfCrowd(parts, others) {
  const [name, ...more] = new Set(parts.map(({ gift }) => gift?.name ?? ""));
  if (!name || more.length > 0) return others === null ? [t`sent gifts!`] : mixed`${others} sent gifts!`;
  const gift = make("bdi", "what", name);
  return others === null ? mixed`sent ${gift}` : mixed`${others} sent ${gift}`;
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
      return giftOf(event);
    case "SubscribeEvent":
      return [subscriptionOf(event)];
    case "FollowEvent":
      return [t`is now following!`];
    case "ShareEvent":
      return [t`shared the live!`];
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
function giftOf({ gift, receiver }) {
  const what = make("bdi", "what", gift?.name ?? t`a gift`);
  return receiver === "" ? mixed`sent ${what}` : mixed`sent ${what} to ${make("bdi", "what", receiver)}`;
}

/** @param {OverlayEvent} event */
function subscriptionOf({ subscription, count }) {
  if (subscription?.isSuperFan !== true) {
    return subscription?.isGifted ? t`was given a subscription!` : t`subscribed!`;
  }
  if (!subscription.isGifted) return t`is a Super Fan now!`;
  return count > 1 ? t`gave Super Fan boxes!` : t`gave a Super Fan box!`;
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
  if (event.comment === "") return money.length === 0 ? [t`donated!`] : mixed`donated ${money}!`;
  const comment = make("bdi", "", event.comment);
  return money.length === 0 ? mixed`donated: ${comment}` : mixed`donated ${money}: ${comment}`;
}

/**
 * @param {OverlayEvent} event
 * @returns {(Node | string)[]}
 */
function membershipOf({ payment }) {
  const tier = make("bdi", "what", payment?.tier || t`a membership`);
  if (payment?.action === "changed") return mixed`changed to ${tier}!`;
  if (payment?.action !== "renewed") return mixed`joined ${tier}!`;
  const { months } = payment;
  return months > 1 ? mixed`renewed ${tier} for month ${format(months)}!` : mixed`renewed ${tier}!`;
}

/**
 * @param {OverlayEvent} event
 * @returns {(Node | string)[]}
 */
function orderOf(event) {
  const items = event.payment?.items ?? [];
  if (items.length === 0) return mixed`ordered for ${moneyOf(event)}!`;
  const names = items.map(({ name, count }) => count > 1 ? `${name} ×${format(count)}` : name);
  return mixed`ordered ${make("bdi", "what", names.join(", "))}!`;
}
