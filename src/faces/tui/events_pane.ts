/** Moving and filtering in the events pane: a part of the reducer, and pure as well. */
import { eventTypes, isEventType, mainEventTypes } from "../../event.ts";
import type { EventPlace, EventQuery, EventsPage, EventsShown } from "../../event_view.ts";
import {
  emptyEventList,
  type EventFilter,
  type EventList,
  keyOfEvent,
  listFrom,
  oldestId,
  pageSize,
  withLatest,
  withNewer,
  withOlder,
} from "./event_list.ts";
import { following, type Move, moveCursor, stepThrough, windowOf } from "./list.ts";
import { linesOf } from "./room.ts";
import {
  keysOf,
  livesOf,
  only,
  presentEvents,
  type ScreenState,
  selectedEvent,
  sourceNames,
  type Step,
} from "./state.ts";

type PageQuery = EventQuery & { kind: "events" };

/** What the pane shows, for a query. */
export function shownEvents({ past, eventFilter }: ScreenState): EventsShown {
  return { session: past?.session.id ?? null, ...eventFilter };
}

function canAsk(state: ScreenState): boolean {
  return state.past !== null || livesOf(state.snapshot, state.eventFilter).length > 0;
}

function ask(state: ScreenState, from: Pick<PageQuery, "before" | "after">): Step {
  const query: PageQuery = { kind: "events", ...from, limit: pageSize, ...shownEvents(state) };
  return only({ ...state, events: { ...state.events, isLoading: true } }, {
    kind: "query",
    query,
    asked: state.eventsAsked,
  });
}

/** Requests the page before the oldest line, unless it is already loading or does not exist. */
export function askOlder(state: ScreenState): Step {
  const { events } = state;
  if (events.isLoading || !events.hasMore || !canAsk(state)) return only(state);
  return ask(state, { before: oldestId(events), after: null });
}

/** Requests the page after the newest line, where the list ends before the latest event. */
function askNewer(state: ScreenState): Step {
  const { events } = state;
  if (events.isLoading || !events.isCutOff || !canAsk(state)) return only(state);
  return ask(state, { before: null, after: events.seenId });
}

/** Requests the next page in the direction in which the window comes near the end of the list. */
function askNear(state: ScreenState): Step {
  const keys = keysOf(state, "events");
  const rows = linesOf(state, "events");
  const { first } = windowOf(keys, state.eventCursor, rows);
  if (first < rows * 2 && state.events.hasMore) return askOlder(state);
  return first + rows > keys.length - rows * 2 ? askNewer(state) : only(state);
}

/** Goes to the line of an event (0: the first one), and reads it if the list does not have it. */
export function jumpToEvent(state: ScreenState, id: number): Step {
  const { lines, hasMore } = state.events;
  const held = id === 0 && !hasMore ? lines[0] : lines.find(({ firstId }) => firstId === id);
  if (held !== undefined) return askNear(withCursorOn(state, keyOfEvent(held)));
  const next = { ...state, eventsAsked: state.eventsAsked + 1 };
  if (!canAsk(next)) return only(state);
  return ask({ ...next, events: { ...state.events, goal: id } }, {
    before: null,
    after: Math.max(0, id - 1),
  });
}

function withCursorOn(state: ScreenState, key: string): ScreenState {
  return { ...state, eventCursor: { key, row: Math.floor(linesOf(state, "events") / 2) } };
}

/** Ends the list with the latest event, and follows. */
export function toLatest(state: ScreenState): Step {
  if (!state.events.isCutOff) return only({ ...state, eventCursor: following });
  return startOver(state);
}

/** The latest events, as the snapshot has them. Those of a past session are read first. */
function latestEvents({ past, snapshot, eventFilter: filter }: ScreenState): EventList {
  if (past !== null) return emptyEventList;
  return withLatest(emptyEventList, presentEvents(snapshot), { filter, isFollowing: true });
}

/** Reads the events anew, from the latest on. */
export function startOver(state: ScreenState): Step {
  return askOlder({
    ...state,
    events: latestEvents(state),
    eventCursor: following,
    eventsAsked: state.eventsAsked + 1,
  });
}

/** Takes in a page that was asked for. */
export function withEventsPage(state: ScreenState, query: PageQuery, page: EventsPage): Step {
  const { events, eventFilter } = state;
  if (query.after === null) return only({ ...state, events: withOlder(events, page, eventFilter) });
  const { goal } = events;
  if (goal === null) return only({ ...state, events: withNewer(events, page, eventFilter) });
  const list = listFrom(goal, page, eventFilter);
  const [line] = list.lines;
  if (line === undefined) return only({ ...state, events: { ...events, isLoading: false, goal: null } });
  return askNear(withCursorOn({ ...state, events: list }, keyOfEvent(line)));
}

export function isFiltered({ eventFilter: { source, types, text } }: ScreenState): boolean {
  return source !== null || types !== null || text !== "";
}

export function setEventFilter(state: ScreenState, filter: EventFilter): Step {
  if (JSON.stringify(state.eventFilter) === JSON.stringify(filter)) return only(state);
  return startOver({ ...state, eventFilter: filter });
}

/**
 * The types that the filter offers: the main ones, and others only if such an event has arrived. Most lives need no
 * more than seven.
 */
export function offeredTypes({ snapshot, eventFilter }: ScreenState): string[] {
  const seen = new Set(snapshot.events.map(({ type }) => type));
  for (const type of eventFilter.types?.types ?? []) seen.add(type);
  const own: string[] = eventTypes.filter((type) =>
    (mainEventTypes as readonly string[]).includes(type) || seen.has(type)
  );
  return [...own, ...[...seen].filter((type) => !isEventType(type)).sort()];
}

/** Shows the next type alone, or after the last one all types. */
export function stepType(state: ScreenState, by: 1 | -1): Step {
  const { types } = state.eventFilter;
  const present = types === null || types.isAllBut ? null : types.types[0] ?? null;
  const type = stepThrough([null, ...offeredTypes(state)], present, by);
  return setEventFilter(state, {
    ...state.eventFilter,
    types: type === null ? null : { types: [type], isAllBut: false },
  });
}

export function stepSource(state: ScreenState, by: 1 | -1): Step {
  const source = stepThrough([null, ...sourceNames(state)], state.eventFilter.source, by);
  return setEventFilter(state, { ...state.eventFilter, source });
}

export function moveInEvents(state: ScreenState, keys: string[], step: { move: Move; rows: number }): Step {
  if (step.move === "top") return jumpToEvent(state, 0);
  if (step.move === "bottom") return toLatest(state);
  const follows = !state.events.isCutOff;
  return askNear({ ...state, eventCursor: moveCursor(keys, state.eventCursor, { ...step, follows }) });
}

/** How old the number of events may become while events come. */
const placeAgeMs = 1_000;

type PlaceQuery = EventQuery & { kind: "event_place" };

function placeQuery(state: ScreenState): PlaceQuery | null {
  const line = selectedEvent(state);
  if (line === null) return null;
  const { firstId, id } = line;
  return { kind: "event_place", firstId, id, ...shownEvents(state) };
}

/**
 * What a place depends on. While the pane follows, this is not the line: many events a second would cause as many
 * queries, and each answer would cause another frame.
 */
function placeKeyOf({ eventCursor, events }: ScreenState, { firstId, id, ...shown }: PlaceQuery): string {
  const isFollowing = eventCursor.key === null && !events.isCutOff;
  return JSON.stringify(isFollowing ? shown : { firstId, id, ...shown });
}

/** Takes in the answer to the last question about a place; null if it failed. */
export function withPlace(state: ScreenState, found: EventPlace | null): ScreenState {
  const { asked } = state.eventPlace;
  return { ...state, eventPlace: { ...state.eventPlace, of: asked ?? "", found, asked: null } };
}

/** Asks where the selected line is among all events that are shown, one question at a time. */
export function askPlace(state: ScreenState): Step {
  const query = placeQuery(state);
  const { asked, of, askedMs, eventCount } = state.eventPlace;
  if (query === null || asked !== null || !canAsk(state)) return only(state);
  const { takenMs, eventCount: present } = state.snapshot;
  const isOld = present !== eventCount && takenMs - askedMs >= placeAgeMs;
  const key = placeKeyOf(state, query);
  if (of === key && !isOld) return only(state);
  const eventPlace = { ...state.eventPlace, asked: key, askedMs: takenMs, eventCount: present };
  return only({ ...state, eventPlace }, { kind: "query", query, asked: 0 });
}

/** Where the selected line is, or was a second ago if the pane follows; null while this is not known. */
export function presentPlace(state: ScreenState): EventPlace | null {
  const query = placeQuery(state);
  const { of, found } = state.eventPlace;
  return query !== null && of === placeKeyOf(state, query) ? found : null;
}
