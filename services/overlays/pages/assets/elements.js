// @ts-check
/// <reference lib="dom" />
/** Creates elements. Viewers' texts are only ever inserted as text. */
import { formatNumber, t, tag } from "/livecue/language.js";
import { fit } from "./fit.js";
import { whenLoaded } from "./pictures.js";

export { formatNumber as format } from "/livecue/language.js";

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} classes
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, classes, ...children) {
  const element = document.createElement(tag);
  if (classes !== "") element.className = classes;
  element.append(...children);
  return element;
}

/**
 * A viewer's name, isolated from the direction of the text around it.
 * @param {{ name: string, handle: string }} user
 */
export function nameOf(user) {
  return fit(make("bdi", "name loud", user.name || user.handle || t`Somebody`));
}

/**
 * A picture. Until it is loaded, or if it is missing, the built-in one is shown.
 * @param {string} url
 * @param {string} builtIn The built-in picture's name in assets.
 * @param {string} classes
 */
export function pictureOf(url, builtIn, classes) {
  const picture = make("img", `picture ${classes}`);
  picture.alt = "";
  picture.src = `/assets/${builtIn}.svg`;
  whenLoaded(url, (src) => picture.src = src);
  return picture;
}

/**
 * A comment with its emotes.
 * @param {{ comment: string, emotes: readonly { at: number, imageUrl: string }[] }} event
 * @returns {Node[]}
 */
export function commentOf({ comment, emotes }) {
  /** @type {Node[]} */
  const parts = [];
  let end = 0;
  for (const { at, imageUrl } of emotes) {
    if (at > end) parts.push(make("bdi", "", comment.slice(end, at)));
    parts.push(pictureOf(imageUrl, "emote", "emote"));
    end = Math.max(end, at);
  }
  if (end < comment.length) parts.push(make("bdi", "", comment.slice(end)));
  return parts;
}

/** The number of decimal digits of an unknown currency. */
const usualDigits = 2;

/**
 * @param {string} currency A code such as "EUR", or "".
 * @param {Intl.NumberFormatOptions} [options]
 */
function moneyFormat(currency, options = {}) {
  return currency === ""
    ? new Intl.NumberFormat(tag, {
      minimumFractionDigits: usualDigits,
      maximumFractionDigits: usualDigits,
      ...options,
    })
    : new Intl.NumberFormat(tag, {
      style: "currency",
      currencyDisplay: "narrowSymbol",
      currency,
      ...options,
    });
}

/**
 * @param {number} amount In the currency's smallest unit.
 * @param {string} currency
 */
export function wholeUnits(amount, currency) {
  const { maximumFractionDigits: digits = usualDigits } = moneyFormat(currency).resolvedOptions();
  return amount / 10 ** digits;
}

/**
 * @param {number} units
 * @param {string} currency
 */
export function smallestUnits(units, currency) {
  return Math.round(units / wholeUnits(1, currency));
}

/**
 * Formats an amount, such as "€5.00". With `isShort`, zero cents are left out.
 * @param {number} units
 * @param {string} currency
 */
export function formatMoney(units, currency, isShort = false) {
  return moneyFormat(currency, isShort && Number.isInteger(units) ? { minimumFractionDigits: 0 } : {}).format(
    units,
  );
}

/** @type {Record<string, string>} */
const builtInPictures = {
  GiftEvent: "gift",
  SubscribeEvent: "subscribe",
  FollowEvent: "follow",
  ShareEvent: "share",
  LikeEvent: "like",
  DonationEvent: "donation",
  MembershipEvent: "membership",
  OrderEvent: "order",
};

/**
 * The name of the picture of an event type; the viewer's picture if the type has none.
 * @param {string} type
 */
export function pictureNameOf(type) {
  return builtInPictures[type] ?? "viewer";
}

const steps = 16;
const stepMs = 30;

/** @type {WeakMap<Element, { shown: number, timer: ReturnType<typeof setInterval> | undefined }>} */
const counters = new WeakMap();

/**
 * Counts from the number that the element shows up to the value. Uses a timer instead of animation frames, so that
 * the number is correct even while OBS does not draw the page.
 * @param {HTMLElement} element
 * @param {number} value
 * @param {(value: number) => string} [text]
 */
export function countTo(element, value, text = formatNumber) {
  const before = counters.get(element);
  if (before !== undefined) clearInterval(before.timer);
  const from = before?.shown ?? value;
  /** @type {{ shown: number, timer: ReturnType<typeof setInterval> | undefined }} */
  const counter = { shown: from, timer: undefined };
  fit(element, text(value));
  counters.set(element, counter);
  let step = value - from > 1 ? 0 : steps - 1;

  function next() {
    step++;
    counter.shown = step >= steps ? value : Math.round(from + (value - from) * (step / steps));
    element.textContent = text(counter.shown);
    if (step >= steps) clearInterval(counter.timer);
  }
  counter.timer = setInterval(next, stepMs);
  next();
}

/**
 * Restarts an animation of the style sheet.
 * @param {HTMLElement} element
 * @param {string} name Its class.
 */
export function replay(element, name) {
  element.classList.remove(name);
  // Reading the layout makes the removal take effect.
  element.getBoundingClientRect();
  element.classList.add(name);
}
