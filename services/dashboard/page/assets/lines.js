// @ts-check
/// <reference lib="dom" />
/** The readings of one channel in a chart. */
/** @import { ShownSeries } from "../../messages.ts" */

/** @typedef {(number | null)[]} Column */
/** @typedef {[number[], Column, Column, Column]} Table Times, then means, lows and highs, with null in gaps. */

/** A line is not interrupted by pauses of so many usual distances of its points. */
const usualDistances = 3;

export class Line {
  /** @type {ShownSeries} */
  #series = { stepMs: 0, at: [], mean: [], low: [], high: [] };

  /** @param {ShownSeries} series */
  replace(series) {
    const last = this.#lastAt;
    const newer = { ...this.#series };
    this.#series = series;
    // A reading may have come after the answer was made.
    const from = newer.at.findIndex((at) => at > this.#lastAt);
    if (from === -1 || last === -Infinity) return;
    for (let index = from; index < newer.at.length; index++) {
      this.add(newer.at[index] ?? 0, newer.mean[index] ?? 0);
    }
  }

  /**
   * Adds a reading that has just come. One that is late is shown after the next `replace`.
   * @param {number} at
   * @param {number} value
   */
  add(at, value) {
    if (at <= this.#lastAt) return;
    const { at: times, mean, low, high } = this.#series;
    times.push(at);
    for (const column of [mean, low, high]) column.push(value);
  }

  get #lastAt() {
    return this.#series.at[this.#series.at.length - 1] ?? -Infinity;
  }

  /**
   * @param {number} gapMs
   * @returns {Table}
   */
  table(gapMs) {
    const { at, mean, low, high, stepMs } = this.#series;
    const longestMs = Math.max(gapMs, 2 * stepMs, usualDistances * usualDistance(at));
    /** @type {Table} */
    const table = [[], [], [], []];
    for (const [index, moment] of at.entries()) {
      const before = at[index - 1];
      if (before !== undefined && moment - before > longestMs) {
        // At both ends, so that the cursor finds no reading anywhere in between.
        for (const end of [before + 1, moment - 1]) append(table, end, [null, null, null]);
      }
      append(table, moment, [mean[index] ?? null, low[index] ?? null, high[index] ?? null]);
    }
    return table;
  }
}

/**
 * @param {Table} table
 * @param {number} at
 * @param {Column} values
 */
function append([times, ...columns], at, values) {
  times.push(at);
  for (const [index, column] of columns.entries()) column.push(values[index] ?? null);
}

/** @param {number[]} at */
function usualDistance(at) {
  const distances = at.slice(1).map((moment, index) => moment - (at[index] ?? 0)).sort((a, b) => a - b);
  return distances[distances.length >> 1] ?? 0;
}
