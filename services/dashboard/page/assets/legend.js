// @ts-check
/// <reference lib="dom" />
/** The channels of a chart: their values, now or under the cursor, and their downloads. */
/** @import { ShownChannel } from "../../messages.ts" */
/** @import { Span } from "./chart.js" */
import { address } from "/livecue/page.js";
import { element } from "/livecue/elements.js";
import { t } from "/livecue/language.js";
import { lineColorName } from "./colors.js";
import { ageText, momentText, quantity } from "./words.js";

/** @typedef {{ channel: ShownChannel, value: HTMLElement, extremes: HTMLElement, csv: HTMLAnchorElement }} Entry */

export class Legend {
  /** @type {Entry[]} */
  #entries;
  #time = element("p", { className: "time" });
  /** @type {number | null} */
  #cursorAt = null;
  #now = 0;

  /** @param {ShownChannel[]} channels */
  constructor(channels) {
    this.#entries = channels.map((channel) => ({
      channel: { ...channel },
      value: element("strong"),
      extremes: element("small"),
      csv: element("a", { textContent: "CSV", title: t`Download the readings of this span` }),
    }));
    const list = element(
      "ul",
      {},
      ...this.#entries.map(({ channel, value, extremes, csv }, index) => {
        const mark = element("span", { className: "color" });
        mark.style.background = `var(${lineColorName(index)})`;
        const name = element("span", { className: "name", textContent: channel.name, title: channel.key });
        return element("li", {}, mark, name, value, extremes, csv);
      }),
    );
    this.root = element("div", { className: "legend" }, list, this.#time);
  }

  /** @param {Span} span */
  setSpan({ from, to }) {
    const query = { from: String(Math.floor(from)), to: String(Math.ceil(to)) };
    for (const { channel: { source, item }, csv } of this.#entries) {
      csv.href = address("/csv", { source, item, ...query });
    }
  }

  /**
   * @param {string} key
   * @param {number} at
   * @param {number} value
   */
  setLatest(key, at, value) {
    for (const { channel } of this.#entries) if (channel.key === key) Object.assign(channel, { at, value });
    this.#showLatest();
  }

  /** @param {number} now */
  showAges(now) {
    this.#now = now;
    this.#showLatest();
  }

  /**
   * `valueAt` gives the mean (0), the low (1) or the high (2) of a channel.
   * @param {number | null} at null: there is no cursor.
   * @param {(line: number, column: 0 | 1 | 2) => number | null} valueAt
   */
  showCursor(at, valueAt) {
    this.#cursorAt = at;
    if (at === null) return this.#showLatest();
    this.#time.textContent = momentText(at);
    for (const [index, { channel: { unit }, value, extremes }] of this.#entries.entries()) {
      const [mean, low, high] = [valueAt(index, 0), valueAt(index, 1), valueAt(index, 2)];
      const hasExtremes = low !== null && high !== null && low !== high;
      value.textContent = mean === null ? t`no reading` : quantity(mean, unit);
      extremes.textContent = hasExtremes ? t`${quantity(low, "")} to ${quantity(high, "")}` : "";
    }
  }

  #showLatest() {
    if (this.#cursorAt !== null) return;
    for (const { channel: { value: latest, unit }, value, extremes } of this.#entries) {
      value.textContent = quantity(latest, unit);
      extremes.textContent = "";
    }
    const newest = Math.max(...this.#entries.map(({ channel: { at } }) => at));
    this.#time.textContent = t`last reading ${ageText(this.#now - newest)}`;
  }
}
