/**
 * The lines of the events pane: the latest, from snapshots, and older pages before them as the user scrolls back. A
 * streak is one line, which keeps its place and time while its values change. The list is bounded at both ends: lines
 * that were dropped are read again when needed.
 */
import type { EventLine, EventsPage } from "../../control.ts";
import { simplified } from "../../words.ts";

export interface EventFilter {
  /** Null means all sources. */
  source: string | null;
  /** Null means all types. */
  type: string | null;
  text: string;
}

export interface EventList {
  lines: EventLine[];
  /** Whether older lines exist. */
  hasMore: boolean;
  isLoading: boolean;
  /** The highest id in any snapshot, whether it passed the filter or not. */
  seenId: number;
  /** The lowest id in any page, whether it has its own line or not; null if there is no page. */
  readId: number | null;
  /** The newest lines were dropped while the user was far back, so the list does not end with the latest event. */
  isCutOff: boolean;
}

export const noFilter: EventFilter = { source: null, type: null, text: "" };

export const emptyEventList: EventList = {
  lines: [],
  hasMore: true,
  isLoading: false,
  seenId: 0,
  readId: null,
  isCutOff: false,
};
export const pageSize = 200;
const maxFollowed = 500;
const maxHeld = 5_000;

export function keyOfEvent(line: EventLine): string {
  return line.streakId === null ? String(line.id) : `streak ${line.streakId}`;
}

export function passes(line: EventLine, filter: EventFilter): boolean {
  return (filter.source === null || line.source === filter.source) &&
    (filter.type === null || line.type === filter.type) &&
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
    merged.set(key, { ...line, at: merged.get(key)?.at ?? line.at });
  }
  return [...merged.values()];
}

/** Adds a page that was requested with `oldestId`. */
export function withOlder(list: EventList, page: EventsPage, filter: EventFilter): EventList {
  const held = new Set(list.lines.map(keyOfEvent));
  const older = page.events.filter((line) => passes(line, filter) && !held.has(keyOfEvent(line)));
  const lines = [...merge([], older), ...list.lines];
  return {
    ...list,
    lines: lines.slice(0, maxHeld),
    readId: page.events[0]?.id ?? list.readId,
    hasMore: page.hasMore,
    isLoading: false,
    isCutOff: list.isCutOff || lines.length > maxHeld,
  };
}

/** The id before which a page of older lines starts; null if the list has no ids yet. */
export function oldestId({ lines, readId }: EventList): number | null {
  const lowest = lines.reduce((lowest, { id }) => Math.min(lowest, id), readId ?? Infinity);
  return lowest === Infinity ? null : lowest;
}
