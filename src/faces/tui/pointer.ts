/** What a click or the wheel of the mouse means, by what is at its place: a part of the reducer, and pure as well. */
import { activated, pressed } from "./keys.ts";
import { isTooSmall, type Pane, panes } from "./layout.ts";
import { windowOf } from "./list.ts";
import { layoutOf, linesOf, tables } from "./room.ts";
import {
  keysOf,
  type Message,
  type ScreenState,
  selectedService,
  shownCursor,
  topView,
  withFocus,
} from "./state.ts";
import { serviceRows } from "./view/services.ts";
import { logRows } from "./view/log.ts";
import { hintAt } from "./view/footer.ts";
import type { MouseInput } from "./terminal_input.ts";

/** `then`: what happens in the changed state. */
export interface Pointed {
  state: ScreenState;
  then: Message | null;
}

export function pointed(state: ScreenState, event: MouseInput): Pointed {
  if (isTooSmall(state.size)) return { state, then: null };
  const isInFooter = event.row === state.size.rows - 1;
  if (event.kind === "press" && isInFooter) {
    const key = hintAt(state, event.column);
    return { state, then: key === null ? null : pressed(state, key, key) };
  }
  if (state.dialog !== null) return { state, then: null };
  const isMain = topView(state).kind === "main";
  const place = isMain ? placeAt(state, event) : null;
  if (isMain && place === null) return { state, then: null };
  if (event.kind !== "press") {
    return { state, then: { kind: "scroll", pane: place?.pane ?? null, move: event.kind } };
  }
  return place === null ? { state, then: null } : clicked(state, place);
}

interface Place {
  pane: Pane;
  /** The row below the title and the column headings; negative in those. */
  row: number;
}

/** The pane at this place of the main view; null if there is none. */
function placeAt(state: ScreenState, { column, row }: MouseInput): Place | null {
  if (column < 0 || column >= state.size.columns) return null;
  const { headerRows, panes: rooms, isWide } = layoutOf(state);
  let top = headerRows;
  // Side by side, the events are right of the services and the workers.
  const left = isWide ? rooms.services.columns : 0;
  const stacked = isWide ? panes.filter((pane) => pane !== "events") : panes;
  if (isWide && column >= left && row >= top && row < top + rooms.events.rows) {
    return column === left ? null : placeIn("events", row - top);
  }
  for (const pane of stacked) {
    const { rows } = rooms[pane];
    if (row >= top && row < top + rows) return placeIn(pane, row - top);
    top += rows;
  }
  return null;
}

function placeIn(pane: Pane, row: number): Place {
  return { pane, row: row - (tables.includes(pane) ? 2 : 1) };
}

/** Focuses the pane and selects the line. A click on the line that was selected there opens it. */
function clicked(state: ScreenState, { pane, row }: Place): Pointed {
  const focused = withFocus(state, pane);
  const selected = row < 0 ? null : selectedAt(focused, pane, row, state);
  if (selected === null) return { state: focused, then: null };
  const isAgain = state.focus === pane && isSameLine(state, selected, pane);
  return { state: selected, then: isAgain ? activated(selected, "open") : null };
}

function isSameLine(before: ScreenState, after: ScreenState, pane: Pane): boolean {
  switch (pane) {
    case "events":
      return before.eventCursor.key === after.eventCursor.key;
    case "log":
      return before.logCursor.key === after.logCursor.key;
    case "shown":
      return shownCursor(before).key === shownCursor(after).key;
    case "services":
    case "workers":
      return selectedService(before)?.slug === selectedService(after)?.slug;
    case "channels":
    case "gifts":
    case "sessions":
      return before[pane].selected === after[pane].selected;
  }
}

/** The state with the line selected that is in this row of the pane as it was `drawn`; null if there is no line. */
function selectedAt(state: ScreenState, pane: Pane, row: number, drawn: ScreenState): ScreenState | null {
  const keys = keysOf(drawn, pane);
  const rows = linesOf(drawn, pane);
  switch (pane) {
    case "services":
    case "workers": {
      // The services of a past session cannot be selected.
      const slug = state.past === null ? serviceRows(drawn, pane)[row] : undefined;
      return slug === undefined ? null : { ...state, serviceSlug: slug };
    }
    case "events": {
      const key = keys[windowOf(keys, drawn.eventCursor, rows).first + row];
      return key === undefined ? null : { ...state, eventCursor: { key, row } };
    }
    case "log": {
      const key = keys[logRows(drawn)[row]?.index ?? -1];
      return key === undefined ? null : { ...state, logCursor: { key, row } };
    }
    case "shown": {
      const key = keys[windowOf(keys, shownCursor(drawn), rows).first + row];
      return key === undefined ? null : { ...state, shownKey: key };
    }
    case "channels":
    case "gifts":
    case "sessions": {
      const list = drawn[pane];
      const selected = list.first + row;
      return selected >= (list.count ?? 0) ? null : { ...state, [pane]: { ...list, selected } };
    }
  }
}
