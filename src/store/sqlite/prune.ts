/**
 * Deletes old sessions, in steps of some milliseconds. A step is one transaction, so a crash leaves each event with
 * all of its items or without any. A session is deleted when it has ended before a time; one that is active, or has
 * items that are not done, stays with these items and their events. What was counted over all lives stays too.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { highestId } from "../columns.ts";
import { firstEvent, newestEventAt, type OldSession, oldSessions, viewersCountedUpTo } from "../prunable.ts";
import type { Pace, PruneCounts, PruneOptions, Pruner } from "../pruner.ts";
import { keepingIds, nextIdsIn } from "../next_ids.ts";
import type { OwnFile } from "./own_file.ts";
import { SqliteQuery } from "./query.ts";
import { inTransaction } from "./schema.ts";

/** Rows of other tables, and pages, that a step deletes. */
const rowsAtOnce = 500;
const pagesAtOnce = 64;
const fewestEvents = 10;

const hasOpenItems = `EXISTS (SELECT 1 FROM event_queue AS item WHERE item.live_event_id = event.id
  AND (item.status = 'pending' OR item.status = 'processing'))`;
const given = "(SELECT value FROM json_each(?))";

export interface PrunerParts {
  database: DatabaseSync;
  ownFile: OwnFile;
  /** Whose sessions are deleted; null: those of all. */
  streamer: string | null;
  /** Milliseconds. */
  monotonic(): number;
}

/** Deletes on the writing connection, between the transactions of the writer. */
export class SqlitePruner implements Pruner {
  readonly #parts: PrunerParts;
  readonly #query: SqliteQuery;
  readonly #prepared = new Map<string, StatementSync>();
  #counts: PruneCounts = { sessions: 0, events: 0, items: 0, keptSessions: 0 };
  #eventsAtOnce = 100;

  constructor(parts: PrunerParts) {
    this.#parts = parts;
    this.#query = new SqliteQuery(parts.database);
  }

  /**
   * Each step of the returned generator deletes a little. Its last value is what was deleted in all. Throws SQLite's
   * errors; what was deleted before stays deleted, and another call continues.
   */
  async *prune(options: PruneOptions, pace: Pace): AsyncGenerator<void, PruneCounts> {
    this.#counts = { sessions: 0, events: 0, items: 0, keptSessions: 0 };
    const { streamer } = this.#parts;
    for (const session of oldSessions(this.#query, { ...options, streamer })) {
      yield* this.#deleteEvents(session, pace);
      if (this.#hasEvents(session)) this.#counts.keptSessions += 1;
      else yield* this.#deleteSession(session);
    }
    return this.#counts;
  }

  /** Each step gives free pages back to the file system. Does nothing in a file that cannot shrink in steps. */
  async *shrink(): AsyncGenerator<void> {
    const { database } = this.#parts;
    while (this.shrinksInSteps && numberOf(database, "freelist_count") > 0) {
      // `all` and not `run`: each page is a step of the statement.
      this.#write(1, () => database.prepare(`PRAGMA incremental_vacuum(${pagesAtOnce})`).all());
      yield;
    }
  }

  /**
   * When the newest event of a source happened, by the source's clock; null if there is none among the last events. So
   * a computer's clock that is set wrong does not make everything old.
   */
  newestEventAt(): number | null {
    return newestEventAt(this.#query);
  }

  /** Whether the file gives back free pages one by one. A file of an older Livecue does after `rewrite`. */
  get shrinksInSteps(): boolean {
    return numberOf(this.#parts.database, "auto_vacuum") === 2;
  }

  /** Rewrites the whole file without free pages, so that it shrinks in steps from now on. May take long. */
  rewrite(): void {
    const { database, ownFile } = this.#parts;
    ownFile.check();
    database.exec("PRAGMA auto_vacuum = INCREMENTAL");
    database.prepare("VACUUM").run();
    // The log's mark names the version of the schema, which VACUUM has changed.
    this.#write(1, () => {});
    ownFile.end();
  }

  *#deleteEvents({ id, events_from, events_to, streamer }: OldSession, pace: Pace): Generator<void> {
    const to = Math.min(events_to ?? highestId, viewersCountedUpTo(this.#query, streamer));
    let from = this.#firstEvent(id, events_from ?? 1, to);
    while (from !== null) {
      const startedAt = this.#parts.monotonic();
      const end = Math.min(to, from + this.#eventsAtOnce - 1);
      this.#write(this.#eventsAtOnce, () => this.#deleteBetween(id, from as number, end));
      this.#adapt(this.#parts.monotonic() - startedAt, pace);
      yield;
      from = end < to ? this.#nextEvent(end + 1, to) : null;
    }
  }

  /** The events between two ids whose items are done, with these items. */
  #deleteBetween(sessionId: number, from: number, to: number): void {
    const events = this.#query.all<{ id: number }>(
      `SELECT id FROM live_event AS event WHERE session_id = ? AND id BETWEEN ? AND ? AND NOT ${hasOpenItems}`,
      sessionId,
      from,
      to,
    );
    if (events.length === 0) return;
    const ids = JSON.stringify(events.map(({ id }) => id));
    this.#run(
      `DELETE FROM item_step WHERE item_id IN
      (SELECT id FROM event_queue WHERE live_event_id IN ${given})`,
      ids,
    );
    this.#counts.items += this.#run(`DELETE FROM event_queue WHERE live_event_id IN ${given}`, ids);
    this.#counts.events += this.#run(`DELETE FROM live_event WHERE id IN ${given}`, ids);
    this.#run(`UPDATE live_event SET caused_by = NULL WHERE caused_by IN ${given}`, ids);
  }

  *#deleteSession({ id, live_id }: OldSession): Generator<void> {
    this.#write(1, () => {
      this.#run("DELETE FROM service_state WHERE session_id = ?", id);
      this.#counts.sessions += this.#run("DELETE FROM live_session WHERE id = ?", id);
    });
    yield;
    const isShared = "SELECT 1 FROM live_session WHERE live_id = ? LIMIT 1";
    if (live_id === null || this.#query.first(isShared, live_id) !== null) return;
    for (const [table, key] of [["viewer_live", "viewer_id"], ["live_giver", "user_id"]] as const) {
      const deleteSome = `DELETE FROM ${table} WHERE live_id = ? AND ${key} IN
        (SELECT ${key} FROM ${table} WHERE live_id = ? LIMIT ${rowsAtOnce})`;
      let deleted: number;
      do {
        deleted = this.#write(1, () => this.#run(deleteSome, live_id, live_id));
        yield;
      } while (deleted === rowsAtOnce);
    }
    this.#write(1, () => {
      this.#run("DELETE FROM service_state WHERE live_id = ?", live_id);
      this.#run("DELETE FROM live WHERE id = ?", live_id);
    });
    yield;
  }

  #hasEvents({ id, events_from, events_to }: OldSession): boolean {
    return this.#firstEvent(id, events_from ?? 1, events_to ?? highestId) !== null;
  }

  #firstEvent(sessionId: number, from: number, to: number): number | null {
    return firstEvent(this.#query, { sessionId, from, to });
  }

  /** The next event of any session: where one session was pruned, there may be long gaps. */
  #nextEvent(from: number, to: number): number | null {
    const sql = "SELECT id FROM live_event WHERE id BETWEEN ? AND ? ORDER BY id LIMIT 1";
    return this.#query.first<{ id: number }>(sql, from, to)?.id ?? null;
  }

  /**
   * One transaction. Without foreign keys: SQLite would look through all events for those of a deleted session. No row
   * that stays refers to a deleted one.
   */
  #write<Result>(operations: number, work: () => Result): Result {
    const { database, ownFile } = this.#parts;
    ownFile.check();
    database.exec("PRAGMA foreign_keys = OFF");
    try {
      const result = inTransaction(database, () => {
        const { sql, values } = keepingIds(nextIdsIn(this.#query));
        database.prepare(sql).run(...values);
        ownFile.mark();
        return work();
      });
      ownFile.committed(operations);
      return result;
    } finally {
      database.exec("PRAGMA foreign_keys = ON");
    }
  }

  #adapt(tookMs: number, { stepMs, mostEvents }: Pace): void {
    const wanted = this.#eventsAtOnce * (tookMs > stepMs ? 0.5 : tookMs < stepMs / 2 ? 2 : 1);
    this.#eventsAtOnce = Math.round(Math.min(mostEvents, Math.max(fewestEvents, wanted)));
  }

  /** How many rows it changed. */
  #run(sql: string, ...values: SQLInputValue[]): number {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) this.#prepared.set(sql, statement = this.#parts.database.prepare(sql));
    return Number(statement.run(...values).changes);
  }
}

function numberOf(database: DatabaseSync, pragma: "freelist_count" | "auto_vacuum"): number {
  return Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
}
