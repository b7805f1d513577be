/** The one process that writes to a database: it holds the lock, and puts in order what a dead one left. */
import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import type { ServiceConfig } from "../config/config.ts";
import type { EventType, Streak } from "../event.ts";
import type { Log } from "../log/log.ts";
import { UserError } from "../user_error.ts";
import { streakFromRow } from "./event_row.ts";
import type { StoredItem } from "../item.ts";
import { itemFromRow, type ItemRow, selectItems } from "./item_row.ts";
import { type Lock, lockDatabase } from "./lock.ts";
import type { Operation, StateOwner } from "../operation.ts";
import { databaseFile, inspect, openForReading, openForWriting } from "./open.ts";
import { Query } from "./query.ts";
import { Reader } from "./reader.ts";
import { planRecovery, type RecoveryReport } from "./recovery.ts";
import { syncServices } from "./services.ts";
import { explaining } from "./trouble.ts";
import { Statements } from "./statements.ts";
import { Writer } from "./writer.ts";

export interface StoreOptions {
  path: string;
  /** full: a committed event survives a power cut. normal: it survives a crash of Livecue. */
  durability: "normal" | "full";
  clock: Clock;
  /** Told of troubles in writing, and of their end. */
  log: Log;
  /** Events in one transaction at most. */
  batchSize?: number;
  /** As in `WriterOptions`. */
  onBug?: (error: Error) => void;
}

/** The next free number of each table whose ids Livecue gives. */
export interface NextIds {
  live: number;
  session: number;
  event: number;
  item: number;
}

/** What an earlier event says to duplicates and streaks. */
export interface RecentEvent {
  id: number;
  type: EventType;
  roomId: string;
  messageId: string | null;
  /** Unix milliseconds. */
  receivedAt: number;
  streak: Streak | null;
}

/** Of the pending items that earlier runs left to the active services. */
export interface StaleReport {
  discarded: number;
  /** Those of services that set no `stale_after_seconds`: they stay pending. */
  leftOver: number;
}

/**
 * Becomes the owner of a database, creating it or bringing its tables up to date. Throws a `UserError` where
 * another process owns it, or the file cannot be ours; it is untouched then.
 */
export function openStore(options: StoreOptions): Store {
  const file = databaseFile(options.path);
  inspect(file);
  const lock = lockDatabase(file);
  let database: DatabaseSync | null = null;
  try {
    database = openForWriting(file, options.durability);
    const parts = { file, lock, database, reader: new Reader(openForReading(file)), options };
    return explaining(file, () => new Store(parts));
  } catch (error) {
    database?.close();
    lock.release();
    throw error;
  }
}

/** Removes a database with its log. Throws a `UserError` where a process owns it, or it may not be removed. */
export function deleteDatabase(path: string): void {
  const file = databaseFile(path);
  inspect(file);
  const lock = lockDatabase(file);
  try {
    for (const part of [file, `${file}-wal`, `${file}-shm`]) removeIfThere(part);
  } finally {
    lock.release();
  }
}

interface StoreParts {
  file: string;
  lock: Lock;
  database: DatabaseSync;
  reader: Reader;
  options: StoreOptions;
}

const defaultMaxCrashes = 3;

/** An owned database. What its own methods read is what is committed: flush the writer where that matters. */
export class Store {
  readonly writer: Writer;
  /** On a connection of its own. */
  readonly reader: Reader;
  /** As they were when it was opened; from then on the caller counts. */
  readonly nextIds: NextIds;
  readonly #file: string;
  readonly #lock: Lock;
  readonly #database: DatabaseSync;
  readonly #query: Query;
  #services: ReadonlyMap<number, ServiceConfig> = new Map();
  #closing: Promise<void> | null = null;

  /** Made by `openStore`. */
  constructor({ file, lock, database, reader, options }: StoreParts) {
    this.#file = file;
    this.#lock = lock;
    this.#database = database;
    this.#query = new Query(database);
    this.reader = reader;
    const { clock, log, batchSize, onBug } = options;
    this.writer = new Writer(database, {
      clock,
      batchSize,
      onTrouble: (sentence) => log.warn(`${sentence} Nothing is lost: it is tried again until it works.`),
      onRecovered: () => log.info("Writing to the database works again."),
      onBug,
    });
    this.nextIds = {
      live: this.#nextId("live"),
      session: this.#nextId("live_session"),
      event: this.#nextId("live_event"),
      item: this.#nextId("event_queue"),
    };
  }

  /**
   * Makes the two service tables match the config, by slug, at once; deletes nothing. Returns the ids by slug.
   * Throws a `UserError` where the database cannot be written to.
   */
  syncServices(services: readonly ServiceConfig[]): Map<string, number> {
    const ids = explaining(this.#file, () => syncServices(this.#database, services));
    this.#services = new Map(services.map((service) => [ids.get(service.slug)!, service]));
    return ids;
  }

  /**
   * Puts in order what a dead process left: once, after `syncServices`, before anything else is written.
   * Items are back at once. Sessions are closed by the writer, together with the ends of the open streaks if
   * the caller adds these in the same turn: a death in between then leaves both for the next start.
   */
  recover(now: number): RecoveryReport {
    const maxCrashesOf = (serviceId: number) =>
      this.#services.get(serviceId)?.maxCrashes ?? defaultMaxCrashes;
    return explaining(this.#file, () => {
      const { sessionOperations, itemOperations, report } = planRecovery(this.#query, { now, maxCrashesOf });
      new Statements(this.#database).execute(itemOperations);
      for (const operation of sessionOperations) this.writer.add(operation);
      return report;
    });
  }

  /**
   * Discards, at once, what earlier runs left pending to the active services for longer than their
   * `stale_after_seconds`; `all`: whatever its age. To be called after `recover`, before `pendingItems`.
   */
  discardStale({ now, all }: { now: number; all: boolean }): StaleReport {
    const report: StaleReport = { discarded: 0, leftOver: 0 };
    const discards: Operation[] = [];
    for (const [serviceId, { isActive, staleAfterSeconds }] of this.#services) {
      if (!isActive) continue;
      const items = this.#earlierItems(serviceId);
      if (!all && staleAfterSeconds === null) report.leftOver += items.length;
      const createdBefore = now - (staleAfterSeconds ?? Infinity) * 1000;
      for (const { id, created_at } of items) {
        if (all || created_at < createdBefore) {
          discards.push({ kind: "discard_item", id, reason: "stale", at: now });
        }
      }
    }
    explaining(this.#file, () => new Statements(this.#database).execute(discards));
    report.discarded = discards.length;
    return report;
  }

  /** All pending items of a service, oldest first, to rebuild its queue from. */
  pendingItems(serviceId: number): StoredItem[] {
    const rows = this.#query.all<ItemRow>(
      `${selectItems} WHERE item.service_id = ? AND item.status = 'pending' ORDER BY item.id`,
      serviceId,
    );
    return rows.map(itemFromRow);
  }

  /** The events received from a source since then, over all its sessions and rooms, newest first. */
  *recentEvents(source: string, sinceMs: number): Generator<RecentEvent> {
    const sessions = new Set(
      this.#query.all<{ id: number }>("SELECT id FROM live_session WHERE source = ?", source)
        .map(({ id }) => id),
    );
    // There is no index on times: ids grow with them, so the walk may stop at the first older event.
    const rows = this.#query.walk<RecentRow>(
      `SELECT id, session_id, event_type, room_id, message_id, received_at,
          streak_id, streak_count, streak_delta, streak_ended
        FROM live_event ORDER BY id DESC`,
    );
    for (const row of rows) {
      if (row.received_at < sinceMs) return;
      if (!sessions.has(row.session_id)) continue;
      yield {
        id: row.id,
        type: row.event_type,
        roomId: row.room_id,
        messageId: row.message_id,
        receivedAt: row.received_at,
        streak: streakFromRow(row),
      };
    }
  }

  /** What a service keeps by key. */
  loadState(serviceId: number, { sessionId, liveId }: StateOwner): Map<string, unknown> {
    const rows = this.#query.all<{ key: string; value: string }>(
      `SELECT key, value FROM service_state
        WHERE service_id = ? AND coalesce(session_id, 0) = ? AND coalesce(live_id, 0) = ?`,
      serviceId,
      sessionId ?? 0,
      liveId ?? 0,
    );
    return new Map(rows.map(({ key, value }) => [key, JSON.parse(value)]));
  }

  /** One of Livecue's own values; null where it was never set. Set by the operation `set_config`. */
  configValue(key: string): string | null {
    const row = this.#query.first<{ meta_value: string }>(
      "SELECT meta_value FROM config WHERE meta_key = ?",
      key,
    );
    return row?.meta_value ?? null;
  }

  /** Writes what waits, gives up the lock. Throws a `UserError` where that could not be written. May be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await this.writer.close();
    } finally {
      // The writing connection last: closing it takes the write-ahead log back into the file.
      this.reader.close();
      this.#database.close();
      this.#lock.release();
    }
  }

  /** Pending items of the sessions that were there when the database was opened: all of these have ended. */
  #earlierItems(serviceId: number): { id: number; created_at: number }[] {
    return this.#query.all(
      `SELECT item.id, item.created_at FROM event_queue AS item
          CROSS JOIN live_event AS event ON event.id = item.live_event_id
        WHERE item.service_id = ? AND item.status = 'pending' AND event.session_id < ?
        ORDER BY item.id`,
      serviceId,
      this.nextIds.session,
    );
  }

  #nextId(table: "live" | "live_session" | "live_event" | "event_queue"): number {
    return (this.#query.first<{ highest: number | null }>(`SELECT max(id) AS highest FROM ${table}`)
      ?.highest ?? 0) + 1;
  }
}

interface RecentRow {
  id: number;
  session_id: number;
  event_type: EventType;
  room_id: string;
  message_id: string | null;
  received_at: number;
  streak_id: string | null;
  streak_count: number | null;
  streak_delta: number | null;
  streak_ended: number | null;
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw new UserError(
      `${path} cannot be deleted: ${(error as Error).message}. ` +
        "Allow writing to its folder, and close what else has it open.",
    );
  }
}
