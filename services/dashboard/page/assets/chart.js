// @ts-check
/// <reference lib="dom" />
/** A chart of one or several channels, with its values, its detections and its downloads. */
/** @import { ShownChannel, ShownChart, ShownDetection, ShownSeries } from "../../messages.ts" */
/** @typedef {{ from: number, to: number }} Span */
import { address } from "/livecue/page.js";
import { element } from "/livecue/elements.js";
import uPlot from "/assets/uplot.js";
import { t } from "/livecue/language.js";
import { plotOptions } from "./plot.js";
import { Legend } from "./legend.js";
import { Line } from "./lines.js";
import { drawMarks } from "./marks.js";
import { followFinger, shortestDragPx } from "./touch.js";
import { momentText } from "./words.js";

const listed = 5;
const maxPoints = 2000;

export class Chart {
  /** @type {Map<string, Line>} */
  #lines = new Map();
  /** @type {ShownDetection[]} The newest first. */
  #detections = [];
  /** @type {Span} */
  #span = { from: 0, to: 1 };
  #asked = 0;
  #plotPlace = element("div", { className: "plot" });
  #list = element("ul", { className: "detections" });

  /**
   * @param {ShownChart} shown
   * @param {ShownChannel[]} channels Those of the chart, in its order.
   * @param {{ onSpan: (span: Span) => void, onBack: () => void, onRemove: (() => void) | null }} on
   */
  constructor(shown, channels, { onSpan, onBack, onRemove }) {
    this.shown = shown;
    this.channels = channels;
    for (const { key } of channels) this.#lines.set(key, new Line());
    this.#legend = new Legend(channels);
    const title = shown.title || channels.map(({ name }) => name).join(", ");
    const heading = element("header", {}, element("h2", { textContent: title }));
    if (onRemove !== null) {
      heading.append(element("button", { type: "button", textContent: t`Remove`, onclick: onRemove }));
    }
    const more = shown.more === 0 ? [] : [element("p", {
      className: "more",
      textContent: t`${shown.more} more channels match. Make another chart for them.`,
    })];
    this.root = element(
      "section",
      { className: "chart" },
      heading,
      this.#legend.root,
      ...more,
      this.#plotPlace,
      this.#list,
    );
    this.#onSpan = onSpan;
    this.#onBack = onBack;
  }

  #legend;
  #onSpan;
  #onBack;
  /** @type {uPlot | null} */
  #plot = null;

  /** Draws it. The chart must be in the page, because it takes its width from there. */
  open() {
    const plot = new uPlot(
      plotOptions(this.channels, {
        width: this.#plotPlace.clientWidth,
        draw: (plot) => drawMarks(plot, this.#visibleDetections()),
        setSelect: (plot) => {
          if (plot.select.width >= shortestDragPx) this.#select(plot);
        },
        setCursor: () => this.#showCursor(),
      }),
      /** @type {any} */ ([[], ...this.channels.flatMap(() => [[], [], []])]),
      this.#plotPlace,
    );
    this.#plot = plot;
    plot.over.addEventListener("dblclick", () => this.#onBack());
    followFinger(plot, () => this.#select(plot));
    this.#resizing.observe(this.#plotPlace);
    this.#draw();
  }

  #resizing = new ResizeObserver(() => {
    this.#plot?.setSize({ width: this.#plotPlace.clientWidth, height: this.#plot.height });
  });

  close() {
    this.#resizing.disconnect();
    this.#plot?.destroy();
    this.root.remove();
  }

  redraw() {
    this.#plot?.redraw();
  }

  /** @param {Span} span */
  show(span) {
    this.#span = span;
    this.#legend.setSpan(span);
    this.#draw();
  }

  /** Asks for the readings of its span. Resolves to whether all answers came. */
  async load() {
    const asked = ++this.#asked;
    const { from, to } = this.#span;
    const early = Math.max(0, Math.floor(from - Math.min(this.shown.gapMs, (to - from) / 10)));
    const points = String(Math.min(maxPoints, Math.max(100, this.#plotPlace.clientWidth)));
    const answers = await Promise.all(this.channels.map(async ({ source, item }) => {
      const question = { source, item, from: String(early), to: String(Math.ceil(to) + 1), points };
      return /** @type {ShownSeries | null} */ (await jsonAt("/series", question));
    }));
    if (asked !== this.#asked) return true;
    for (const [index, { key }] of this.channels.entries()) {
      const series = answers[index];
      if (series != null) this.#lines.get(key)?.replace(series);
    }
    this.#draw();
    return answers.every((series) => series !== null);
  }

  /**
   * @param {string} key
   * @param {number} at
   * @param {number} value
   */
  add(key, at, value) {
    this.#lines.get(key)?.add(at, value);
    this.#legend.setLatest(key, at, value);
  }

  /** @param {number} now */
  showAges(now) {
    this.#legend.showAges(now);
  }

  /** @param {ShownDetection[]} detections The newest first. */
  setDetections(detections) {
    this.#detections = detections.filter(({ channel }) => this.#lines.has(channel));
    this.#showDetections();
    this.#plot?.redraw(false);
  }

  #draw() {
    const plot = this.#plot;
    if (plot === null) return;
    const tables = [...this.#lines.values()].map((line) => line.table(this.shown.gapMs));
    const isEmpty = tables.every(([times]) => times.length === 0);
    const data = isEmpty
      ? [[], ...tables.flatMap(() => [[], [], []])]
      : uPlot.join(/** @type {any} */ (tables));
    plot.batch(() => {
      plot.setData(/** @type {any} */ (data), false);
      plot.setScale("x", { min: this.#span.from, max: this.#span.to });
    });
    this.#showDetections();
  }

  /** @param {uPlot} plot */
  #select(plot) {
    const { left, width } = plot.select;
    const [from, to] = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
    plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    this.#onSpan({ from: Math.round(from), to: Math.round(to) });
  }

  #showCursor() {
    const plot = this.#plot;
    if (plot === null) return;
    const { left = -1, idxs = [] } = plot.cursor;
    const at = left < 0 ? null : plot.posToVal(left, "x");
    this.#legend.showCursor(at, (line, column) => {
      const series = 1 + 3 * line;
      const index = idxs[series];
      return index == null ? null : plot.data[series + column]?.[index] ?? null;
    });
    for (const [index, entry] of [...this.#list.children].entries()) {
      const detection = this.#visibleDetections()[index];
      const isUnder = at !== null && detection !== undefined && detection.from <= at && at <= detection.to;
      entry.classList.toggle("under", isUnder);
    }
  }

  #visibleDetections() {
    const { from, to } = this.#span;
    return this.#detections.filter((detection) => detection.to >= from && detection.from <= to);
  }

  #showDetections() {
    const visible = this.#visibleDetections();
    const shown = visible.slice(0, listed).map(({ name, text, confidence, to }) =>
      element(
        "li",
        {},
        element("strong", { textContent: name }),
        ` ${text} `,
        element("small", {
          textContent: t`${momentText(to)} · confidence ${Math.round(100 * confidence)} %`,
        }),
      )
    );
    if (visible.length > listed) {
      shown.push(element("li", { textContent: t`${visible.length - listed} more in this span` }));
    }
    this.#list.replaceChildren(...shown);
  }
}

/**
 * null if there is no answer.
 * @param {string} path
 * @param {Record<string, string>} [query]
 * @returns {Promise<any>}
 */
export async function jsonAt(path, query = {}) {
  return await fetch(address(path, query)).then((found) => found.ok ? found.json() : null).catch(() => null);
}
