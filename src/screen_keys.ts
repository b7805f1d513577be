/**
 * The actions of the screen: each with its usual keys, what it does, and where its keys work. The config can bind other
 * keys to them, by these names. Key presses, the footer, the help and the checks of the config all use this table, so
 * they cannot contradict each other. The footer shows the actions in this order.
 */
import { shownKey } from "./key.ts";

/** Where a key works: a pane of the main view, another view, or a dialog. */
export type Place =
  | "events"
  | "services"
  | "workers"
  | "log"
  | "shown"
  | "channels"
  | "gifts"
  | "sessions"
  | "channel"
  | "service"
  | "event"
  | "log_line"
  | "help"
  | "prompt"
  | "user"
  | "form"
  | "confirm";

export type Keys = readonly [string, ...string[]];

export interface ScreenAction {
  /** Names of `key.ts`. The footer shows the first one. */
  keys: Keys;
  description: string;
  places: readonly Place[];
}

const panes: readonly Place[] = [
  "events",
  "services",
  "workers",
  "log",
  "shown",
  "channels",
  "gifts",
  "sessions",
];
const ofService: readonly Place[] = ["services", "workers", "service"];
const views: readonly Place[] = [...panes, "service", "event", "channel", "log_line"];
const scrolling: readonly Place[] = [...views, "help"];
const typing: readonly Place[] = ["prompt", "user", "form"];
const everywhere: readonly Place[] = [...scrolling, ...typing, "confirm"];

/** `keys`: separated by spaces. */
function action(keys: string, places: readonly Place[], description: string): ScreenAction {
  return { keys: keys.split(" ") as [string, ...string[]], description, places };
}

export const screenActions = {
  yes: action("y", ["confirm"], "yes, do it"),
  no: action("n esc q", ["confirm"], "no, cancel"),
  accept: action("enter", typing, "confirm the input"),
  cancel: action("esc", typing, "cancel without a change"),
  next_field: action("tab down", ["form"], "next field"),
  previous_field: action("shift-tab up", ["form"], "previous field"),
  next_choice: action("right", ["form", "user"], "next choice of the type, gift, role or source"),
  previous_choice: action("left", ["form", "user"], "previous choice"),
  erase: action("backspace delete", typing, "erase a character"),
  erase_all: action("ctrl-u", typing, "erase the text"),

  open: action(
    "enter",
    panes,
    "open the selected line, as an event or a past session; send the selected gift as a test",
  ),
  pause: action("p", ofService, "pause or resume the service; its queue keeps filling"),
  pause_all: action("P", views, "pause or resume all services"),
  restart: action("r", ofService, "restart the service's worker"),
  empty: action("e", ofService, "empty the service's queue, after asking"),
  retry_failed: action("R", ofService, "put the service's failed items back, many after asking"),
  retry_discarded: action("D", ofService, "put the service's discarded items back, many after asking"),
  retry_event: action("R", ["event"], "put back the failed and discarded items of this event"),
  next_filter: action("f", ["events", "log"], "show one type of event (in the log: warnings, errors)"),
  previous_filter: action("F", ["events", "log"], "the same, in reverse order"),
  next_source: action("s", ["events"], "show the events of one source, or of all"),
  previous_source: action("S", ["events"], "the same, in reverse order"),
  choose_types: action("o", ["events"], "type which types of event to show, as like,gift, or all but !join"),
  search: action("/", ["events"], "search the whole session for a name or a text"),
  next_hit: action("n", ["events"], "to the next event that the search finds"),
  previous_hit: action("N", ["events"], "to the previous one"),
  filter_events: action("&", ["events"], "show only events that contain a text"),
  filter_text: action("/", ["log", "channels", "gifts"], "show only lines that contain a text"),
  gift_order: action("o", ["gifts"], "sort the gifts in another order"),
  all_gifts: action(
    "a",
    ["gifts"],
    "also show the gifts of the catalog that were not seen yet, or only those seen",
  ),
  bottom: action("G end", scrolling, "to the end; events and log follow new lines"),
  back: action(
    "esc backspace",
    scrolling,
    "back; in the main view: show all panes, remove the filter, follow",
  ),
  test_event: action("t", views, "send a test event to your services"),
  change_user: action("u", views, "enter the user whose live to capture; with several sources, choose one"),
  demo: action("d", panes, "start a made-up live"),
  replay_pause: action(",", panes, "replay: pause, or go on"),
  replay_step: action(".", panes, "replay: the next event alone"),
  replay_faster: action(">", panes, "replay: faster"),
  replay_slower: action("<", panes, "replay: slower"),
  jump: action(
    ":",
    panes,
    "jump to a time: of day as 21:40, after the start as +1:30, or in a replay",
  ),
  edit_config: action(
    "c",
    views,
    "open config.jsonc in your editor; changes of services apply when you save",
  ),
  rule_desk: action(
    "w",
    panes.filter((pane) => pane !== "shown"),
    "write rules in your browser, and try them",
  ),
  zoom: action("z", panes, "show only this pane, or all panes"),
  next_pane: action("tab", panes, "next pane"),
  previous_pane: action("shift-tab", panes, "previous pane"),
  focus_events: action("1", panes, "to the events"),
  focus_services: action("2", panes, "to the services"),
  focus_workers: action("3", panes, "to the workers"),
  focus_log: action("4", panes, "to the log"),
  focus_shown: action("5", panes, "to the services' own panes and their keys, in place of the log"),
  focus_channels: action("6", panes, "to the channels of readings, in place of the log"),
  focus_sessions: action("8", panes, "to the past sessions, in place of the log"),
  focus_gifts: action("7", panes, "to the gifts that were seen, in place of the log"),
  chart_hour: action("h", ["channel"], "chart an hour"),
  chart_day: action("d", ["channel"], "chart a day"),
  chart_week: action("w", ["channel"], "chart a week"),
  up: action("up k", scrolling, "up; in the events, back in time"),
  down: action("down j", scrolling, "down"),
  page_up: action("pageup ctrl-b", scrolling, "a page up"),
  page_down: action("pagedown ctrl-f space", scrolling, "a page down"),
  top: action("g home", scrolling, "to the top"),
  next_theme: action("T", views, "show the next theme"),
  redraw: action("ctrl-l", everywhere, "redraw the screen after another program wrote on it"),
  help: action("?", views, "show all keys, and whether they work now"),
  quit: action("q", scrolling, "stop in order and quit; press again to quit at once"),
  interrupt: action("ctrl-c", everywhere, "the same, from anywhere"),
} satisfies Record<string, ScreenAction>;

export type ActionName = keyof typeof screenActions;

export const actionNames = Object.keys(screenActions) as ActionName[];

/** The actions whose keys the config can set. Ctrl-C always quits. */
export const boundActions: readonly ActionName[] = actionNames.filter((name) => name !== "interrupt");

/** Keys that the config sets instead of the usual ones. */
export type KeyChoices = Partial<Record<ActionName, Keys>>;

export function keysFor(choices: KeyChoices, action: ActionName): Keys {
  return choices[action] ?? screenActions[action].keys;
}

/** The key to press for an action, as the keyboard names it. */
export function keyFor(choices: KeyChoices, action: ActionName): string {
  return shownKey(keysFor(choices, action)[0]);
}

/** Whether a key that has a character types it in this place. */
export function isForTyping(place: Place): boolean {
  return typing.includes(place);
}
