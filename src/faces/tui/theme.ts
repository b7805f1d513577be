/**
 * Colors and signs. The colors contrast with both black and white, whatever the terminal's own palette is: its yellow,
 * green and cyan are often hard to read on white. A color only repeats what a sign or a word says. Without color there
 * are no escape codes at all.
 */
import { steady, textWidth, truncate } from "./width.ts";
import type { ServicePhase } from "../../service_state.ts";

export type Style = "plain" | "strong" | "good" | "warning" | "bad" | "accent" | "selected";

/** A piece of a line. `text` need not be steady. */
export interface Span {
  text: string;
  style?: Style;
}

export type Line = Span[];

const codes: Record<Style, readonly [on: string, off: string]> = {
  plain: ["", ""],
  strong: ["1", "22"],
  good: ["38;5;64", "39"],
  warning: ["38;5;136", "39"],
  bad: ["38;5;196", "39"],
  accent: ["38;5;31", "39"],
  selected: ["1", "22"],
};

function paint(text: string, style: Style, isColored: boolean): string {
  const [on, off] = codes[style];
  return isColored && on !== "" && text !== "" ? `\x1b[${on}m${text}\x1b[${off}m` : text;
}

/** The bar of a selected line is dark on every terminal, so it has colors of its own. */
const barColor = 236;
const onBar: Record<Style, { color: number; isBold?: boolean }> = {
  plain: { color: 255 },
  strong: { color: 255, isBold: true },
  good: { color: 113 },
  warning: { color: 215 },
  bad: { color: 210 },
  accent: { color: 117 },
  selected: { color: 255, isBold: true },
};

function paintOnBar(text: string, style: Style): string {
  const { color, isBold = false } = onBar[style];
  const colored = `\x1b[38;5;${color}m${text}`;
  return isBold ? `\x1b[1m${colored}\x1b[22m` : colored;
}

/**
 * A line as text of at most `width` columns, or of exactly `width` columns if `isFilled`. A cut text ends with "…". A
 * selected line is on a bar of the whole width, and keeps its colors.
 */
export function paintLine(line: Line, width: number, isColored: boolean, { isFilled = false } = {}): string {
  const isSelected = line.some(({ style }) => style === "selected");
  let left = width;
  let used = 0;
  let text = "";
  for (const [index, span] of line.entries()) {
    if (left <= 0) break;
    const whole = steady(span.text);
    const isLast = index === line.length - 1;
    const shown = truncate(whole, left);
    left -= textWidth(shown);
    // If the following spans are cut off entirely, this span ends with "…".
    const isCutHere = !isLast && left === 0 && line.slice(index + 1).some(({ text }) => text.trim() !== "");
    const fitted = isCutHere && shown === whole ? truncate(shown + " ", textWidth(shown)) : shown;
    used += textWidth(fitted);
    const { style = "plain" } = span;
    text += isSelected && isColored ? paintOnBar(fitted, style) : paint(fitted, style, isColored);
    if (shown !== whole) break;
  }
  const blanks = " ".repeat(Math.max(0, width - used));
  if (isSelected && isColored) return `\x1b[48;5;${barColor}m${text}${blanks}\x1b[39m\x1b[49m`;
  return isFilled ? text + blanks : text;
}

export const phaseSigns: Record<ServicePhase, { sign: string; style: Style }> = {
  starting: { sign: "◌", style: "accent" },
  running: { sign: "●", style: "good" },
  paused: { sign: "=", style: "warning" },
  "backing off": { sign: "↻", style: "warning" },
  "switched off": { sign: "✗", style: "bad" },
  stopping: { sign: "◌", style: "warning" },
  stopped: { sign: "○", style: "plain" },
  stuck: { sign: "!", style: "bad" },
  "not processed": { sign: "·", style: "plain" },
};

const steps = "▁▂▃▄▅▆▇█";

/** The last values as one column each, relative to `top` (default: the highest value); "" for none. */
export function sparkline(values: number[], width: number, top = Math.max(...values.slice(-width))): string {
  return values.slice(-width).map((value) => {
    const step = top > 0 ? Math.round((Math.max(0, value) / top) * (steps.length - 1)) : 0;
    // A value above 0 is always visible.
    return steps[Math.min(steps.length - 1, value > 0 ? Math.max(1, step) : 0)];
  }).join("");
}

/** A bar such as "███░░░". A part above 0 is always visible, and only a full one looks full. */
export function bar(part: number, width: number): string {
  const filled = part >= 1
    ? width
    : part <= 0
    ? 0
    : Math.min(width - 1, Math.max(1, Math.round(part * width)));
  return "█".repeat(filled) + "░".repeat(width - filled);
}

/** The style of a queue's bar as it fills. */
export function fillStyle(part: number): Style {
  return part >= 0.9 ? "bad" : part >= 0.6 ? "warning" : "good";
}
