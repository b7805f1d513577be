/** The last lines: the status or the dialog, and the keys that work here and now. */
import { shownKey } from "../../../key.ts";
import { bindingsOf, hintOf, placeOf } from "../keys.ts";
import { type ScreenState, selectedPane } from "../state.ts";
import type { Line } from "../theme.ts";
import { textWidth } from "../width.ts";
import { messageLines } from "./message.ts";

export function footerLines(state: ScreenState): Line[] {
  return [...messageLines(state), keysLine(state)];
}

/** As many keys as fit. Help and quit are always at the end. */
function keysLine(state: ScreenState): Line {
  const place = placeOf(state);
  const here = bindingsOf(state).filter((binding) =>
    binding.places.includes(place) && hintOf(binding, state) !== "" && !binding.whyOff?.(state)
  );
  const last = here.filter(({ action }) => action === "help" || action === "quit");
  const width = (spans: Line) => spans.reduce((sum, { text }) => sum + textWidth(text), 0);
  const hint = (
    key: string,
    does: string,
  ): Line => [{ text: ` ${key}`, style: "strong" }, { text: ` ${does} ` }];
  const shown = (binding: typeof here[number]) => hint(shownKey(binding.keys[0]), hintOf(binding, state));
  const end = last.flatMap(shown);
  const spans = (selectedPane(state)?.pane.keys ?? []).flatMap(({ key, does }) => hint(key, does));
  for (const binding of here) {
    if (last.includes(binding)) continue;
    if (width(spans) + width(shown(binding)) + width(end) > state.size.columns) break;
    spans.push(...shown(binding));
  }
  const blanks = " ".repeat(Math.max(0, state.size.columns - width(spans) - width(end)));
  return [...spans, { text: blanks }, ...end];
}
