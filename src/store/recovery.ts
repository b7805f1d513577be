/** What a process that died has left behind, and the operations that put it in order. Only reads. */
import type { LiveEvent } from "../event.ts";
import { eventColumns, eventFromRow, type EventRow, eventSource } from "./event_row.ts";
import type { Operation } from "../operation.ts";
import type { Query } from "./query.ts";

export interface RecoveryReport {
  /** Sessions that were still active: they become aborted. */
  sessions: { id: number; username: string }[];
  /** Items that were being processed: they become pending again, with a crash more. */
  returnedItems: number;
  /** Items that were being processed, and had crashed too often: they become failed. */
  failedItems: number;
  /** The last stored event of each streak that was still open, oldest first: for the caller to close. */
  openStreaks: LiveEvent[];
}

export interface Recovery {
  sessionOperations: Operation[];
  itemOperations: Operation[];
  report: RecoveryReport;
}

const endReason = "Livecue stopped without closing the session: it was killed, crashed or lost power.";

export interface RecoveryOptions {
  /** Unix milliseconds. */
  now: number;
  /** A service's `max_crashes` by its id. */
  maxCrashesOf: (serviceId: number) => number;
}

/** Looks at a database that nobody else owns. */
export function planRecovery(query: Query, options: RecoveryOptions): Recovery {
  const sessions = query.all<{ id: number; username: string }>(
    "SELECT id, username FROM live_session WHERE status = 'active' ORDER BY id",
  ).map(({ id, username }) => ({ id, username }));
  const { lastEventAt, openStreaks } = lookAtEvents(query, sessions.map(({ id }) => id));
  const sessionOperations = sessions.map(({ id }): Operation => {
    const endedAt = lastEventAt.get(id) ?? options.now;
    return { kind: "close_session", id, status: "aborted", endedAt, reason: endReason };
  });
  const itemOperations = returnItems(query, options);
  const failedItems = itemOperations.filter(({ kind }) => kind === "finish_item").length;
  const returnedItems = itemOperations.length - failedItems;
  return { sessionOperations, itemOperations, report: { sessions, returnedItems, failedItems, openStreaks } };
}

interface EventOutline {
  id: number;
  session_id: number;
  received_at: number;
  streak_id: string | null;
  streak_ended: number | null;
}

/** Walks from the newest event down to the first of the oldest of these sessions: sessions follow one another. */
function lookAtEvents(query: Query, sessionIds: number[]) {
  const lastEventAt = new Map<number, number>();
  const lastOfStreak = new Map<string, number>();
  const ended = new Set<string>();
  const oldest = sessionIds[0];
  if (oldest === undefined) return { lastEventAt, openStreaks: [] };

  const wanted = new Set(sessionIds);
  const outlines = query.walk<EventOutline>(
    "SELECT id, session_id, received_at, streak_id, streak_ended FROM live_event ORDER BY id DESC",
  );
  for (const { id, session_id, received_at, streak_id, streak_ended } of outlines) {
    if (session_id < oldest) break;
    if (!wanted.has(session_id)) continue;
    if (!lastEventAt.has(session_id)) lastEventAt.set(session_id, received_at);
    if (streak_id === null) continue;
    const streak = `${session_id} ${streak_id}`;
    if (streak_ended === 1) ended.add(streak);
    if (!lastOfStreak.has(streak)) lastOfStreak.set(streak, id);
  }
  const open = [...lastOfStreak].filter(([streak]) => !ended.has(streak)).map(([, id]) => id);
  return { lastEventAt, openStreaks: open.sort((a, b) => a - b).map((id) => eventById(query, id)) };
}

function eventById(query: Query, id: number): LiveEvent {
  const row = query.first<EventRow>(`SELECT ${eventColumns} FROM ${eventSource} WHERE event.id = ?`, id);
  if (row === null) throw new Error(`Event ${id} is gone.`);
  return eventFromRow(row);
}

interface ProcessingRow {
  id: number;
  service_id: number;
  attempts: number;
  failures: number;
  crashes: number;
}

function returnItems(query: Query, { now, maxCrashesOf }: RecoveryOptions): Operation[] {
  const rows = query.all<ProcessingRow>(
    `SELECT id, service_id, attempts, failures, crashes FROM event_queue AS item
      WHERE item.status = 'processing' ORDER BY id`,
  );
  return rows.map(({ id, service_id, attempts, failures, crashes: earlierCrashes }): Operation => {
    const crashes = earlierCrashes + 1;
    const limit = maxCrashesOf(service_id);
    const counts = { id, attempts, failures, crashes };
    const error = "Livecue died while the item was being processed.";
    if (crashes < limit) return { kind: "release_item", ...counts, notBefore: null, error };
    return {
      kind: "finish_item",
      ...counts,
      status: "failed",
      finishedAt: now,
      error: `${error} That was crash ${crashes} of at most ${limit} (max_crashes).`,
    };
  });
}
