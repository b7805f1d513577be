/**
 * The colors of each theme. A color only repeats what a sign or a word says. Themes with a background of their own look
 * the same in every terminal. The colors of "neutral" contrast with both black and white, because a terminal's own
 * yellow, green and cyan are often hard to read on white. "terminal" has the terminal's own colors.
 */
import type { ThemeName } from "../../screen_settings.ts";

export type Style = "plain" | "strong" | "good" | "warning" | "bad" | "accent" | "selected";

/** Numbers of the table of 256 colors; of "terminal", of the first 16. null: the terminal's usual one. */
export interface Palette {
  background: number | null;
  text: number | null;
  good: number;
  warning: number;
  bad: number;
  accent: number;
}

/** `bar`: of the selected line. */
export interface Theme {
  base: Palette;
  bar: Palette;
}

const darkBar: Palette = { background: 236, text: 255, good: 113, warning: 215, bad: 210, accent: 117 };

export const themes: Record<ThemeName, Theme> = {
  neutral: {
    base: { background: null, text: null, good: 64, warning: 130, bad: 196, accent: 31 },
    bar: darkBar,
  },
  dark: {
    base: { background: 234, text: 252, good: 114, warning: 221, bad: 210, accent: 117 },
    bar: { background: 238, text: 255, good: 120, warning: 222, bad: 217, accent: 159 },
  },
  midnight: {
    base: { background: 17, text: 254, good: 121, warning: 222, bad: 217, accent: 123 },
    bar: { background: 25, text: 231, good: 157, warning: 229, bad: 224, accent: 159 },
  },
  light: {
    base: { background: 231, text: 235, good: 22, warning: 94, bad: 124, accent: 25 },
    bar: { background: 189, text: 16, good: 22, warning: 58, bad: 88, accent: 18 },
  },
  paper: {
    base: { background: 230, text: 236, good: 22, warning: 94, bad: 124, accent: 24 },
    bar: { background: 223, text: 16, good: 22, warning: 58, bad: 88, accent: 18 },
  },
  terminal: {
    base: { background: null, text: null, good: 2, warning: 3, bad: 1, accent: 6 },
    // The bright colors are readable on black in the usual palettes, whatever the terminal's background is.
    bar: { background: 0, text: 15, good: 10, warning: 11, bad: 9, accent: 14 },
  },
};

/** The parameters of the escape sequence that sets the color of the text (`layer` 3) or the background (`layer` 4). */
export function colorCode(color: number | null, layer: 3 | 4): string {
  if (color === null) return `${layer}9`;
  if (color >= 16) return `${layer}8;5;${color}`;
  return color < 8 ? `${layer}${color}` : `${layer + 6}${color - 8}`;
}

export function colorOf(palette: Palette, style: Style): number | null {
  return style === "plain" || style === "strong" || style === "selected" ? palette.text : palette[style];
}

export function isBold(style: Style): boolean {
  return style === "strong" || style === "selected";
}
