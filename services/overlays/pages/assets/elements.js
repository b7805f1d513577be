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

const grouped = new Intl.NumberFormat("en");

/** @param {number} value */
export function format(value) {
  return grouped.format(value);
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
