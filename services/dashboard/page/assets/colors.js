// @ts-check
/// <reference lib="dom" />
/** The style sheet's colors, for what is drawn. They change with the light or dark scheme. */

const lineCount = 8;
/** @type {Map<string, string>} */
const known = new Map();

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => known.clear());

/** @param {string} name */
export function colorOf(name) {
  const color = known.get(name) ?? getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  known.set(name, color);
  return color;
}

/** @param {number} index */
export function lineColorName(index) {
  return `--line-${index % lineCount}`;
}
