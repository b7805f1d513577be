// @ts-check
/// <reference lib="dom" />
/** How a chart is drawn. Each channel has three columns: its means as a line, and its lows and highs as an area. */
/** @import uPlot from "uplot" */
/** @import { ShownChannel } from "../../messages.ts" */
import { colorOf, lineColorName } from "./colors.js";
import { shortestDragPx } from "./touch.js";
import { axisTimes, quantity } from "./words.js";

const height = 240;
const font = "12px system-ui, sans-serif";
/** A longer one has no room on an axis. The legend has it in any case. */
const longestUnit = 5;

/**
 * @param {ShownChannel[]} channels
 * @param {{ width: number, draw: (plot: uPlot) => void, setSelect: (plot: uPlot) => void, setCursor: () => void }} on
 * @returns {uPlot.Options}
 */
export function plotOptions(channels, { width, draw, setSelect, setCursor }) {
  const units = [...new Set(channels.map(({ unit }) => unit))];
  return {
    width,
    height,
    ms: 1,
    legend: { show: false },
    scales: {
      x: { time: true },
      ...Object.fromEntries(units.map((unit) => [scaleOf(unit), { auto: true }])),
    },
    series: [{}, ...channels.flatMap(seriesOf)],
    bands: channels.map((_, index) => {
      const first = 1 + 3 * index;
      return { series: [first + 2, first + 1], fill: () => `${colorOf(lineColorName(index))}33` };
    }),
    axes: [timeAxis(), ...units.slice(0, 2).map((unit, index) => valueAxis(unit, index === 1))],
    cursor: {
      y: false,
      drag: { x: true, y: false, setScale: false, dist: shortestDragPx },
      points: { show: true },
      sync: {
        key: "charts",
        setSeries: false,
        // Each chart's own drag chooses the span of all.
        filters: { pub: (type) => type === "mousemove" || type === "mouseleave" },
      },
    },
    hooks: { draw: [draw], setSelect: [setSelect], setCursor: [setCursor] },
  };
}

/** @param {string} unit */
function scaleOf(unit) {
  return `unit ${unit}`;
}

/**
 * @param {ShownChannel} channel
 * @param {number} index
 * @returns {uPlot.Series[]}
 */
function seriesOf({ unit }, index) {
  const scale = scaleOf(unit);
  const bound = { scale, stroke: "transparent", width: 0, points: { show: false } };
  return [
    {
      scale,
      width: 1.5,
      stroke: () => colorOf(lineColorName(index)),
      points: { show: true, size: 4, filter: (plot, series) => lonelyPoints(plot.data[series] ?? []) },
    },
    bound,
    { ...bound },
  ];
}

/**
 * Those that no line goes to, because there are gaps on both sides.
 * @param {ArrayLike<number | null | undefined>} column
 */
function lonelyPoints(column) {
  /** @type {number[]} */
  const found = [];
  /** @type {number | null | undefined} */
  let before = null;
  let candidate = -1;
  for (let index = 0; index < column.length; index++) {
    const value = column[index];
    if (value === undefined) continue;
    if (value === null && candidate !== -1) found.push(candidate);
    candidate = value !== null && before === null ? index : -1;
    before = value;
  }
  if (candidate !== -1) found.push(candidate);
  return found;
}

/** @returns {uPlot.Axis} */
function timeAxis() {
  return {
    ...axisColors(),
    font,
    size: 44,
    space: 80,
    values: (_plot, splits, _axis, _space, stepMs) => axisTimes(splits, stepMs),
  };
}

/**
 * @param {string} unit
 * @param {boolean} isRight
 * @returns {uPlot.Axis}
 */
function valueAxis(unit, isRight) {
  const shownUnit = unit.length > longestUnit ? "" : unit;
  const colors = axisColors();
  return {
    ...colors,
    font,
    scale: scaleOf(unit),
    side: isRight ? 1 : 3,
    grid: isRight ? { show: false } : colors.grid,
    size: (_plot, values) =>
      Math.max(36, 18 + 7.5 * Math.max(0, ...(values ?? []).map((text) => text.length))),
    values: (_plot, splits) => splits.map((value) => quantity(value, shownUnit)),
  };
}

function axisColors() {
  const line = { stroke: () => colorOf("--line"), width: 1 };
  return { stroke: () => colorOf("--dim"), grid: line, ticks: { ...line, size: 4 } };
}
