/**
 * Every key, once: what it does, in words, where it works, and why it does not just now. Presses, the footer and
 * the help all come from this table, so that none of them can say what another does not do.
 */
import type { ActionName } from "./action_name.ts";
import { choiceOf } from "./dialog.ts";
import {
  hasShown,
  isCapturing,
  type ScreenState,
  selectedService,
  shownLog,
  sourceNames,
  topView,
} from "./state.ts";

/** Where a key works: a pane of the main view, another view, or what is asked in front of it. */
export type Place =
  | "events"
  | "services"
  | "workers"
  | "log"
  | "shown"
  | "service"
  | "event"
  | "log_line"
  | "help"
  | "prompt"
  | "user"
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

const panes: readonly Place[] = ["events", "services", "workers", "log", "shown"];
const ofService: readonly Place[] = ["services", "workers", "service"];
const views: readonly Place[] = [...panes, "service", "event", "log_line"];
const scrolling: readonly Place[] = [...views, "help"];
const typing: readonly Place[] = ["prompt", "user", "form"];

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
    description: "next choice: of a type, a role, a source",
    places: ["form", "user"],
    hint: (state) => choiceOf(state) === null ? "" : `other ${choiceOf(state)}`,
  },
  {
    keys: ["left"],
    action: "choice_previous",
    description: "previous choice",
    places: ["form", "user"],
  },
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
    whyOff: (state) => whyNoService(state) ?? whyNotAtWork(state),
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
    whyOff: (state) => whyNoService(state) ?? whyNotProcessed(state),
  },
  {
    keys: ["e"],
    action: "empty",
    description: "empty the service's queue, after asking",
    places: ofService,
    hint: "empty",
    whyOff: (state) =>
      whyNoService(state) ?? (selectedService(state)?.pending === 0 ? "Its queue is empty." : null),
  },
  {
    keys: ["R"],
    action: "retry_failed",
    description: "put the service's failed items back, many after asking",
    places: ofService,
    hint: (state) => (selectedService(state)?.failed ?? 0) > 0 ? "retry failed" : "",
    whyOff: whyNoService,
  },
  {
    keys: ["D"],
    action: "retry_discarded",
    description: "put the service's discarded items back, many after asking",
    places: ofService,
    hint: (state) => (selectedService(state)?.discarded ?? 0) > 0 ? "retry discarded" : "",
    whyOff: whyNoService,
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
    keys: ["s"],
    action: "source_next",
    description: "show the events of one source, then of all again",
    places: ["events"],
    hint: (state) => sourceNames(state).length > 1 ? "source" : "",
    whyOff: (state) => sourceNames(state).length > 1 ? null : "There are not several sources.",
  },
  {
    keys: ["S"],
    action: "source_previous",
    description: "the same, backwards",
    places: ["events"],
    whyOff: (state) => sourceNames(state).length > 1 ? null : "There are not several sources.",
  },
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
    description: "type the user whose live to capture; of several sources, choose the one",
    places: views,
    hint: "user",
    whyOff: whyNoUser,
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
  {
    keys: ["5"],
    action: "focus_shown",
    description: "to what services show of themselves, with its own keys, in the log's place",
    places: panes,
    hint: (state) => hasShown(state) && state.focus !== "shown" ? "shown" : "",
    whyOff: (state) => hasShown(state) ? null : "No service shows anything of itself.",
  },
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
  switch (dialog?.kind) {
    case "confirm":
    case "form":
      return dialog.kind;
    case "username":
      return "user";
    case "filter":
      return "prompt";
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

function whyNotProcessed(state: ScreenState): string | null {
  return selectedService(state)?.phase === "not processed" ? "This run does not process it." : null;
}

/** Nothing is to be paused of what takes nothing. */
function whyNotAtWork(state: ScreenState): string | null {
  const isOff = selectedService(state)?.phase === "switched off";
  return isOff ? "It is switched off, and takes nothing: r restarts it." : whyNotProcessed(state);
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
    case "shown":
      return hasShown(state) ? null : "No service shows anything of itself.";
  }
}

function whyNoUser({ snapshot }: ScreenState): string | null {
  return snapshot.switchable.length > 0 ? null : "There is no source here that captures a user's live.";
}

function whyNothingToRetry(state: ScreenState): string | null {
  const view = topView(state);
  if (view.kind !== "event" || view.detail === null) return "The event is still being read.";
  const canRetry = view.detail.items.some(({ status }) => status === "failed" || status === "discarded");
  return canRetry ? null : "Nothing of this event failed or was discarded.";
}
