/**
 * A chart of numbers over time, drawn with braille dots, which are two to a column and four to a row: a line through
 * the values, and at each time a bar from the lowest to the highest. Where nothing was measured there is a gap.
 */
import type { ChartPoint } from "../../../channel_view.ts";
import type { Line } from "../theme.ts";
import { fit } from "../width.ts";
import { timeTicks } from "./time_axis.ts";

export interface Chart {
  /** Unix milliseconds. */
  from: number;
  to: number;
  /** In order of time; at least one. */
  points: readonly ChartPoint[];
  /** Times to mark. */
  marks: readonly number[];
}

export interface ChartRoom {
  columns: number;
  rows: number;
}

/** The rows for the marks, the axis, and its labels. */
const otherRows = 3;
const fewestRows = 2;
const rowsPerLabel = 3;
/** Points that are farther apart than this many usual distances have a gap between them. */
const gapDistances = 3;

export function chartLines(chart: Chart, room: ChartRoom): Line[] {
  const rows = Math.max(fewestRows, room.rows - otherRows);
  const scale = scaleOf(chart.points, Math.max(1, Math.floor(rows / rowsPerLabel)));
  const labels = new Map(scale.ticks.map((tick) => [
    rows - 1 - Math.floor(scale.partOf(tick) * rows * 0.999_999),
    formatTick(tick, scale.step),
  ]));
  const labelWidth = Math.max(...[...labels.values()].map((label) => label.length)) + 1;
  const columns = Math.max(1, room.columns - labelWidth - 2);
  const plot = drawn(chart, scale, { columns, rows });
  const blank = " ".repeat(labelWidth);
  const columnOf = (at: number) => Math.floor((at - chart.from) / (chart.to - chart.from) * columns);
  const ticks = timeTicks(chart.from, chart.to, columns).map(({ at, label }) => ({
    column: columnOf(at),
    label,
  }));
  return [
    [{ text: `${blank} ${signsAt(chart.marks.map(columnOf), columns, "▼", " ")}`, style: "warning" }],
    ...plot.map((dots, row): Line => {
      const label = labels.get(row);
      const axis = label === undefined ? `${blank}│` : `${fit(label, labelWidth - 1, "right")} ┤`;
      return [{ text: axis }, { text: dots, style: "accent" }];
    }),
    [{ text: `${blank}└${signsAt(ticks.map(({ column }) => column), columns, "┴", "─")}` }],
    [{ text: `${blank} ${labelsAt(ticks, columns)}` }],
  ];
}

interface Scale {
  ticks: number[];
  step: number;
  /** The part of the height that is below a value, 0 to 1. */
  partOf(value: number): number;
}

/** From the lowest to the highest value. Computes with halves, because the whole range may be beyond all numbers. */
function scaleOf(points: readonly ChartPoint[], tickCount: number): Scale {
  let low = Infinity;
  let high = -Infinity;
  for (const point of points) {
    low = Math.min(low, point.low);
    high = Math.max(high, point.high);
  }
  if (low === high) {
    // The line of a constant is in the middle.
    const margin = Math.max(1, Math.abs(low) / 100);
    low = Math.max(-Number.MAX_VALUE, low - margin);
    high = Math.min(Number.MAX_VALUE, high + margin);
  }
  const half = high / 2 - low / 2;
  const step = roundStep(Math.min(Number.MAX_VALUE, half / tickCount * 2));
  const first = Math.ceil(low / step);
  const ticks = Array.from({ length: tickCount + 2 }, (_, index) => (first + index) * step)
    .filter((tick) => tick >= low && tick <= high);
  return {
    ticks: ticks.length > 0 ? ticks : [low],
    step,
    partOf: (value) => (value / 2 - low / 2) / half,
  };
}

/** The next larger one of 1, 2 and 5, times a power of ten. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5].find((factor) => factor * power >= least) ?? 10;
  return Math.min(Number.MAX_VALUE, factor * power);
}

/** With as many digits as tell a tick from the next one. */
export function formatTick(tick: number, step: number): string {
  if (tick === 0) return "0";
  const decimals = -Math.floor(Math.log10(step));
  if (Math.abs(tick) < 1e7 && decimals <= 5) return tick.toFixed(Math.max(0, decimals));
  const digits = Math.floor(Math.log10(Math.abs(tick))) + decimals + 1;
  return tick.toPrecision(Math.min(15, Math.max(1, digits)));
}

function drawn({ from, to, points }: Chart, scale: Scale, { columns, rows }: ChartRoom): string[] {
  const dots = new Dots(columns, rows);
  const across = (at: number) => dots.columnAt((at - from) / (to - from));
  const up = (value: number) => dots.rowAt(scale.partOf(value));
  const farthest = gapDistances * usualDistance(points);
  let last: ChartPoint | null = null;
  for (const point of points) {
    const x = across(point.at);
    dots.line({ x, y: up(point.low) }, { x, y: up(point.high) });
    if (last !== null && point.at - last.at <= farthest) {
      dots.line({ x: across(last.at), y: up(last.last) }, { x, y: up(point.first) });
    }
    last = point;
  }
  return dots.text();
}

/** The median of the distances between points; 0 for a single one. */
function usualDistance(points: readonly ChartPoint[]): number {
  const distances = points.slice(1).map(({ at }, index) => at - (points[index] as ChartPoint).at);
  distances.sort((one, other) => one - other);
  return distances[distances.length >> 1] ?? 0;
}

interface Dot {
  x: number;
  y: number;
}

/** The bits of the dots of a character: the left and the right one of each of its four rows, from the top. */
const dotBits = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]] as const;
const noDots = 0x2800;

class Dots {
  readonly #columns: number;
  readonly #rows: number;
  readonly #bits: Uint8Array;

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
    this.#bits = new Uint8Array(columns * rows);
  }

  /** The dot column for a part of the width, from the left. */
  columnAt(part: number): number {
    return within(Math.floor(part * this.#columns * 2), this.#columns * 2 - 1);
  }

  /** The dot row for a part of the height, from the top. */
  rowAt(part: number): number {
    const last = this.#rows * 4 - 1;
    return last - within(Math.round(part * last), last);
  }

  line(from: Dot, to: Dot): void {
    const steps = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y), 1);
    for (let step = 0; step <= steps; step++) {
      const part = step / steps;
      this.#set(Math.round(from.x + (to.x - from.x) * part), Math.round(from.y + (to.y - from.y) * part));
    }
  }

  #set(x: number, y: number): void {
    const index = (y >> 2) * this.#columns + (x >> 1);
    this.#bits[index] = (this.#bits[index] as number) | (dotBits[y & 3]?.[x & 1] ?? 0);
  }

  text(): string[] {
    return Array.from({ length: this.#rows }, (_, row) => {
      const cells = this.#bits.subarray(row * this.#columns, (row + 1) * this.#columns);
      return Array.from(cells, (bits) => bits === 0 ? " " : String.fromCharCode(noDots + bits)).join("");
    });
  }
}

function within(value: number, last: number): number {
  return Math.min(last, Math.max(0, value));
}

function signsAt(places: readonly number[], columns: number, sign: string, other: string): string {
  const signs = Array<string>(columns).fill(other);
  for (const place of places) if (place >= 0 && place < columns) signs[place] = sign;
  return signs.join("");
}

/** Labels that start at their ticks, as far as they fit. */
function labelsAt(ticks: readonly { column: number; label: string }[], columns: number): string {
  let text = "";
  for (const { column, label } of ticks) {
    if (column < text.length || column + label.length > columns) continue;
    text = text.padEnd(column) + label + " ";
  }
  return text;
}
