/** Which sessions a pruning deletes: those that ended before a time. One with items that are not done stays with them. */
import { highestId, optionalMomentIn } from "./columns.ts";
import type { PruneCounts, PruneOptions } from "./pruner.ts";
import { Conditions, type Query } from "./query.ts";
import { countedUpToKey } from "./viewers.ts";

export interface OldSession {
  id: number;
  live_id: number | null;
  events_from: number | null;
  events_to: number | null;
  streamer: string;
}

export interface PrunableOptions extends PruneOptions {
  /** Only of this streamer's room; null: of all. */
  streamer: string | null;
}

/** Oldest first. */
export function oldSessions(query: Query, { before, keepsLast, streamer }: PrunableOptions): OldSession[] {
  const where = new Conditions().add(
    "status <> 'active' AND ended_at < CAST(? AS BIGINT)",
    Math.floor(before),
  )
    .ofStreamer(streamer);
  if (keepsLast) {
    const last = new Conditions().ofStreamer(streamer);
    where.add(`id NOT IN (SELECT max(id) FROM live_session ${last.sql} GROUP BY source)`, ...last.values);
  }
  return query.all<OldSession>(
    `SELECT id, live_id, events_from, events_to, streamer FROM live_session ${where.sql} ORDER BY id`,
    ...where.values,
  );
}

/** What a `Pruner` would delete now. Only reads, and may take long. */
export function countPrunable(query: Query, options: PrunableOptions): PruneCounts {
  const counts = { sessions: 0, events: 0, items: 0, keptSessions: 0 };
  const ofSession = "session_id = ? AND event.id BETWEEN ? AND ?";
  // Found by the index of these items.
  const open = `AND event.id IN
    (SELECT live_event_id FROM event_queue INDEXED BY event_queue_live WHERE ${query.dialect.isOpen})`;
  for (const { id, events_from, events_to } of oldSessions(query, options)) {
    const count = (from: string, where: string) =>
      query.first<{ count: number }>(
        `SELECT count(*) AS count FROM ${from} WHERE ${where}`,
        id,
        events_from ?? 1,
        events_to ?? highestId,
      )?.count ?? 0;
    const items = "live_event AS event CROSS JOIN event_queue AS item ON item.live_event_id = event.id";
    const kept = count("live_event AS event", `${ofSession} ${open}`);
    counts.events += count("live_event AS event", ofSession) - kept;
    counts.items += count(items, ofSession) - (kept === 0 ? 0 : count(items, `${ofSession} ${open}`));
    counts[kept > 0 ? "keptSessions" : "sessions"] += 1;
  }
  return counts;
}

/** The last event that the sums of the viewers include. Later ones stay. */
export function viewersCountedUpTo(query: Query, streamer: string): number {
  const sql = "SELECT meta_value FROM config WHERE meta_key = ?";
  return Number(query.first<{ meta_value: string }>(sql, countedUpToKey(streamer))?.meta_value ?? 0) || 0;
}

/** The session's first event between two ids, both included; null if there is none. */
export function firstEvent(
  query: Query,
  { sessionId, from, to }: { sessionId: number; from: number; to: number },
): number | null {
  const sql = "SELECT id FROM live_event WHERE session_id = ? AND id BETWEEN ? AND ? ORDER BY id LIMIT 1";
  return query.first<{ id: number }>(sql, sessionId, from, to)?.id ?? null;
}

/** The newest event is looked for among so many. */
const newestEvents = 500;

/** When the newest event of a source happened, by the source's clock; null if there is none among the last events. */
export function newestEventAt(query: Query): number | null {
  const sql = `SELECT max(created_at) AS at FROM
    (SELECT created_at, depth, is_test FROM live_event ORDER BY id DESC LIMIT ${newestEvents}) AS newest
    WHERE depth = 0 AND is_test = 0`;
  return optionalMomentIn(query.first<{ at: number | null }>(sql)?.at);
}
