// @ts-check
/** The five sizes of an alert, by its worth: from a chip to the whole picture. */

/** @typedef {"chip" | "small" | "big" | "huge" | "full"} Size */

/** @type {readonly Size[]} From the smallest. */
export const sizes = ["chip", "small", "big", "huge", "full"];

/** From this size on, an alert interrupts a smaller one. */
const cutsInFrom = "big";

/**
 * The worth from which an alert has each size. Below `small`, it is a chip.
 * @typedef {Record<Exclude<Size, "chip">, number>} Thresholds
 */

/**
 * @param {number} worth
 * @param {Thresholds} thresholds
 * @returns {Size}
 */
export function sizeOf(worth, thresholds) {
  const fitting = sizes.filter((size) => size !== "chip" && worth >= thresholds[size]);
  return fitting.at(-1) ?? "chip";
}

/**
 * @param {Size} one
 * @param {Size} other
 */
export function isLarger(one, other) {
  return sizes.indexOf(one) > sizes.indexOf(other);
}

/**
 * @param {Size} size
 * @param {Size} shown
 */
export function cutsIn(size, shown) {
  return !isLarger(cutsInFrom, size) && isLarger(size, shown);
}
