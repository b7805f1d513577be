// @ts-check
/// <reference lib="dom" />
/** The style sheet's colours, for what is drawn. They change with the light or dark scheme. */

const lineCount = 8;
/** @type {Map<string, string>} */
const known = new Map();

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => known.clear());

/** @param {string} name */
export function colourOf(name) {
  const colour = known.get(name) ?? getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  known.set(name, colour);
  return colour;
}

/** @param {number} index */
export function lineColourName(index) {
  return `--line-${index % lineCount}`;
}
