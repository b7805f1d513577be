/** Searching and jumping in the events, and choosing their types: a part of the reducer, and pure as well. */
import { acceptNote } from "./viewer_actions.ts";
import type { Answer, Query } from "../../control.ts";
import type { EventAtTime, EventHit } from "../../event_view.ts";
import { parseTypes } from "../../event_types.ts";
import { formatNumber, t } from "../../language.ts";
import { UserError } from "../../user_error.ts";
import { isFiltered, jumpToEvent, offeredTypes, setEventFilter, shownEvents } from "./events_pane.ts";
import { isJumpOfReplay, jumpReplay } from "./played.ts";
import {
  keyTo,
  type LineDialog,
  only,
  type ScreenState,
  selectedEvent,
  type Step,
  withStatus,
} from "./state.ts";

/** Higher than the id of any event. */
const afterAll = Number.MAX_SAFE_INTEGER;

function ask(state: ScreenState, asks: LineDialog["asks"], text: string): Step {
  return only({ ...state, focus: "events", dialog: { kind: "line", asks, text, why: "" } });
}

/** Asks for the types to show. It starts with those that are shown now. */
export function askTypes(state: ScreenState): Step {
  const { types } = state.eventFilter;
  const names = types?.types.map((type) => type.replace(/Event$/, "").toLowerCase()) ?? [];
  return ask(state, "types", (types?.isAllBut ? "!" : "") + names.join(","));
}

export function askSearch(state: ScreenState): Step {
  return ask(state, "search", "");
}

/** Asks for the time to jump to: of a replay that is playing, or else in the events. */
export function askJump(state: ScreenState): Step {
  return ask(state, isJumpOfReplay(state) ? "replay" : "time", "");
}

/** Does what was typed. What cannot be done stays, with the reason above it. */
export function acceptLine(state: ScreenState, { asks, text }: LineDialog): Step {
  const closed = { ...state, dialog: null };
  try {
    switch (asks) {
      case "types":
        return setEventFilter(closed, { ...state.eventFilter, types: parseTypes(text, offeredTypes(state)) });
      case "search":
        return search(closed, text.trim());
      case "time":
        return text.trim() === "" ? only(closed) : askTime(closed, text);
      case "note":
        return acceptNote(closed, text.trim());
      case "replay":
        return text.trim() === "" ? only(closed) : jumpReplay(closed, text.trim());
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return only({ ...state, dialog: { kind: "line", asks, text, why: error.message } });
  }
}

/** From the selected event on, or back from the end if the pane follows. An empty text ends the search. */
function search(state: ScreenState, text: string): Step {
  if (text === "") return only({ ...state, search: null });
  const next = { ...state, search: text };
  const line = selectedEvent(state);
  if (state.eventCursor.key === null || line === null) return find(next, afterAll, false);
  return find(next, line.firstId - 1, true);
}

export function nextHit(state: ScreenState, isForward: boolean): Step {
  const from = state.events.goal ?? selectedEvent(state)?.firstId;
  return from === undefined ? only(state) : find(state, from, isForward);
}

function find(state: ScreenState, from: number, isForward: boolean): Step {
  if (state.search === null) return only(state);
  const query: Query = {
    kind: "event_search",
    wanted: state.search,
    from,
    isForward,
    ...shownEvents(state),
  };
  return only(state, { kind: "query", query, asked: state.eventsAsked });
}

function askTime(state: ScreenState, typed: string): Step {
  const query: Query = { kind: "event_time", typed, ...shownEvents(state) };
  return only(state, { kind: "query", query, asked: state.eventsAsked });
}

/** Goes to what was found, if the pane still shows the same events. */
export function withFound(
  state: ScreenState,
  { query, answer, asked }: { query: Query; answer: Answer; asked: number },
): Step {
  if (asked !== state.eventsAsked) return only(state);
  if (answer.kind === "event_time") return withTime(state, answer);
  return query.kind === "event_search" && answer.kind === "event_search"
    ? withHit(state, query, answer)
    : only(state);
}

function withTime(state: ScreenState, { id, said }: EventAtTime): Step {
  if (id === null) return only(withStatus(state, said, "error"));
  return jumpToEvent(withStatus(state, said, "done"), id);
}

function withHit(
  state: ScreenState,
  { wanted, from, isForward }: Query & { kind: "event_search" },
  { id, number, count }: EventHit,
): Step {
  if (id === null) return only(withStatus(state, nothingFound(state, wanted), "note"));
  const [which, all] = [number, count].map(formatNumber);
  const isAround = isForward ? id <= from : id >= from;
  const said = !isAround
    ? t`Hit ${which} of ${all} for “${wanted}”.`
    : isForward
    ? t`Hit ${which} of ${all} for “${wanted}”, from the start again.`
    : t`Hit ${which} of ${all} for “${wanted}”, from the end again.`;
  return jumpToEvent(withStatus(state, said, "done"), id);
}

function nothingFound(state: ScreenState, wanted: string): string {
  if (!isFiltered(state)) return t`No event of this session has “${wanted}”.`;
  const key = keyTo("back", state.snapshot);
  return t`None of the events that the filter shows has “${wanted}”. ${key} shows all of them.`;
}
