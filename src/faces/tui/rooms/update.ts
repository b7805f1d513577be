/** The reducer of the list of rooms, which is pure: returns the next state and the effects for each message. */
import { t } from "../../../language.ts";
import type { ActionName } from "../../../screen_keys.ts";
import { themeNames } from "../../../screen_settings.ts";
import { type Move, moveCursor, steps, stepThrough, windowOf } from "../list.ts";
import { logLevels } from "../state.ts";
import type { MouseInput } from "../terminal_input.ts";
import { keyAt } from "../view/footer.ts";
import { footerHints, pressed } from "./keys.ts";
import { isTooSmall, layOut, roomRows, tableHead } from "./layout.ts";
import { roomOrders } from "./order.ts";
import {
  keysOf,
  only,
  type RoomsMessage,
  type RoomsState,
  type RoomsStep,
  selectedRoom,
  withLines,
  withStatus,
} from "./state.ts";
import { scrolled, scrolledRows } from "./view/frame.ts";

export function updateRooms(state: RoomsState, message: RoomsMessage): RoomsStep {
  switch (message.kind) {
    case "snapshot":
      return only(withLines({ ...state, snapshot: message.snapshot }));
    case "key":
      return presses[message.action]?.(state) ?? only(state);
    case "typed":
      return only(withTyped(state, message.text));
    case "mouse":
      return pointed(state, message.event);
    case "resized":
      return only({ ...state, size: message.size });
    case "opened":
      return only(
        message.failure === null
          ? { ...state, opening: null, status: null }
          : withStatus({ ...state, opening: null }, message.failure, "error"),
      );
    case "left":
      return only(withStatus({ ...state, theme: message.theme }, message.why, "error"));
    case "status":
      return only(withStatus(state, message.result.text, message.result.isError ? "error" : "done"));
    case "status_expired":
      return only(message.number === state.statusNumber ? { ...state, status: null } : state);
  }
}

/** What each action does. Other actions do nothing here. */
const presses: Partial<Record<ActionName, (state: RoomsState) => RoomsStep>> = {
  quit,
  interrupt: quit,
  help: (state) => only({ ...state, view: { kind: "help", scroll: 0, text: "" } }),
  focus_log: (state) =>
    only(state.snapshot.log === undefined ? state : { ...state, view: { kind: "log", scroll: null } }),
  back: goBack,
  open,
  up: (state) => move(state, "up"),
  down: (state) => move(state, "down"),
  page_up: (state) => move(state, "page_up"),
  page_down: (state) => move(state, "page_down"),
  top: (state) => move(state, "top"),
  bottom: (state) => move(state, "bottom"),
  filter_text: (state) => only({ ...state, before: state.text }),
  room_order: (state) => only(withLines({ ...state, order: stepThrough(roomOrders, state.order, 1) })),
  next_filter: (state) => only({ ...state, logLevel: stepThrough(logLevels, state.logLevel, 1) }),
  previous_filter: (state) => only({ ...state, logLevel: stepThrough(logLevels, state.logLevel, -1) }),
  next_theme: nextTheme,
  redraw: (state) => only(state, { kind: "repaint" }),
  accept: (state) => only({ ...state, before: null }),
  cancel,
  erase: (state) => only(withText(state, [...typedText(state)].slice(0, -1).join(""))),
  erase_all: (state) => only(withText(state, "")),
};

function quit(state: RoomsState): RoomsStep {
  const { stopping = null } = state.snapshot;
  if (state.isQuitting || stopping !== null) return only(state, { kind: "quit_now" });
  return only({ ...state, isQuitting: true, before: null }, { kind: "quit" });
}

function nextTheme(state: RoomsState): RoomsStep {
  const theme = stepThrough(themeNames, state.theme ?? state.settings.theme, 1);
  const text = t`The theme is ${theme}. To keep it, write "theme": "${theme}" into the config.`;
  return only(withStatus({ ...state, theme }, text, "note"));
}

function open(state: RoomsState): RoomsStep {
  const streamer = selectedRoom(state)?.streamer ?? null;
  if (streamer === null || streamer === state.opening) return only(state);
  return only({ ...state, opening: streamer }, { kind: "open", streamer });
}

/** Closes a view, gives up a room that is being opened, or shows all rooms again. */
function goBack(state: RoomsState): RoomsStep {
  if (state.view.kind !== "list") return only({ ...state, view: { kind: "list" } });
  if (state.opening !== null) return only({ ...state, opening: null }, { kind: "cancel_opening" });
  return only(withLines({ ...state, text: "" }));
}

function cancel(state: RoomsState): RoomsStep {
  const { view, before } = state;
  if (before !== null) return only(withLines({ ...state, text: before, before: null }));
  return view.kind === "help" && view.text !== "" ? only(withText(state, "")) : goBack(state);
}

function typedText({ view, text }: RoomsState): string {
  return view.kind === "help" ? view.text : text;
}

function withTyped(state: RoomsState, text: string): RoomsState {
  if (state.view.kind !== "help" && state.before === null) return state;
  return withText(state, typedText(state) + text.replace(/\s+/g, " "));
}

/** A text is applied while it is typed. */
function withText(state: RoomsState, text: string): RoomsState {
  if (state.view.kind === "help") return { ...state, view: { kind: "help", scroll: 0, text } };
  return withLines({ ...state, text });
}

function move(state: RoomsState, direction: Move): RoomsStep {
  const { view } = state;
  if (view.kind === "help") {
    return only({ ...state, view: { ...view, scroll: scrollOf(state, direction).scroll } });
  }
  if (view.kind === "log") {
    // At its end it follows.
    const { scroll, last } = scrollOf(state, direction);
    return only({ ...state, view: { kind: "log", scroll: scroll === last ? null : scroll } });
  }
  const step = { move: direction, rows: roomRows(state), follows: false };
  return only({ ...state, cursor: moveCursor(keysOf(state), state.cursor, step) });
}

function scrollOf(state: RoomsState, direction: Move): { scroll: number; last: number } {
  const { first, last } = scrolled(state);
  const page = Math.max(1, scrolledRows(state) - 1);
  const distances = { ...steps, page_up: -page, page_down: page, top: -first, bottom: last };
  return { scroll: Math.min(last, Math.max(0, first + distances[direction])), last };
}

function pointed(state: RoomsState, { kind, column, row }: MouseInput): RoomsStep {
  if (isTooSmall(state.size)) return only(state);
  if (kind === "press" && row === state.size.rows - 1) {
    const key = keyAt(footerHints(state), column);
    const message = key === null ? null : pressed(state, key, "");
    return message === null ? only(state) : updateRooms(state, message);
  }
  if (kind !== "press") return move(state, kind);
  if (state.view.kind !== "list" || state.before !== null) return only(state);
  const { header, body, trouble, log } = layOut(state);
  const logTop = header + body + trouble;
  if (row >= logTop && row < logTop + log) return presses.focus_log?.(state) ?? only(state);
  return clicked(state, row - header - tableHead);
}

/** Selects the room in this row of the table. A click on the selected one opens it. */
function clicked(state: RoomsState, row: number): RoomsStep {
  const rows = roomRows(state);
  if (row < 0 || row >= rows) return only(state);
  const keys = keysOf(state);
  const { first, selected } = windowOf(keys, state.cursor, rows);
  const key = keys[first + row];
  if (key === undefined) return only(state);
  return first + row === selected ? open(state) : only({ ...state, cursor: { key, row } });
}
