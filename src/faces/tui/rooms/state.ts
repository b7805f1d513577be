/** The state of the list of rooms, and values derived from it in more than one place. */
import type { ActionResult, LogLine } from "../../../control.ts";
import type { RoomLine, RoomsSnapshot } from "../../../rooms_control.ts";
import { type ActionName, keyFor } from "../../../screen_keys.ts";
import type { ScreenSettings, ThemeName } from "../../../screen_settings.ts";
import type { Size } from "../layout.ts";
import { type Cursor, windowOf } from "../list.ts";
import { logLevels, type ScreenState } from "../state.ts";
import type { MouseInput } from "../terminal_input.ts";
import { chosenRooms, type RoomOrder } from "./order.ts";

/** The content of the body. `scroll` counts lines from the top; null follows the end. */
export type RoomsView =
  | { kind: "list" }
  | { kind: "help"; scroll: number; text: string }
  | { kind: "log"; scroll: number | null };

export interface RoomsState {
  kind: "rooms";
  size: Size;
  snapshot: RoomsSnapshot;
  settings: ScreenSettings;
  view: RoomsView;
  /** Only rooms with this text. */
  text: string;
  /** The text before it is being typed; null while nothing is typed. */
  before: string | null;
  order: RoomOrder;
  /** The rooms that are shown, in order. */
  lines: readonly RoomLine[];
  /** By streamer. */
  cursor: Cursor;
  logLevel: typeof logLevels[number];
  /** The streamer whose room is being opened; null if none is. */
  opening: string | null;
  status: ScreenState["status"];
  /** Increases with each status, so that the expiry of an old status does not remove a new one. */
  statusNumber: number;
  isQuitting: boolean;
  /** The theme that a key chose; null: that of the config. */
  theme: ThemeName | null;
}

export type RoomsMessage =
  | { kind: "snapshot"; snapshot: RoomsSnapshot }
  | { kind: "key"; action: ActionName }
  | { kind: "typed"; text: string }
  | { kind: "mouse"; event: MouseInput }
  | { kind: "resized"; size: Size }
  /** The room is on the screen, or could not be opened. */
  | { kind: "opened"; failure: string | null }
  /** The room was left; `why`: what ended it, "" if a key did. */
  | { kind: "left"; why: string; theme: ThemeName | null }
  | { kind: "status"; result: ActionResult }
  | { kind: "status_expired"; number: number };

export type RoomsEffect =
  | { kind: "open"; streamer: string }
  /** Whatever is being opened is no longer wanted. */
  | { kind: "cancel_opening" }
  | { kind: "repaint" }
  | { kind: "quit" }
  | { kind: "quit_now" };

export interface RoomsStep {
  state: RoomsState;
  effects: RoomsEffect[];
}

export function initialRooms(snapshot: RoomsSnapshot, settings: ScreenSettings): RoomsState {
  return withLines({
    kind: "rooms",
    size: { columns: 80, rows: 24 },
    snapshot,
    settings,
    view: { kind: "list" },
    text: "",
    before: null,
    order: "name",
    lines: [],
    cursor: { key: null, row: 0 },
    logLevel: "info",
    opening: null,
    status: null,
    statusNumber: 0,
    isQuitting: false,
    theme: null,
  });
}

/** Chooses and sorts the rooms again. The cursor stays on its room, or goes to the one that came after it. */
export function withLines(state: RoomsState): RoomsState {
  const { snapshot: { rooms }, cursor } = state;
  const lines = chosenRooms(rooms, state);
  const names = new Set(lines.map(({ streamer }) => streamer));
  if (lines.length === 0 || names.has(cursor.key ?? "")) return { ...state, lines };
  const before = state.lines.map(({ streamer }) => streamer);
  const at = before.indexOf(cursor.key ?? "");
  const key = before.slice(at).find((name) => names.has(name)) ?? before.findLast((name) => names.has(name));
  return { ...state, lines, cursor: { ...cursor, key: key ?? lines[0]?.streamer ?? null } };
}

export function keysOf({ lines }: RoomsState): string[] {
  return lines.map(({ streamer }) => streamer);
}

/** The room at the cursor; null in an empty list. */
export function selectedRoom(state: RoomsState): RoomLine | null {
  const { selected } = windowOf(keysOf(state), state.cursor, 1);
  return state.lines[selected] ?? null;
}

/** The key to press for an action, as it is bound now. */
export function keyTo(action: ActionName, { settings }: RoomsState): string {
  return keyFor(settings.keys, action);
}

/** The log's lines of the chosen level and above. */
export function shownLog({ snapshot: { log = [] }, logLevel }: RoomsState): readonly LogLine[] {
  const least = logLevels.indexOf(logLevel);
  return least === 0 ? log : log.filter(({ level }) => logLevels.indexOf(level) >= least);
}

export function withStatus(
  state: RoomsState,
  text: string,
  tone: NonNullable<RoomsState["status"]>["tone"],
): RoomsState {
  return { ...state, status: text === "" ? null : { text, tone }, statusNumber: state.statusNumber + 1 };
}

/** A step with this state and these effects. */
export function only(state: RoomsState, ...effects: RoomsEffect[]): RoomsStep {
  return { state, effects };
}
