// @ts-check
/// <reference lib="dom" />
/** Draws the report's charts. `uPlot` is in the script before this one, and the numbers are in the page. */

/** @typedef {{ id: string, label: string, kind: "line" | "bars", values: (number | null)[] }} Chart */

/** @type {any} */
const uPlot = Reflect.get(globalThis, "uPlot");
/** @type {{ zone: string, times: number[], charts: Chart[] }} */
const numbers = JSON.parse(document.getElementById("numbers")?.textContent ?? "");
const height = 180;
/** Half the time from one point to the next, in seconds. */
const room = (([from = 0, to = from + 60]) => (to - from) / 2)(numbers.times);
/** @type {{ plot: any, box: HTMLElement }[]} */
let drawn = [];

/** @param {string} name */
function color(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** @param {Chart} chart @param {HTMLElement} box @param {number} width */
function optionsOf({ id, label, kind }, box, width) {
  const axis = { stroke: color("dim"), grid: { stroke: color("line"), width: 1 }, ticks: { show: false } };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, points: { show: kind === "line" }, drag: { x: false, y: false } },
    tzDate: (/** @type {number} */ seconds) => uPlot.tzDate(new Date(seconds * 1e3), numbers.zone),
    scales: {
      // With room for half a bar on each side.
      x: {
        range: (
          /** @type {any} */ _,
          /** @type {number} */ from,
          /** @type {number} */ to,
        ) => [from - room, to + room],
      },
      y: {
        range: (
          /** @type {any} */ _,
          /** @type {number} */ _low,
          /** @type {number} */ high,
        ) => [0, Math.max(high * 1.05, 1)],
      },
    },
    axes: [{ ...axis, size: 30, grid: { show: false }, values: timesOfDay }, {
      ...axis,
      size: 55,
      incrs: wholeSteps,
    }],
    series: [{}, {
      label,
      stroke: color(id),
      fill: `${color(id)}33`,
      width: 2,
      spanGaps: true,
      points: { show: false },
      ...(kind === "bars" && { width: 0, fill: color(id), paths: uPlot.paths.bars({ size: [0.8, 40] }) }),
    }],
    hooks: { setCursor: [(/** @type {any} */ plot) => showValue(plot, box)] },
  };
}

/** Counts are whole numbers. */
const wholeSteps = [1, 2, 5].flatMap((step) => Array.from({ length: 12 }, (_, power) => step * 10 ** power))
  .sort((a, b) => a - b);

/** @param {any} _plot @param {number[]} splits */
function timesOfDay(_plot, splits) {
  return splits.map(timeOfDay);
}

/** @param {number} seconds */
function timeOfDay(seconds) {
  const date = uPlot.tzDate(new Date(seconds * 1e3), numbers.zone);
  return [date.getHours(), date.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
}

/** Says the value under the pointer in the chart's line. @param {any} plot @param {HTMLElement} box */
function showValue(plot, box) {
  const output = box.parentElement?.querySelector("output");
  const index = plot.cursor.idx;
  if (!output) return;
  const value = index == null ? null : plot.data[1][index];
  output.textContent = value == null
    ? ""
    : `${timeOfDay(plot.data[0][index])}: ${value.toLocaleString(document.documentElement.lang)}`;
}

/** @param {number} [fixedWidth] in pixels, for paper */
function draw(fixedWidth) {
  for (const { plot } of drawn) plot.destroy();
  drawn = numbers.charts.flatMap((chart) => {
    const box = document.querySelector(`[data-chart="${chart.id}"]`);
    if (!(box instanceof HTMLElement)) return [];
    const options = optionsOf(chart, box, fixedWidth ?? box.clientWidth);
    return [{ plot: new uPlot(options, [numbers.times, chart.values], box), box }];
  });
}

draw();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw());
matchMedia("print").addEventListener("change", ({ matches }) => draw(matches ? 640 : undefined));
addEventListener("resize", () => {
  for (const { plot, box } of drawn) plot.setSize({ width: box.clientWidth, height });
});
