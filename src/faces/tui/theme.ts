/** Lines of the screen, and how they are painted. Without a theme there are no escape codes at all. */
import { colorCode, colorOf, isBold, type Palette, type Style, type Theme } from "./palettes.ts";
import { msg } from "../../language.ts";
import { steady, textWidth, truncate } from "./width.ts";
import type { ServicePhase } from "../../service_state.ts";

export type { Style } from "./palettes.ts";

/** A piece of a line. `text` need not be steady. */
export interface Span {
  text: string;
  style?: Style;
}

export type Line = Span[];

function paint(text: string, style: Style, palette: Palette): string {
  if (text === "") return "";
  const [code, usual] = [colorCode(colorOf(palette, style), 3), colorCode(palette.text, 3)];
  const colored = code === usual ? text : `\x1b[${code}m${text}\x1b[${usual}m`;
  return isBold(style) ? `\x1b[1m${colored}\x1b[22m` : colored;
}

/**
 * A line as text of at most `width` columns, or of exactly `width` columns if `isFilled` or if the theme has a
 * background. A cut text ends with "…". A selected line is on a bar of the whole width, with colors for it.
 */
export function paintLine(line: Line, width: number, theme: Theme | null, { isFilled = false } = {}): string {
  const isSelected = line.some(({ style }) => style === "selected");
  const palette = theme === null ? null : isSelected ? theme.bar : theme.base;
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
    text += palette === null ? fitted : paint(fitted, style, palette);
    if (shown !== whole) break;
  }
  const blanks = " ".repeat(Math.max(0, width - used));
  const background = palette?.background ?? null;
  if (palette === null || background === null) return isFilled ? text + blanks : text;
  const [behind, usual] = [colorCode(background, 4), colorCode(palette.text, 3)];
  return `\x1b[${behind}m\x1b[${usual}m${text}${blanks}\x1b[39m\x1b[49m`;
}

/** How each phase is shown; `word` is marked for translation. */
export const phaseSigns: Record<ServicePhase, { sign: string; word: string; style: Style }> = {
  starting: { sign: "◌", word: msg("starting"), style: "accent" },
  running: { sign: "●", word: msg("running"), style: "good" },
  paused: { sign: "=", word: msg("paused"), style: "warning" },
  "backing off": { sign: "↻", word: msg("backing off"), style: "warning" },
  "switched off": { sign: "✗", word: msg("switched off"), style: "bad" },
  stopping: { sign: "◌", word: msg("stopping"), style: "warning" },
  stopped: { sign: "○", word: msg("stopped"), style: "plain" },
  stuck: { sign: "!", word: msg("stuck"), style: "bad" },
  "not processed": { sign: "·", word: msg("not processed"), style: "plain" },
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
