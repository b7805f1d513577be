/** What the config says about the screen. */
import type { KeyChoices } from "./screen_keys.ts";

export interface ScreenSettings {
  /** Keys instead of the usual ones. */
  keys: KeyChoices;
}

export const usualScreen: ScreenSettings = { keys: {} };
