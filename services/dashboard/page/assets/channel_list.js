// @ts-check
/// <reference lib="dom" />
/** All channels, by search, each with its newest value. A box adds a chart. */
/** @import { ShownChannel } from "../../messages.ts" */
import { element, part } from "/livecue/elements.js";
import { t } from "/livecue/language.js";
import { ageText, quantity } from "./words.js";

const maxShown = 100;

const search = part("search", HTMLInputElement);
const list = part("channel-list", HTMLUListElement);
const more = part("channel-more", HTMLElement);

export class ChannelList {
  /** @type {ShownChannel[]} */
  #channels = [];
  /** @type {Map<string, HTMLElement>} The values of the shown channels. */
  #values = new Map();
  #now = 0;

  /** @param {{ isCharted: (key: string) => boolean, onChart: (key: string, isOn: boolean) => void }} on */
  constructor({ isCharted, onChart }) {
    this.#isCharted = isCharted;
    this.#onChart = onChart;
    search.addEventListener("input", () => this.#showList());
  }

  #isCharted;
  #onChart;

  /**
   * @param {ShownChannel[]} channels
   * @param {number} now
   */
  show(channels, now) {
    this.#channels = channels;
    this.#now = now;
    part("channels", HTMLElement).hidden = channels.length === 0;
    part("channel-count", HTMLElement).textContent = `(${channels.length})`;
    this.#showList();
  }

  /** @param {number} now */
  showValues(now) {
    this.#now = now;
    for (const channel of this.#channels) {
      const value = this.#values.get(channel.key);
      if (value !== undefined) value.textContent = this.#valueText(channel);
    }
  }

  #showList() {
    const words = search.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
    const found = this.#channels.filter(({ key, name, unit }) => {
      const text = `${key} ${name} ${unit}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    this.#values.clear();
    list.replaceChildren(...found.slice(0, maxShown).map((channel) => this.#entry(channel)));
    more.textContent = found.length === 0
      ? t`No channel matches.`
      : found.length > maxShown
      ? t`${found.length - maxShown} more channels match. Search to see them.`
      : "";
  }

  /** @param {ShownChannel} channel */
  #entry(channel) {
    const { key, name } = channel;
    const box = element("input", { type: "checkbox", checked: this.#isCharted(key) });
    box.addEventListener("change", () => this.#onChart(key, box.checked));
    const value = element("span", { className: "value", textContent: this.#valueText(channel) });
    this.#values.set(key, value);
    const names = element("span", { className: "name" }, name, element("small", { textContent: key }));
    return element("li", {}, element("label", {}, box, names, value));
  }

  /** @param {ShownChannel} channel */
  #valueText({ value, unit, at }) {
    return `${quantity(value, unit)} · ${ageText(this.#now - at)}`;
  }
}
