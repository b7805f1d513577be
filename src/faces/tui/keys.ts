/**
 * Every key once: its action, its description, where it works, and why it is off now. Key presses, the footer and the
 * help all use this table, so they cannot contradict each other.
 */
import type { ActionName } from "./action_name.ts";
import { choiceOf } from "./dialog.ts";
import {
  hasShown,
  isCapturing,
  playedSource,
  type ScreenState,
  selectedService,
  sourceNames,
  topView,
} from "./state.ts";
import {
  areAllPaused,
  isScrolledBack,
  whyNoService,
  whyNotAtWork,
  whyNothingSelected,
  whyNothingToRetry,
  whyNotPlaying,
  whyNotProcessed,
  whyNoUser,
} from "./why_off.ts";

/** Where a key works: a pane of the main view, another view, or a dialog. */
export type Place =
  | "events"
  | "services"
  | "workers"
  | "log"
  | "shown"
  | "channels"
  | "gifts"
  | "channel"
  | "service"
  | "event"
  | "log_line"
  | "help"
  | "prompt"
  | "user"
  | "form"
  | "confirm";

export interface KeyBinding {
  /** Names as in `keyName`. The footer shows the first one. */
  keys: readonly [string, ...string[]];
  action: ActionName;
  description: string;
  places: readonly Place[];
  /** One or two words for the footer. Without a hint, a key is only in the help. */
  hint?: string | ((state: ScreenState) => string);
  /** Why the key does nothing now; null if it works. */
  whyOff?: (state: ScreenState) => string | null;
}

const panes: readonly Place[] = ["events", "services", "workers", "log", "shown", "channels", "gifts"];
const ofService: readonly Place[] = ["services", "workers", "service"];
const views: readonly Place[] = [...panes, "service", "event", "channel", "log_line"];
const scrolling: readonly Place[] = [...views, "help"];
const typing: readonly Place[] = ["prompt", "user", "form"];

export const keyBindings: readonly KeyBinding[] = [
  { keys: ["y"], action: "yes", description: "yes, do it", places: ["confirm"], hint: "yes" },
  { keys: ["n", "esc", "q"], action: "no", description: "no, cancel", places: ["confirm"], hint: "no" },
  { keys: ["enter"], action: "accept", description: "confirm the input", places: typing, hint: "done" },
  { keys: ["esc"], action: "cancel", description: "cancel without a change", places: typing, hint: "cancel" },
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
    description: "next choice of the type, gift, role or source",
    places: ["form", "user"],
    hint: (state) => choiceOf(state) === null ? "" : `other ${choiceOf(state)}`,
  },
  {
    keys: ["left"],
    action: "choice_previous",
    description: "previous choice",
    places: ["form", "user"],
  },
  { keys: ["backspace", "delete"], action: "erase", description: "erase a character", places: typing },
  { keys: ["ctrl-u"], action: "erase_all", description: "erase the text", places: typing },

  {
    keys: ["enter"],
    action: "open",
    description: "open the selected event, service, log line or channel; send the selected gift as a test",
    places: panes,
    hint: (state) => state.focus === "gifts" ? "test event" : "open",
    whyOff: whyNothingSelected,
  },
  {
    keys: ["p"],
    action: "pause",
    description: "pause or resume the service; its queue keeps filling",
    places: ofService,
    hint: (state) => selectedService(state)?.phase === "paused" ? "resume" : "pause",
    whyOff: (state) => whyNoService(state) ?? whyNotAtWork(state),
  },
  {
    keys: ["P"],
    action: "pause_all",
    description: "pause or resume all services",
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
    description: "put back the failed and discarded items of this event",
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
  {
    keys: ["F"],
    action: "filter_previous",
    description: "the same, in reverse order",
    places: ["events", "log"],
  },
  {
    keys: ["s"],
    action: "source_next",
    description: "show the events of one source, or of all",
    places: ["events"],
    hint: (state) => sourceNames(state).length > 1 ? "source" : "",
    whyOff: (state) => sourceNames(state).length > 1 ? null : "There is only one source.",
  },
  {
    keys: ["S"],
    action: "source_previous",
    description: "the same, in reverse order",
    places: ["events"],
    whyOff: (state) => sourceNames(state).length > 1 ? null : "There is only one source.",
  },
  {
    keys: ["/"],
    action: "filter_text",
    description: "show only lines that contain a text",
    places: ["events", "log", "channels", "gifts"],
    hint: "search",
  },
  {
    keys: ["o"],
    action: "gift_order",
    description: "sort the gifts in another order",
    places: ["gifts"],
    hint: "order",
  },
  {
    keys: ["a"],
    action: "all_gifts",
    description: "also show the gifts of the catalog that were not seen yet, or only those seen",
    places: ["gifts"],
    hint: (state) => state.gifts.isAll ? "only seen" : "all gifts",
  },
  {
    keys: ["G", "end"],
    action: "bottom",
    description: "to the end; events and log follow new lines",
    places: scrolling,
    hint: (state) => isScrolledBack(state) ? "follow" : "",
  },
  {
    keys: ["esc", "backspace"],
    action: "back",
    description: "back; in the main view: show all panes, remove the filter, follow",
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
    description: "enter the user whose live to capture; with several sources, choose one",
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
    whyOff: (state) => isCapturing(state) ? "A live is being captured, so the demo cannot start." : null,
  },
  {
    keys: [","],
    action: "play_pause",
    description: "replay: pause, or go on",
    places: panes,
    hint: (state) => playedSource(state) === null ? "" : "pause/go on",
    whyOff: whyNotPlaying,
  },
  {
    keys: ["."],
    action: "play_step",
    description: "replay: the next event alone",
    places: panes,
    whyOff: whyNotPlaying,
  },
  {
    keys: [">"],
    action: "play_faster",
    description: "replay: faster",
    places: panes,
    hint: (state) => playedSource(state) === null ? "" : "faster",
    whyOff: whyNotPlaying,
  },
  { keys: ["<"], action: "play_slower", description: "replay: slower", places: panes, whyOff: whyNotPlaying },
  {
    keys: [":"],
    action: "play_jump",
    description: "replay: jump to a time, as 21:40, or forward, as +60",
    places: panes,
    hint: (state) => playedSource(state) === null ? "" : "jump",
    whyOff: whyNotPlaying,
  },
  {
    keys: ["c"],
    action: "edit_config",
    description: "open config.jsonc in your editor; changes of services apply when you save",
    places: views,
    hint: "config",
  },
  {
    keys: ["w"],
    action: "rule_desk",
    description: "write rules in your browser, and try them",
    places: panes.filter((pane) => pane !== "shown"),
    hint: "rules",
  },
  {
    keys: ["z"],
    action: "zoom",
    description: "show only this pane, or all panes",
    places: panes,
    hint: "zoom",
  },
  { keys: ["tab"], action: "next_pane", description: "next pane", places: panes, hint: "pane" },
  { keys: ["shift-tab"], action: "previous_pane", description: "previous pane", places: panes },
  { keys: ["1"], action: "focus_events", description: "to the events", places: panes },
  { keys: ["2"], action: "focus_services", description: "to the services", places: panes },
  { keys: ["3"], action: "focus_workers", description: "to the workers", places: panes },
  { keys: ["4"], action: "focus_log", description: "to the log", places: panes },
  {
    keys: ["5"],
    action: "focus_shown",
    description: "to the services' own panes and their keys, in place of the log",
    places: panes,
    hint: (state) => hasShown(state) && state.focus !== "shown" ? "shown" : "",
    whyOff: (state) => hasShown(state) ? null : "No service has a pane of its own.",
  },
  {
    keys: ["6"],
    action: "focus_channels",
    description: "to the channels of readings, in place of the log",
    places: panes,
    hint: (state) => state.snapshot.hasChannels && state.focus !== "channels" ? "channels" : "",
    whyOff: ({ snapshot }) => snapshot.hasChannels ? null : "There are no channels of readings.",
  },
  {
    keys: ["7"],
    action: "focus_gifts",
    description: "to the gifts that were seen, in place of the log",
    places: panes,
    hint: (state) => state.focus === "gifts" ? "" : "gifts",
  },
  {
    keys: ["h"],
    action: "span_hour",
    description: "chart an hour",
    places: ["channel"],
    hint: "hour",
  },
  { keys: ["d"], action: "span_day", description: "chart a day", places: ["channel"], hint: "day" },
  { keys: ["w"], action: "span_week", description: "chart a week", places: ["channel"], hint: "week" },
  { keys: ["up", "k"], action: "up", description: "up; in the events, back in time", places: scrolling },
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
    description: "redraw the screen after another program wrote on it",
    places: [...scrolling, ...typing, "confirm"],
  },
  {
    keys: ["?"],
    action: "help",
    description: "show all keys, and whether they work now",
    places: views,
    hint: "help",
  },
  {
    keys: ["q"],
    action: "quit",
    description: "stop in order and quit; press again to quit at once",
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
    case "jump":
      return "prompt";
  }
  const view = topView(state);
  return view.kind === "main" ? state.focus : view.kind;
}

/** The binding of a key in this place; undefined if the key does nothing here. */
export function findBinding(key: string, place: Place): KeyBinding | undefined {
  return keyBindings.find(({ keys, places }) => keys.includes(key) && places.includes(place));
}

export function hintOf(binding: KeyBinding, state: ScreenState): string {
  return typeof binding.hint === "function" ? binding.hint(state) : binding.hint ?? "";
}
