/** Reading back and filtering in the events pane: a part of the reducer, and pure as well. */
import type { Query } from "../../control.ts";
import { eventTypes, isEventType, mainEventTypes } from "../../event.ts";
import { emptyEventList, type EventFilter, oldestId, pageSize, withLatest } from "./event_list.ts";
import { following, type Move, moveCursor, stepThrough, windowOf } from "./list.ts";
import { livesOf, only, type ScreenState, sourceNames, type Step } from "./state.ts";

/** Requests the page before the oldest line, unless it is already loading or does not exist. */
export function askOlder(state: ScreenState): Step {
  const { events, eventFilter } = state;
  if (events.isLoading || !events.hasMore || livesOf(state.snapshot, eventFilter).length === 0) {
    return only(state);
  }
  const query: Query = { kind: "events", before: oldestId(events), limit: pageSize, ...eventFilter };
  return only({ ...state, events: { ...events, isLoading: true } }, {
    kind: "query",
    query,
    asked: state.eventsAsked,
  });
}

export function setEventFilter(state: ScreenState, filter: EventFilter): Step {
  const { source, type, text } = state.eventFilter;
  if (source === filter.source && type === filter.type && text === filter.text) return only(state);
  const events = withLatest(emptyEventList, state.snapshot.events, { filter, isFollowing: true });
  return askOlder({
    ...state,
    events,
    eventFilter: filter,
    eventCursor: following,
    eventsAsked: state.eventsAsked + 1,
  });
}

/**
 * The types that the filter offers: the main ones, and others only if such an event has arrived. Most lives need no
 * more than seven.
 */
export function offeredTypes({ snapshot, eventFilter }: ScreenState): string[] {
  const seen = new Set(snapshot.events.map(({ type }) => type));
  if (eventFilter.type !== null) seen.add(eventFilter.type);
  const own: string[] = eventTypes.filter((type) =>
    (mainEventTypes as readonly string[]).includes(type) || seen.has(type)
  );
  return [...own, ...[...seen].filter((type) => !isEventType(type)).sort()];
}

export function stepSource(state: ScreenState, by: 1 | -1): Step {
  const source = stepThrough([null, ...sourceNames(state)], state.eventFilter.source, by);
  return setEventFilter(state, { ...state.eventFilter, source });
}

export function moveInEvents(state: ScreenState, keys: string[], step: { move: Move; rows: number }): Step {
  const cursor = moveCursor(keys, state.eventCursor, { ...step, follows: true });
  const next = { ...state, eventCursor: cursor };
  if (cursor.key === null && state.events.isCutOff) {
    // The list does not end with the latest event, so it starts over there.
    const events = withLatest(emptyEventList, state.snapshot.events, {
      filter: state.eventFilter,
      isFollowing: true,
    });
    return askOlder({ ...next, events, eventsAsked: state.eventsAsked + 1 });
  }
  const { first } = windowOf(keys, cursor, step.rows);
  return first < step.rows * 2 ? askOlder(next) : only(next);
}
