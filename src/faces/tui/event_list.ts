/**
 * The lines of the events pane: the latest, from snapshots, and pages before and after them as the user moves. A streak
 * is one line, which keeps its place and time while its values change. The list is bounded at both ends: lines that were
 * dropped are read again when needed.
 */
import { isChosen, type TypeChoice } from "../../event_types.ts";
import type { EventLine, EventsPage } from "../../event_view.ts";
import { simplified } from "../../words.ts";

export interface EventFilter {
  /** Null means all sources. */
  source: string | null;
  /** Null means all types. */
  types: TypeChoice | null;
  text: string;
}

export interface EventList {
  /** In the order of their first events. */
  lines: EventLine[];
  /** Whether older lines exist. */
  hasMore: boolean;
  /** Whether the list ends before the latest event, because newer lines were dropped or not read yet. */
  isCutOff: boolean;
  isLoading: boolean;
  /** The event to which the page that is being read jumps; 0: the first one; null: it only adds lines. */
  goal: number | null;
  /** The list has all events that pass, up to this id. */
  seenId: number;
  /** The lowest id in any page, whether it has its own line or not; null if there is no page. */
  readId: number | null;
}

export const noFilter: EventFilter = { source: null, types: null, text: "" };

export const emptyEventList: EventList = {
  lines: [],
  hasMore: true,
  isCutOff: false,
  isLoading: false,
  goal: null,
  seenId: 0,
  readId: null,
};
export const pageSize = 200;
const maxFollowed = 500;
const maxHeld = 5_000;

export function keyOfEvent(line: EventLine): string {
  return line.streakId === null ? String(line.id) : `streak ${line.streakId}`;
}

export function passes(line: EventLine, filter: EventFilter): boolean {
  return (filter.source === null || line.source === filter.source) && isChosen(filter.types, line.type) &&
    (filter.text === "" || simplified(line.text).includes(simplified(filter.text)));
}

/** Adds the latest lines of a snapshot. Returns the same object if nothing changed. */
export function withLatest(
  list: EventList,
  latest: EventLine[],
  { filter, isFollowing }: { filter: EventFilter; isFollowing: boolean },
): EventList {
  const isFresh = ({ id }: EventLine) => id > list.seenId;
  if (list.isCutOff && !isFollowing || !list.isCutOff && !latest.some(isFresh)) return list;
  const seenId = latest.reduce((highest, { id }) => Math.max(highest, id), list.seenId);
  const incoming = latest.filter((line) => passes(line, filter));
  // All lines are new, because many events came at once or another session started. The lines in between are unknown.
  const isGap = list.isCutOff || (list.seenId > 0 && latest.every(isFresh));
  if (isGap && isFollowing) return { ...emptyEventList, lines: incoming, seenId };
  if (isGap) return { ...list, isCutOff: true };
  const lines = merge(list.lines, incoming.filter(isFresh));
  if (isFollowing && lines.length > maxFollowed) {
    return { ...list, seenId, readId: null, lines: lines.slice(-maxFollowed), hasMore: true };
  }
  return lines.length > maxHeld ? { ...list, isCutOff: true } : { ...list, seenId, lines };
}

function merge(lines: EventLine[], changed: EventLine[]): EventLine[] {
  const merged = new Map(lines.map((line) => [keyOfEvent(line), line]));
  for (const line of changed) {
    const key = keyOfEvent(line);
    const { at, firstId } = merged.get(key) ?? line;
    merged.set(key, { ...line, at, firstId });
  }
  return [...merged.values()];
}

/** Adds a page that was requested with `oldestId`. */
export function withOlder(list: EventList, page: EventsPage, filter: EventFilter): EventList {
  const held = new Set(list.lines.map(keyOfEvent));
  const older = page.events.filter((line) => passes(line, filter) && !held.has(keyOfEvent(line)));
  const lines = [...merge([], older), ...list.lines];
  const kept = lines.slice(0, maxHeld);
  const isCut = lines.length > maxHeld;
  return {
    ...list,
    lines: kept,
    readId: page.events[0]?.id ?? list.readId,
    hasMore: page.hasMore,
    isLoading: false,
    isCutOff: list.isCutOff || isCut,
    seenId: isCut ? kept.at(-1)?.firstId ?? list.seenId : Math.max(list.seenId, page.events.at(-1)?.id ?? 0),
  };
}

/** Adds a page that was requested with `seenId`. */
export function withNewer(list: EventList, page: EventsPage, filter: EventFilter): EventList {
  const lines = merge(list.lines, page.events.filter((line) => passes(line, filter)));
  const isCut = lines.length > maxHeld;
  return {
    ...list,
    lines: lines.slice(-maxHeld),
    ...(isCut && { readId: null, hasMore: true }),
    seenId: page.events.at(-1)?.id ?? list.seenId,
    isCutOff: page.hasMore,
    isLoading: false,
  };
}

/** A list that begins with a page, which was requested from `goal` on. */
export function listFrom(goal: number, page: EventsPage, filter: EventFilter): EventList {
  const list = { ...emptyEventList, hasMore: goal > 0, readId: goal === 0 ? null : goal };
  return withNewer(list, page, filter);
}

/** The id before which a page of older lines starts; null if the list has no ids yet. */
export function oldestId({ lines, readId }: EventList): number | null {
  const lowest = lines.reduce((lowest, { firstId }) => Math.min(lowest, firstId), readId ?? Infinity);
  return lowest === Infinity ? null : lowest;
}
