/**
 * Deletes old sessions of a room, in steps of some milliseconds. A step is one transaction of the writing connection, so
 * nothing of the room changes within it. What is deleted is as in SQLite.
 */
import { highestId } from "../columns.ts";
import type { Statement } from "../database.ts";
import { firstEvent, newestEventAt, type OldSession, oldSessions, viewersCountedUpTo } from "../prunable.ts";
import type { Pace, PruneCounts, PruneOptions, Pruner } from "../pruner.ts";
import type { Query } from "../query.ts";

export interface PrunerParts {
  query: Query;
  /** The streamer whose room it is. */
  room: string;
  /** Runs statements in one transaction; null if the answer got lost. `count`: the rows of each. */
  execute(statements: readonly Statement[]): Promise<readonly { count: number }[] | null>;
  /** Milliseconds. */
  monotonic(): number;
}

/** Rows of other tables that a step deletes. */
const rowsAtOnce = 500;
const fewestEvents = 10;

const inRange = "event.session_id = ? AND event.id BETWEEN ? AND ?";
/** Has three parameters. */
const doneEvents = `SELECT event.id FROM live_event AS event WHERE ${inRange} AND NOT EXISTS
  (SELECT 1 FROM event_queue AS item WHERE item.live_event_id = event.id AND item.finished_at IS NULL)`;

export class PostgresPruner implements Pruner {
  readonly shrinksInSteps = true;
  readonly #parts: PrunerParts;
  #counts: PruneCounts = { sessions: 0, events: 0, items: 0, keptSessions: 0 };
  #eventsAtOnce = 100;

  constructor(parts: PrunerParts) {
    this.#parts = parts;
  }

  async *prune(options: PruneOptions, pace: Pace): AsyncGenerator<void, PruneCounts> {
    const { query, room } = this.#parts;
    this.#counts = { sessions: 0, events: 0, items: 0, keptSessions: 0 };
    for (const session of oldSessions(query, { ...options, streamer: room })) {
      yield* this.#deleteEvents(session, pace);
      const { id, events_from, events_to } = session;
      const all = { sessionId: id, from: events_from ?? 1, to: events_to ?? highestId };
      if (firstEvent(query, all) !== null) this.#counts.keptSessions += 1;
      else yield* this.#deleteSession(session);
    }
    return this.#counts;
  }

  /** The server reuses free space by itself. */
  async *shrink(): AsyncGenerator<void> {}

  rewrite(): void {}

  newestEventAt(): number | null {
    return newestEventAt(this.#parts.query);
  }

  async *#deleteEvents({ id, events_from, events_to }: OldSession, pace: Pace): AsyncGenerator<void> {
    const { query, room, monotonic } = this.#parts;
    const to = Math.min(events_to ?? highestId, viewersCountedUpTo(query, room));
    let from = firstEvent(query, { sessionId: id, from: events_from ?? 1, to });
    while (from !== null) {
      const startedAt = monotonic();
      const end = this.#end({ sessionId: id, from, to });
      await this.#deleteBetween(id, from, end);
      this.#adapt(monotonic() - startedAt, pace);
      yield;
      from = firstEvent(query, { sessionId: id, from: end + 1, to });
    }
  }

  /** The last event of a step that begins with `from`. */
  #end({ sessionId, from, to }: { sessionId: number; from: number; to: number }): number {
    const sql = `SELECT id FROM live_event WHERE session_id = ? AND id BETWEEN ? AND ? ORDER BY id
      LIMIT 1 OFFSET ?`;
    return this.#parts.query.first<{ id: number }>(sql, sessionId, from, to, this.#eventsAtOnce - 1)?.id ??
      to;
  }

  /** The events between two ids whose items are done, with these items and their steps. */
  async #deleteBetween(sessionId: number, from: number, to: number): Promise<void> {
    const values = [sessionId, from, to];
    const outcomes = await this.#parts.execute([
      { sql: `UPDATE live_event SET caused_by = NULL WHERE caused_by IN (${doneEvents})`, values },
      { sql: `DELETE FROM event_queue WHERE live_event_id IN (${doneEvents})`, values },
      {
        sql: `DELETE FROM live_event AS event WHERE ${inRange}
          AND NOT EXISTS (SELECT 1 FROM event_queue AS item WHERE item.live_event_id = event.id)`,
        values,
      },
    ]);
    this.#counts.items += outcomes?.[1]?.count ?? 0;
    this.#counts.events += outcomes?.[2]?.count ?? 0;
  }

  async *#deleteSession({ id, live_id }: OldSession): AsyncGenerator<void> {
    const { query } = this.#parts;
    await this.#delete("service_state WHERE session_id = ?", id);
    this.#counts.sessions += await this.#delete("live_session WHERE id = ?", id);
    yield;
    const isShared = "SELECT 1 FROM live_session WHERE live_id = ? LIMIT 1";
    if (live_id === null || query.first(isShared, live_id) !== null) return;
    for (const [table, key] of [["viewer_live", "viewer_id"], ["live_giver", "user_id"]] as const) {
      const some = `${table} WHERE live_id = ? AND ${key} IN
        (SELECT ${key} FROM ${table} WHERE live_id = ? LIMIT ${rowsAtOnce})`;
      let deleted: number;
      do {
        deleted = await this.#delete(some, live_id, live_id);
        yield;
      } while (deleted === rowsAtOnce);
    }
    await this.#delete("service_state WHERE live_id = ?", live_id);
    await this.#delete("live WHERE id = ?", live_id);
    yield;
  }

  /** How many rows it deleted. */
  async #delete(rest: string, ...values: number[]): Promise<number> {
    const outcomes = await this.#parts.execute([{ sql: `DELETE FROM ${rest}`, values }]);
    return outcomes?.[0]?.count ?? 0;
  }

  #adapt(tookMs: number, { stepMs, mostEvents }: Pace): void {
    const wanted = this.#eventsAtOnce * (tookMs > stepMs ? 0.5 : tookMs < stepMs / 2 ? 2 : 1);
    this.#eventsAtOnce = Math.round(Math.min(mostEvents, Math.max(fewestEvents, wanted)));
  }
}
