/** The key that shows the next theme. */
import { t } from "../../language.ts";
import { themeNames } from "../../screen_settings.ts";
import { stepThrough } from "./list.ts";
import { only, type ScreenState, type Step, themeOf, withStatus } from "./state.ts";

export function nextTheme(state: ScreenState): Step {
  const theme = stepThrough(themeNames, themeOf(state), 1);
  const text = t`The theme is ${theme}. To keep it, write "theme": "${theme}" into the config.`;
  return only(withStatus({ ...state, theme }, text, "note"));
}
