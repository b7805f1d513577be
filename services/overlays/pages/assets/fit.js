// @ts-check
/// <reference lib="dom" />
/**
 * Keeps texts in their place. `fit` tells the style sheet how long a text is, and its class "fitted" makes a long one
 * smaller. Nothing is measured, so that a text has its size before it is drawn.
 */

/** Letters that are about twice as wide as those of Latin: of East Asia, and emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;

const letters = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * The room that a text takes, in letters of Latin.
 * @param {string} text
 */
export function lengthOf(text) {
  return [...letters.segment(text)].reduce((sum, { segment }) => sum + (wide.test(segment) ? 2 : 1), 0);
}

/**
 * The text with at most this many letters, of which the last one is "…" if some are left out.
 * @param {string} text
 * @param {number} most
 */
export function shortened(text, most) {
  const all = [...letters.segment(text)].map(({ segment }) => segment);
  return all.length > most ? `${all.slice(0, most - 1).join("")}…` : text;
}

/**
 * Makes an element's text smaller if it has more than `--room` letters, down to `--smallest` of its size `--text`.
 * @template {HTMLElement} Element
 * @param {Element} element
 * @param {string} [text] The longest text that it is about to show.
 */
export function fit(element, text = element.textContent ?? "") {
  element.classList.add("fitted");
  element.style.setProperty("--letters", String(Math.max(1, lengthOf(text))));
  return element;
}
