/**
 * Every key, once: what it does, in words, where it works, and why it does not just now. Presses, the footer and
 * the help all come from this table, so that none of them can say what another does not do.
 */
import { isCapturing, type ScreenState, selectedService, shownLog, topView } from "./state.ts";

export type ActionName =
  | "quit"
  | "help"
  | "back"
  | "next_pane"
  | "previous_pane"
  | "focus_events"
  | "focus_services"
  | "focus_workers"
  | "focus_log"
  | "zoom"
  | "open"
  | "up"
  | "down"
  | "page_up"
  | "page_down"
  | "top"
  | "bottom"
  | "filter_next"
  | "filter_previous"
  | "filter_text"
  | "pause"
  | "pause_all"
  | "restart"
  | "empty"
  | "retry_failed"
  | "retry_discarded"
  | "retry_event"
  | "test_event"
  | "username"
  | "demo"
  | "edit_config"
  | "repaint"
  | "accept"
  | "cancel"
  | "yes"
  | "no"
  | "erase"
  | "erase_all"
  | "field_next"
  | "field_previous"
  | "choice_next"
  | "choice_previous";

/** Where a key works: a pane of the main view, another view, or what is asked in front of it. */
export type Place =
  | "events"
  | "services"
  | "workers"
  | "log"
  | "service"
  | "event"
  | "log_line"
  | "help"
  | "prompt"
  | "form"
  | "confirm";

export interface KeyBinding {
  /** As `keyName` names them; the first one stands in the footer and the help. */
  keys: readonly [string, ...string[]];
  action: ActionName;
  description: string;
  places: readonly Place[];
  /** One or two words for the footer; without it a key stands in the help only. */
  hint?: string | ((state: ScreenState) => string);
  /** Why it does nothing now; null where it works. */
  whyOff?: (state: ScreenState) => string | null;
}

const panes: readonly Place[] = ["events", "services", "workers", "log"];
const ofService: readonly Place[] = ["services", "workers", "service"];
const views: readonly Place[] = [...panes, "service", "event", "log_line"];
const scrolling: readonly Place[] = [...views, "help"];
const typing: readonly Place[] = ["prompt", "form"];

export const keyBindings: readonly KeyBinding[] = [
  { keys: ["y"], action: "yes", description: "yes, do it", places: ["confirm"], hint: "yes" },
  { keys: ["n", "esc", "q"], action: "no", description: "no, leave it", places: ["confirm"], hint: "no" },
  { keys: ["enter"], action: "accept", description: "take what was typed", places: typing, hint: "done" },
  { keys: ["esc"], action: "cancel", description: "leave without a change", places: typing, hint: "cancel" },
  {
    keys: ["tab", "down"],
    action: "field_next",
    description: "next field",
    places: ["form"],
    hint: "next field",
  },
  { keys: ["shift-tab", "up"], action: "field_previous", description: "previous field", places: ["form"] },
  {
    keys: ["right"],
    action: "choice_next",
    description: "next type of event",
    places: ["form"],
    hint: "other type",
  },
  { keys: ["left"], action: "choice_previous", description: "previous type of event", places: ["form"] },
  { keys: ["backspace", "delete"], action: "erase", description: "erase a letter", places: typing },
  { keys: ["ctrl-u"], action: "erase_all", description: "erase the text", places: typing },

  {
    keys: ["enter"],
    action: "open",
    description: "open what is selected: an event, a service, a whole log line",
    places: panes,
    hint: "open",
    whyOff: whyNothingSelected,
  },
  {
    keys: ["p"],
    action: "pause",
    description: "pause the service, or let it go on; its queue keeps filling",
    places: ofService,
    hint: (state) => selectedService(state)?.phase === "paused" ? "resume" : "pause",
    whyOff: whyNoService,
  },
  {
    keys: ["P"],
    action: "pause_all",
    description: "pause all services, or let all go on",
    places: views,
    hint: (state) => areAllPaused(state) ? "resume all" : "pause all",
    whyOff: whyNoService,
  },
  {
    keys: ["r"],
    action: "restart",
    description: "restart the service's worker",
    places: ofService,
    hint: "restart",
    whyOff: whyNoService,
  },
  {
    keys: ["e"],
    action: "empty",
    description: "empty the service's queue, after asking",
    places: ofService,
    hint: "empty",
    whyOff: (state) => whyNone(state, "pending", "Its queue is empty."),
  },
  {
    keys: ["R"],
    action: "retry_failed",
    description: "put the service's failed items back",
    places: ofService,
    hint: "retry failed",
    whyOff: (state) => whyNone(state, "failed", "It has no failed items."),
  },
  {
    keys: ["D"],
    action: "retry_discarded",
    description: "put the service's discarded items back",
    places: ofService,
    hint: "retry discarded",
    whyOff: (state) => whyNone(state, "discarded", "It has no discarded items."),
  },
  {
    keys: ["R"],
    action: "retry_event",
    description: "put back what failed or was discarded of this event",
    places: ["event"],
    hint: "retry",
    whyOff: whyNothingToRetry,
  },
  {
    keys: ["f"],
    action: "filter_next",
    description: "show one type of event (in the log: warnings, errors)",
    places: ["events", "log"],
    hint: "filter",
  },
  { keys: ["F"], action: "filter_previous", description: "the same, backwards", places: ["events", "log"] },
  {
    keys: ["/"],
    action: "filter_text",
    description: "show only lines with a text",
    places: ["events", "log"],
    hint: "search",
  },
  {
    keys: ["G", "end"],
    action: "bottom",
    description: "to the end; events and log follow what comes",
    places: scrolling,
    hint: (state) => isScrolledBack(state) ? "follow" : "",
  },
  {
    keys: ["esc", "backspace"],
    action: "back",
    description: "back; in the main view: small panes again, no filter, follow",
    places: scrolling,
    hint: (state) => topView(state).kind === "main" ? "" : "back",
  },
  {
    keys: ["t"],
    action: "test_event",
    description: "send a test event to your services",
    places: views,
    hint: "test event",
  },
  {
    keys: ["u"],
    action: "username",
    description: "type the user whose live to capture",
    places: views,
    hint: "user",
  },
  {
    keys: ["d"],
    action: "demo",
    description: "start a made-up live",
    places: panes,
    hint: (state) => isCapturing(state) ? "" : "demo",
    whyOff: (state) => isCapturing(state) ? "A live is being captured: the demo starts without one." : null,
  },
  {
    keys: ["c"],
    action: "edit_config",
    description: "open config.jsonc in your editor; saved changes hold at once",
    places: views,
    hint: "config",
  },
  { keys: ["z"], action: "zoom", description: "this pane alone, or all again", places: panes, hint: "zoom" },
  { keys: ["tab"], action: "next_pane", description: "next pane", places: panes, hint: "pane" },
  { keys: ["shift-tab"], action: "previous_pane", description: "previous pane", places: panes },
  { keys: ["1"], action: "focus_events", description: "to the events", places: panes },
  { keys: ["2"], action: "focus_services", description: "to the services", places: panes },
  { keys: ["3"], action: "focus_workers", description: "to the workers", places: panes },
  { keys: ["4"], action: "focus_log", description: "to the log", places: panes },
  { keys: ["up", "k"], action: "up", description: "up; back in the session", places: scrolling },
  { keys: ["down", "j"], action: "down", description: "down", places: scrolling },
  { keys: ["pageup", "ctrl-b"], action: "page_up", description: "a page up", places: scrolling },
  {
    keys: ["pagedown", "ctrl-f", "space"],
    action: "page_down",
    description: "a page down",
    places: scrolling,
  },
  { keys: ["g", "home"], action: "top", description: "to the top", places: scrolling },
  {
    keys: ["ctrl-l"],
    action: "repaint",
    description: "draw the screen anew, where something else has written over it",
    places: [...scrolling, ...typing, "confirm"],
  },
  {
    keys: ["?"],
    action: "help",
    description: "all keys, and whether they work now",
    places: views,
    hint: "help",
  },
  {
    keys: ["q"],
    action: "quit",
    description: "stop in order and quit; a second press quits now",
    places: scrolling,
    hint: (state) => state.isQuitting ? "quit now" : "quit",
  },
  {
    keys: ["ctrl-c"],
    action: "quit",
    description: "the same, from anywhere",
    places: [...scrolling, ...typing, "confirm"],
  },
];

export function placeOf(state: ScreenState): Place {
  const { dialog } = state;
  if (dialog !== null) {
    return dialog.kind === "confirm" || dialog.kind === "form" ? dialog.kind : "prompt";
  }
  const view = topView(state);
  return view.kind === "main" ? state.focus : view.kind;
}

/** What the key does here; undefined where it has no meaning. */
export function findBinding(key: string, place: Place): KeyBinding | undefined {
  return keyBindings.find(({ keys, places }) => keys.includes(key) && places.includes(place));
}

export function hintOf(binding: KeyBinding, state: ScreenState): string {
  return typeof binding.hint === "function" ? binding.hint(state) : binding.hint ?? "";
}

const shownNames: Record<string, string> = {
  enter: "Enter",
  esc: "Esc",
  tab: "Tab",
  "shift-tab": "Shift-Tab",
  up: "↑",
  down: "↓",
  left: "←",
  right: "→",
  pageup: "PgUp",
  pagedown: "PgDn",
  home: "Home",
  end: "End",
  space: "Space",
  backspace: "Backspace",
  delete: "Delete",
};

/** A key as it stands on a keyboard. */
export function shownKey(key: string): string {
  return shownNames[key] ?? key.replace(/^ctrl-(.)$/, (_, letter: string) => `Ctrl-${letter.toUpperCase()}`);
}

export function areAllPaused({ snapshot }: ScreenState): boolean {
  return snapshot.services.length > 0 && snapshot.services.every(({ phase }) => phase === "paused");
}

function isScrolledBack(state: ScreenState): boolean {
  if (topView(state).kind !== "main") return false;
  return state.focus === "events" && state.eventCursor.key !== null ||
    state.focus === "log" && state.logCursor.key !== null;
}

function whyNoService(state: ScreenState): string | null {
  return selectedService(state) === null ? "There are no services; press c to add one to the config." : null;
}

function whyNone(state: ScreenState, count: "pending" | "failed" | "discarded", why: string): string | null {
  return whyNoService(state) ?? (selectedService(state)?.[count] === 0 ? why : null);
}

function whyNothingSelected(state: ScreenState): string | null {
  switch (state.focus) {
    case "events":
      return state.events.lines.length === 0 ? "There is no event to open yet." : null;
    case "services":
    case "workers":
      return whyNoService(state);
    case "log":
      return shownLog(state).length === 0 ? "There is no line to open." : null;
  }
}

function whyNothingToRetry(state: ScreenState): string | null {
  const view = topView(state);
  if (view.kind !== "event" || view.detail === null) return "The event is still being read.";
  const canRetry = view.detail.items.some(({ status }) => status === "failed" || status === "discarded");
  return canRetry ? null : "Nothing of this event failed or was discarded.";
}

/** Steps through a cycle of choices, backwards with -1. */
export function stepThrough<Choice>(choices: readonly Choice[], present: Choice, by: 1 | -1): Choice {
  const index = (choices.indexOf(present) + by + choices.length) % choices.length;
  return choices[index] as Choice;
}
