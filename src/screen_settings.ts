/** What the config says about the screen. */
import type { KeyChoices } from "./screen_keys.ts";

/** "neutral" is readable on dark and on light; "terminal" has the terminal's own colors. */
export const themeNames = ["neutral", "dark", "midnight", "light", "paper", "terminal"] as const;
export type ThemeName = typeof themeNames[number];

export interface ScreenSettings {
  /** Keys instead of the usual ones. */
  keys: KeyChoices;
  theme: ThemeName;
  /** Whether the screen uses the mouse. */
  mouse: boolean;
}

export const usualScreen: ScreenSettings = { keys: {}, theme: "neutral", mouse: true };
