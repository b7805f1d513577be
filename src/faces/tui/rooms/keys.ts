/** The keys of the list of rooms, as they are bound now. */
import { keysIn } from "../keys.ts";
import { t, translated } from "../../../language.ts";
import { type ActionName, actionNames, keysFor, type Place, screenActions } from "../../../screen_keys.ts";
import type { HelpEntry } from "../view/help.ts";
import { fittedHints, type Hint, type ShownHint } from "../view/footer.ts";
import { shownKey } from "../../../key.ts";
import { isTooSmall } from "./layout.ts";
import type { RoomsMessage, RoomsState } from "./state.ts";

/** What the footer says of an action. Without an entry, it is only in the help. */
const hints: Partial<Record<ActionName, (state: RoomsState) => string>> = {
  accept: () => t`accept`,
  cancel: ({ view }) => view.kind === "help" ? t`back` : t`cancel`,
  open: ({ lines }) => lines.length > 0 ? t`open` : "",
  filter_text: () => t`search`,
  room_order: () => t`order`,
  focus_log: ({ snapshot: { log } }) => log === undefined ? "" : t`log`,
  next_filter: ({ snapshot: { log } }) => log === undefined ? "" : t`filter`,
  back: ({ view, text, opening }) =>
    view.kind === "log" ? t`back` : text + (opening ?? "") === "" ? "" : t`cancel`,
  help: () => t`help`,
  quit: ({ isQuitting }) => isQuitting ? t`quit now` : t`quit`,
};

/** Other actions of these places do nothing here. */
const used: readonly ActionName[] = [
  ...["open", "filter_text", "room_order", "focus_log", "next_filter", "previous_filter"] as const,
  ...["up", "down", "page_up", "page_down", "top", "bottom", "back", "next_theme", "redraw"] as const,
  ...["help", "quit", "interrupt", "accept", "cancel", "erase", "erase_all"] as const,
];

export function placeOf({ view, before }: RoomsState): Place {
  if (before !== null) return "prompt";
  return view.kind === "list" ? "rooms" : view.kind;
}

function keysOfAction(action: ActionName, { settings }: RoomsState, place: Place): string[] {
  return keysIn({ ...screenActions[action], keys: keysFor(settings.keys, action) }, place);
}

/** They work also in a window that is too small to show anything. */
const unseen: readonly ActionName[] = ["quit", "interrupt", "redraw"];

/** What a key press means. `key`: its name; `character`: what it types, or "". */
export function pressed(state: RoomsState, key: string, character: string): RoomsMessage | null {
  const place = isTooSmall(state.size) ? "rooms" : placeOf(state);
  const offered = isTooSmall(state.size) ? unseen : used;
  const action = offered.find((each) => keysOfAction(each, state, place).includes(key));
  if (action !== undefined) return { kind: "key", action };
  return character === "" || isTooSmall(state.size) ? null : { kind: "typed", text: character };
}

/** The bottom row. */
export function footerHints(state: RoomsState): ShownHint[] {
  const place = placeOf(state);
  const last: readonly ActionName[] = ["help", "quit"];
  const hintsOf = (isLast: boolean): Hint[] =>
    actionNames.filter((action) => used.includes(action) && last.includes(action) === isLast).flatMap(
      (action) => {
        const [key] = keysOfAction(action, state, place);
        const does = hints[action]?.(state) ?? "";
        return key === undefined || does === "" ? [] : [{ key, does }];
      },
    );
  return fittedHints({ first: hintsOf(false), last: hintsOf(true) }, state.size.columns);
}

/** What an action does in the list, if its description is about one run. */
const doings: Partial<Record<ActionName, () => string>> = {
  open: () => t`open the selected room`,
  filter_text: () => t`show only rooms with a text in their name, machine or trouble`,
  next_filter: () => t`the log: only warnings and errors, only errors, or all`,
  focus_log: () => t`the whole log`,
  back: () => t`back; in the list: show all rooms`,
  bottom: () => t`to the end`,
  up: () => t`up`,
};

/** The keys of the list and of its log. */
export function helpEntries(state: RoomsState): HelpEntry[] {
  return actionNames.filter((action) =>
    used.includes(action) && screenActions[action].places.includes("rooms")
  )
    .map((action) => ({
      keys: keysFor(state.settings.keys, action).map(shownKey),
      does: doings[action]?.() ?? translated(screenActions[action].description),
      note: null,
    }));
}
