/**
 * Finds what a crashed process left, and plans the operations that recover it. Only reads, and nothing older than the
 * open streaks, however large the database is.
 */
import type { LiveEvent } from "../event.ts";
import { eventColumns, eventFromRow, type EventRow, eventSource, isReadable } from "./event_row.ts";
import type { Operation } from "../operation.ts";
import { numberIn, optionalMomentIn, optionalNumberIn, textIn } from "./columns.ts";
import type { Statement } from "./database.ts";
import { highestIn, type Query, walk } from "./query.ts";
import { walkSessions } from "./session_walk.ts";
import { StepBook } from "../step_book.ts";
import { stepsOf } from "./step_row.ts";

export interface RecoveryReport {
  /** Sessions that were still active, with the time of their last event. They become aborted. */
  sessions: { id: number; username: string; source: string; endedAt: number }[];
  /** Items that were being processed. They become pending again, with one more crash. */
  returnedItems: number;
  /** Items that were being processed and had crashed too often. They become failed. */
  failedItems: number;
  /** The last stored event of each streak that was still open, oldest first. The caller closes the streaks. */
  openStreaks: LiveEvent[];
}

export interface Recovery {
  itemOperations: Operation[];
  report: RecoveryReport;
}

export const recoveryReason =
  "Livecue stopped without closing the session: it was killed, crashed or lost power.";

export interface RecoveryOptions {
  /** Unix milliseconds. */
  now: number;
  /** A service's `max_crashes` by its id. */
  maxCrashesOf: (serviceId: number) => number;
  inProgress: readonly ItemInProgress[];
  streamer: string;
}

/** Reads a database that no other process owns. */
export function planRecovery(query: Query, options: RecoveryOptions): Recovery {
  const active = query.all<ActiveSession>(
    `SELECT id, username, source, streaks_from, events_from FROM live_session
      WHERE status = 'active' AND streamer = ? ORDER BY id`,
    options.streamer,
  );
  const highest = highestIn(query, "live_event");
  const sessions = active.map((session) => {
    const { id, username, source } = session;
    const endedAt = lastEventAt(query, session, highest) ?? options.now;
    return { id, username: textIn(username), source: textIn(source), endedAt };
  });
  const openStreaks = findOpenStreaks(query, active, highest);
  const itemOperations = returnItems(query, options);
  const count = (kind: Operation["kind"]) => itemOperations.filter((each) => each.kind === kind).length;
  const [returnedItems, failedItems] = [count("release_item"), count("finish_item")];
  return { itemOperations, report: { sessions, returnedItems, failedItems, openStreaks } };
}

interface ActiveSession {
  id: number;
  username: string;
  source: string;
  /** null if an older Livecue wrote the row. */
  streaks_from: number | null;
  events_from: number | null;
}

interface StreakOutline {
  id: number;
  session_id: number;
  streak_id: string;
  streak_ended: number;
}

/** How many rows are searched if no row says where to start. */
const maxLookedAt = 100_000;

/** When the session's last event was received; null if it has none among the last events. */
function lastEventAt(query: Query, { id, events_from }: ActiveSession, highest: number): number | null {
  const row = query.first<{ received_at: number }>(
    "SELECT received_at FROM live_event WHERE id >= ? AND session_id = ? ORDER BY id DESC LIMIT 1",
    Math.max(optionalNumberIn(events_from) ?? 1, highest - maxLookedAt),
    id,
  );
  return optionalMomentIn(row?.received_at);
}

/** Walks from the newest event back to the oldest that may be the last of an open streak. */
function findOpenStreaks(query: Query, active: readonly ActiveSession[], highest: number): LiveEvent[] {
  if (active.length === 0) return [];
  const fromIds = new Map(active.map(({ id, streaks_from, events_from }) => [
    id,
    optionalNumberIn(streaks_from) ?? Math.max(optionalNumberIn(events_from) ?? 1, highest - maxLookedAt),
  ]));
  const lastOfStreak = new Map<string, number>();
  const ended = new Set<string>();
  for (const { id, session_id, streak_id, streak_ended } of outlinesFrom(query, fromIds, highest)) {
    if (id < (fromIds.get(session_id) ?? Infinity)) continue;
    const streak = `${session_id} ${streak_id}`;
    if (streak_ended === 1) ended.add(streak);
    if (!lastOfStreak.has(streak)) lastOfStreak.set(streak, id);
  }
  const open = [...lastOfStreak].filter(([streak]) => !ended.has(streak)).map(([, id]) => id);
  return open.sort((a, b) => a - b).flatMap((id) => eventById(query, id) ?? []);
}

/** The events with streaks of these sessions, and perhaps of others, the newest first. */
function outlinesFrom(
  query: Query,
  fromIds: ReadonlyMap<number, number>,
  highest: number,
): Iterable<StreakOutline> {
  const sql = "SELECT id, session_id, streak_id, streak_ended FROM live_event WHERE streak_id IS NOT NULL";
  if (query.dialect.hasSessionIndex) {
    const sessions = [...fromIds].map(([sessionId, from]) => ({ sessionId, from, to: highest }));
    return walkSessions(query, `${sql} AND session_id = ?`, { sessions, isDescending: true });
  }
  return walk(query, sql, { from: Math.min(...fromIds.values()), to: highest, isDescending: true });
}

/** null if the event cannot be read. */
function eventById(query: Query, id: number): LiveEvent | null {
  const row = query.first<EventRow>(`SELECT ${eventColumns} FROM ${eventSource} WHERE event.id = ?`, id);
  return row === null || !isReadable(row) ? null : eventFromRow(row);
}

/** An item that was being processed. */
export interface ItemInProgress {
  id: number;
  service_id: number;
  attempts: number;
  failures: number;
  crashes: number;
  /** A count in the row is not a number. */
  isBroken: boolean;
}

/**
 * null if more than `limit` items of a service are pending or being processed. Without a limit it walks the index
 * over all of them, so call it in a thread that may take long.
 */
export function itemsInProgress(
  query: Query,
  { streamer, limit = Number.MAX_SAFE_INTEGER }: { streamer: string; limit?: number },
): ItemInProgress[] | null {
  const services = query.all<{ id: number }>(
    "SELECT id FROM service WHERE streamer = ? ORDER BY id",
    streamer,
  );
  const serviceIds = services.map(({ id }) => id);
  const isTooMany = (serviceId: number) =>
    query.first(
      `SELECT 1 FROM event_queue INDEXED BY event_queue_live
        WHERE service_id = ? AND ${query.dialect.isOpen} LIMIT 1 OFFSET ?`,
      serviceId,
      limit,
    ) !== null;
  if (serviceIds.some(isTooMany)) return null;
  return serviceIds.flatMap((serviceId) =>
    query.all<ItemInProgress>(
      `SELECT id, service_id, attempts, failures, crashes FROM event_queue INDEXED BY event_queue_live
        WHERE service_id = ? AND ${query.dialect.hasStatus("processing")}`,
      serviceId,
    ).map(({ id, service_id, attempts, failures, crashes }) => ({
      id,
      service_id,
      attempts: countIn(attempts),
      failures: countIn(failures),
      crashes: countIn(crashes),
      isBroken: [attempts, failures, crashes].some((count) => countIn(count) !== count),
    }))
  );
}

function countIn(value: unknown): number {
  return Math.max(0, numberIn(value));
}

/** Replaces invalid counts with 0: updates of an item compare its `attempts`, which must be a number. */
export function fixingCounts(inProgress: readonly ItemInProgress[]): Statement[] {
  return inProgress.filter(({ isBroken }) => isBroken).map(({ id, attempts, failures, crashes }) => ({
    sql: "UPDATE event_queue SET attempts = ?, failures = ?, crashes = ? WHERE id = ?",
    values: [attempts, failures, crashes, id],
  }));
}

function returnItems(query: Query, { now, maxCrashesOf, inProgress }: RecoveryOptions): Operation[] {
  return inProgress.toSorted((a, b) => a.id - b.id).flatMap((item): Operation[] => {
    const { id, service_id, attempts, failures } = item;
    const crashes = item.crashes + 1;
    const limit = maxCrashesOf(service_id);
    const counts = { id, attempts, failures, crashes };
    const error = "Livecue crashed or was killed while it processed the item.";
    const steps: Operation[] = [];
    const book = new StepBook({ item, kept: stepsOf(query, id), write: (step) => steps.push(step) });
    const isSpared = book.crash({ crashes, maxCrashes: limit }, now);
    if (crashes < limit || isSpared) {
      return [...steps, { kind: "release_item", ...counts, notBefore: null, error }];
    }
    return [...steps, {
      kind: "finish_item",
      serviceId: service_id,
      ...counts,
      status: "failed",
      finishedAt: now,
      error: `${error} That was crash ${crashes} of at most ${limit} (max_crashes).`,
    }];
  });
}
