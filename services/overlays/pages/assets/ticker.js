// @ts-check
/// <reference lib="dom" />
/** The page of the latest events in a line. The newest enters on the left and pushes the others to the right. */
/** @import { OverlayEvent } from "../../messages.ts" */
import { counted, mixed, noun, t } from "/livecue/language.js";
import { listen } from "./connection.js";
import {
  commentOf,
  format,
  formatMoney,
  make,
  nameOf,
  pictureNameOf,
  pictureOf,
  wholeUnits,
} from "./elements.js";
import { applyLook, choiceSetting, numberSetting, typesSetting } from "./settings.js";

const types = typesSetting() ?? new Set([
  "GiftEvent",
  "SubscribeEvent",
  "FollowEvent",
  "ShareEvent",
  "DonationEvent",
  "MembershipEvent",
  "OrderEvent",
]);
const max = numberSetting("max", { or: 12, min: 1, max: 30 });
const moveMs = 450;

const line = /** @type {HTMLElement} */ (document.getElementById("line"));
/** @type {Map<string, HTMLElement>} By streak id or event id. */
const entries = new Map();
let newestId = 0;
/** Every other entry is tilted. */
let isTilted = false;

/** @param {OverlayEvent} event */
function show(event) {
  if (!types.has(event.type)) return;
  newestId = Math.max(newestId, event.id);
  const key = event.streakId ?? `event ${event.id}`;
  const known = entries.get(key);
  const content = contentOf(event);
  if (known !== undefined) return known.replaceChildren(...content);
  isTilted = !isTilted;
  const entry = make("li", `sticker entry ${isTilted ? "tilted" : ""} ${event.type}`, ...content);
  entries.set(key, entry);
  line.prepend(entry);
  for (const [oldest, old] of entries) {
    if (entries.size <= max) break;
    entries.delete(oldest);
    old.remove();
  }
  moveOn(entry);
}

/** @param {HTMLElement} entry The new entry. */
function moveOn(entry) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const distance = entry.offsetWidth;
  line.animate([{ transform: `translateX(${-distance}px)` }, {}], {
    duration: moveMs,
    easing: "cubic-bezier(0.2, 0.9, 0.3, 1)",
  });
}

/**
 * @param {OverlayEvent} event
 * @returns {Node[]}
 */
function contentOf(event) {
  const picture = pictureOf(event.gift?.imageUrl ?? "", pictureNameOf(event.type), "what");
  return [picture, nameOf(event.user), make("span", "words", ...deedOf(event))];
}

/**
 * @param {OverlayEvent} event
 * @returns {(Node | string)[]}
 */
function deedOf(event) {
  switch (event.type) {
    case "GiftEvent":
      return [make("bdi", "what", event.gift?.name ?? t`Gift`), make("span", "count", countOf(event))];
    case "LikeEvent":
      return [counted(event.total, noun("like"))];
    case "CommentEvent":
      return commentOf(event);
    case "SubscribeEvent":
      return [event.total > 1 ? t`gave ${format(event.total)} subscriptions` : t`subscribed`];
    case "FollowEvent":
      return [t`follows`];
    case "ShareEvent":
      return [t`shared`];
    case "DonationEvent":
      return [moneyOf(event) === "" ? t`donated` : t`donated ${moneyOf(event)}`];
    case "MembershipEvent":
      return [make("bdi", "", event.payment?.tier || t`is a member`)];
    case "OrderEvent":
      return mixed`ordered ${make("bdi", "", event.payment?.items[0]?.name ?? "")}`;
    default:
      return [t`is here`];
  }
}

/** @param {OverlayEvent} event */
function countOf({ total }) {
  return total > 1 ? ` ×${format(total)}` : "";
}

/** @param {OverlayEvent} event */
function moneyOf({ payment }) {
  if (payment === null || payment.amount === 0) return "";
  return formatMoney(wholeUnits(payment.amount, payment.currency), payment.currency, true);
}

applyLook();
document.body.dataset.position = choiceSetting("position", ["bottom", "top"]);
listen({
  event: show,
  hello: ({ recent }) => recent.filter(({ id }) => id > newestId).forEach((event) => show(event)),
});
