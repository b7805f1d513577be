// @ts-check
/// <reference lib="dom" />
/** Elements. Text only ever goes in as text, and pictures only from where TikTok keeps its own. */

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
 * A viewer's name, apart from the text around it.
 * @param {{ name: string, handle: string }} user
 */
export function nameOf(user) {
  return make("bdi", "name loud", user.name || user.handle || "Somebody");
}

/**
 * A picture, and the built-in one where it is missing or does not load.
 * @param {string} url
 * @param {string} builtIn Its name in assets.
 * @param {string} classes
 */
export function pictureOf(url, builtIn, classes) {
  const picture = make("img", `picture ${classes}`);
  picture.alt = "";
  picture.referrerPolicy = "no-referrer";
  const own = `/assets/${builtIn}.svg`;
  picture.onerror = () => {
    picture.onerror = null;
    picture.src = own;
  };
  picture.src = url.startsWith("https://") ? url : own;
  return picture;
}

/**
 * A comment with its emotes at their places.
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

const grouped = new Intl.NumberFormat("en");

/** @param {number} value */
export function format(value) {
  return grouped.format(value);
}

/** What a page cannot know by the name of a currency: any three letters may be one. */
const usualDigits = 2;

/**
 * @param {string} currency As "EUR", or "".
 * @param {Intl.NumberFormatOptions} [options]
 */
function moneyFormat(currency, options = {}) {
  return currency === ""
    ? new Intl.NumberFormat("en", {
      minimumFractionDigits: usualDigits,
      maximumFractionDigits: usualDigits,
      ...options,
    })
    : new Intl.NumberFormat("en", {
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
 * "€5.00"; cents are left out where there are none and `isShort`.
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
 * The name of the picture of a type; that of a viewer where it has none.
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
 * Counts up to the value, from what the element showed before. A timer and not a frame: where OBS does not draw the
 * page, it stands right all the same.
 * @param {HTMLElement} element
 * @param {number} value
 * @param {(value: number) => string} [text]
 */
export function countTo(element, value, text = format) {
  const before = counters.get(element);
  if (before !== undefined) clearInterval(before.timer);
  const from = before?.shown ?? value;
  /** @type {{ shown: number, timer: ReturnType<typeof setInterval> | undefined }} */
  const counter = { shown: from, timer: undefined };
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
 * Plays an animation of the style sheet once more.
 * @param {HTMLElement} element
 * @param {string} name Its class.
 */
export function replay(element, name) {
  element.classList.remove(name);
  // Reading the layout is what makes the removal count.
  element.getBoundingClientRect();
  element.classList.add(name);
}
