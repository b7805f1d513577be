/**
 * The actions of the screen: each with its usual keys, what it does, and where its keys work. The config can bind other
 * keys to them, by these names. Key presses, the footer, the help and the checks of the config all use this table, so
 * they cannot contradict each other. The footer shows the actions in this order.
 */
import { shownKey } from "./key.ts";
import { msg } from "./language.ts";

/** The panes of the main view. */
export const panes = [
  "events",
  "services",
  "workers",
  "log",
  "shown",
  "channels",
  "gifts",
  "sessions",
] as const;
export type Pane = typeof panes[number];

/** Where a key works: a pane of the main view, another view, the list of rooms, or a dialog. */
export type Place =
  | Pane
  | "rooms"
  | "channel"
  | "service"
  | "event"
  | "log_line"
  | "viewer"
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

const ofService: readonly Place[] = ["services", "workers", "service"];
const views: readonly Place[] = [...panes, "service", "event", "channel", "log_line", "viewer"];
const allViews: readonly Place[] = [...views, "rooms"];
const scrolling: readonly Place[] = [...allViews, "help"];
const dialogs: readonly Place[] = ["prompt", "user", "form"];
/** In the help, a text searches it. */
const typing: readonly Place[] = [...dialogs, "help"];
const everywhere: readonly Place[] = [...allViews, ...typing, "confirm"];

/** `keys`: separated by spaces. */
function action(keys: string, places: readonly Place[], description: string): ScreenAction {
  return { keys: keys.split(" ") as [string, ...string[]], description, places };
}

export const screenActions = {
  yes: action("y", ["confirm"], msg("yes, do it")),
  no: action("n esc q", ["confirm"], msg("no, cancel")),
  accept: action("enter", dialogs, msg("confirm the input")),
  cancel: action("esc", typing, msg("cancel without a change; in the help: remove the text, go back")),
  next_field: action("tab down", ["form"], msg("next field")),
  previous_field: action("shift-tab up", ["form"], msg("previous field")),
  next_choice: action("right", ["form", "user"], msg("next choice of the type, gift, role or source")),
  previous_choice: action("left", ["form", "user"], msg("previous choice")),
  next_user: action("down", ["user"], msg("next one of the last users")),
  previous_user: action("up", ["user"], msg("previous one of the last users")),
  forget_user: action("ctrl-d", ["user"], msg("forget this one of the last users")),
  erase: action("backspace delete", typing, msg("erase a character")),
  erase_all: action("ctrl-u", typing, msg("erase the text")),

  open: action(
    "enter",
    [...panes, "rooms"],
    msg("open the selected line, as an event, a past session or a room; send the selected gift as a test"),
  ),
  pause: action("p", ofService, msg("pause or resume the service; its queue keeps filling")),
  pause_all: action("P", views, msg("pause or resume all services")),
  restart: action("r", ofService, msg("restart the service's worker")),
  empty: action("e", ofService, msg("empty the service's queue, after asking")),
  retry_failed: action("R", ofService, msg("put the service's failed items back, many after asking")),
  retry_discarded: action("D", ofService, msg("put the service's discarded items back, many after asking")),
  retry_event: action(
    "R",
    ["event"],
    msg("put back the failed and discarded items of this event, or of its streak"),
  ),
  next_filter: action(
    "f",
    ["events", "log", "rooms"],
    msg("show one type of event (in the log: warnings, errors)"),
  ),
  previous_filter: action("F", ["events", "log", "rooms"], msg("the same, in reverse order")),
  next_source: action("s", ["events"], msg("show the events of one source, or of all")),
  previous_source: action("S", ["events"], msg("the same, in reverse order")),
  choose_types: action(
    "o",
    ["events"],
    msg("type which types of event to show, as like,gift, or all but !join"),
  ),
  search: action("/", ["events"], msg("search the whole session for a name or a text")),
  view_viewer: action("v", ["events", "event"], msg("show the viewer: lives, gifts, comments, note")),
  note_viewer: action("n", ["viewer"], msg("write a note about the viewer")),
  block_viewer: action("b", ["viewer"], msg("block the viewer, or unblock")),
  next_hit: action("n", ["events"], msg("to the next event that the search finds")),
  previous_hit: action("N", ["events"], msg("to the previous one")),
  filter_events: action("&", ["events"], msg("show only events that contain a text")),
  filter_text: action("/", ["log", "channels", "gifts", "rooms"], msg("show only lines that contain a text")),
  gift_order: action("o", ["gifts"], msg("sort the gifts in another order")),
  all_gifts: action(
    "a",
    ["gifts"],
    msg("also show the gifts of the catalog that were not seen yet, or only those seen"),
  ),
  room_order: action("o", ["rooms"], msg("sort the rooms in another order")),
  bottom: action("G end", scrolling, msg("to the end; events and log follow new lines")),
  back: action(
    "esc backspace",
    allViews,
    msg("back; in the main view: show all panes, remove the filter, follow"),
  ),
  test_event: action("t", views, msg("send a test event to your services")),
  change_user: action(
    "u",
    views,
    msg("enter the user whose live to capture; with several sources, choose one"),
  ),
  demo: action("d", panes, msg("start a made-up live")),
  replay_pause: action(",", panes, msg("replay: pause, or go on")),
  replay_step: action(".", panes, msg("replay: the next event alone")),
  replay_faster: action(">", panes, msg("replay: faster")),
  replay_slower: action("<", panes, msg("replay: slower")),
  jump: action(
    ":",
    panes,
    msg("jump to a time: of day as 21:40, after the start as +1:30, or in a replay"),
  ),
  edit_config: action(
    "c",
    views,
    msg("open config.jsonc in your editor; changes of services apply when you save"),
  ),
  rule_desk: action(
    "w",
    panes.filter((pane) => pane !== "shown"),
    msg("write rules in your browser, and try them"),
  ),
  zoom: action("z", panes, msg("show only this pane, or all panes")),
  next_pane: action("tab", panes, msg("next pane")),
  previous_pane: action("shift-tab", panes, msg("previous pane")),
  focus_events: action("1", panes, msg("to the events")),
  focus_services: action("2", panes, msg("to the services")),
  focus_workers: action("3", panes, msg("to the workers")),
  focus_log: action("4", [...panes, "rooms"], msg("to the log")),
  focus_shown: action("5", panes, msg("to the services' own panes and their keys, in place of the log")),
  focus_channels: action("6", panes, msg("to the channels of readings, in place of the log")),
  focus_sessions: action("8", panes, msg("to the past sessions, in place of the log")),
  focus_gifts: action("7", panes, msg("to the gifts that were seen, in place of the log")),
  chart_hour: action("h", ["channel"], msg("chart an hour")),
  chart_day: action("d", ["channel"], msg("chart a day")),
  chart_week: action("w", ["channel"], msg("chart a week")),
  up: action("up k", scrolling, msg("up; in the events, back in time")),
  down: action("down j", scrolling, msg("down")),
  page_up: action("pageup ctrl-b", scrolling, msg("a page up")),
  page_down: action("pagedown ctrl-f space", scrolling, msg("a page down")),
  top: action("g home", scrolling, msg("to the top")),
  next_theme: action("T", allViews, msg("show the next theme")),
  redraw: action("ctrl-l", everywhere, msg("redraw the screen after another program wrote on it")),
  help: action("?", allViews, msg("show all keys, and whether they work now")),
  quit: action("q", allViews, msg("stop in order and quit; press again to quit at once")),
  interrupt: action("ctrl-c", everywhere, msg("the same, from anywhere")),
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
