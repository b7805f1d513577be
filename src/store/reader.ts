/** Looking into a database, also while another process owns it. Pages go from the newest to the oldest. */
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { LiveEvent } from "../event.ts";
import { eventColumns, eventFromRow, type EventRow, eventSource } from "./event_row.ts";
import type { ItemsAsked, ItemStatus, StoredItem } from "../item.ts";
import { itemFromRow, type ItemRow, selectItems } from "./item_row.ts";
import {
  boundedText,
  countsIn,
  highestId,
  momentIn,
  optionalMomentIn,
  optionalNumberIn,
  optionalTextIn,
  textIn,
} from "./columns.ts";
import { findDamage } from "./damage.ts";
import { openForReading } from "./open.ts";
import { type ItemInHand, itemsInHand } from "./recovery.ts";
import { type ClassBound, countPending, type PendingCount } from "./pending_rows.ts";
import { Query } from "./query.ts";
import { simplified } from "../words.ts";

/** A page: at most `limit` rows with ids under `before` (the last id of the page before it). */
export interface PageOptions {
  before?: number | undefined;
  limit: number;
}

export interface EventsOptions extends PageOptions {
  sessionId?: number | undefined;
  /** Only of these lives. */
  liveIds?: readonly number[];
  /** Only of the source of this name. */
  source?: string;
  type?: string | undefined;
  /** Part of the nickname, the handle or any text of the event; case and accents do not matter. */
  text?: string | undefined;
}

export interface QueueOptions extends PageOptions {
  serviceSlug?: string | undefined;
  status?: ItemStatus | undefined;
}

export interface EndedOptions {
  serviceSlug: string;
  status: "failed" | "discarded";
  /** Only ids below it. */
  before: number;
  limit: number;
}

/** As much of an item as it takes to put it back. */
export interface EndedItem {
  id: number;
  status: "failed" | "discarded";
  serviceId: number;
  priority: number;
  isDiscardable: boolean;
}

export interface StoredSession {
  id: number;
  username: string;
  name: string | null;
  roomId: string;
  source: string;
  status: "active" | "completed" | "aborted";
  startedAt: number;
  endedAt: number | null;
  endReason: string | null;
  /** Events shed because the intake was full, by type. */
  shed: Record<string, number>;
}

export interface StoredService {
  id: number;
  slug: string;
  name: string;
  isActive: boolean;
}

export interface ItemCount {
  serviceSlug: string;
  status: ItemStatus;
  count: number;
}

interface SessionRow {
  id: number;
  username: string;
  name: string | null;
  room_id: string;
  source: string;
  status: StoredSession["status"];
  started_at: number;
  ended_at: number | null;
  end_reason: string | null;
  shed: string | null;
}

const exportPageSize = 1_000;

/** Opens a database for looking only. Throws a `UserError` where there is none, or not one of this version. */
export function openReader(path: string): Reader {
  return new Reader(openForReading(path));
}

export class Reader {
  readonly #database: DatabaseSync;
  readonly #query: Query;

  /** Takes over the connection, and closes it. */
  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#query = new Query(database);
    database.function("says", { deterministic: true }, says);
  }

  sessions(options: PageOptions): StoredSession[] {
    const where = new Conditions().page("id", options);
    const rows = this.#query.all<SessionRow>(
      `SELECT * FROM live_session ${where.sql} ORDER BY id DESC LIMIT ?`,
      ...where.values,
      options.limit,
    );
    return rows.map(sessionFromRow);
  }

  /** null where there is none. */
  session(id: number): StoredSession | null {
    const row = this.#query.first<SessionRow>("SELECT * FROM live_session WHERE id = ?", id);
    return row === null ? null : sessionFromRow(row);
  }

  events(options: EventsOptions): LiveEvent[] {
    const where = new Conditions().page("event.id", options);
    if (options.sessionId !== undefined) this.#addSession(where, options.sessionId);
    if (options.liveIds !== undefined) {
      const marks = options.liveIds.map(() => "?").join(", ");
      where.add(`session.live_id IN (${marks})`, ...options.liveIds);
    }
    if (options.source !== undefined) where.add("session.source = ?", options.source);
    if (options.type !== undefined) where.add("event.event_type = ?", options.type);
    if (options.text !== undefined) addTextSearch(where, simplified(options.text));
    const rows = this.#query.all<EventRow>(
      `SELECT ${eventColumns} FROM ${eventSource} ${where.sql} ORDER BY event.id DESC LIMIT ?`,
      ...where.values,
      options.limit,
    );
    return rows.map(eventFromRow);
  }

  /** null where there is none. */
  event(id: number): LiveEvent | null {
    const row = this.#query.first<EventRow>(
      `SELECT ${eventColumns} FROM ${eventSource} WHERE event.id = ?`,
      id,
    );
    return row === null ? null : eventFromRow(row);
  }

  queue(options: QueueOptions): StoredItem[] {
    const where = new Conditions().page("item.id", options);
    if (options.serviceSlug !== undefined) {
      where.add("item.service_id = (SELECT id FROM service WHERE slug = ?)", options.serviceSlug);
    }
    // Spelled out: the indexes of single statuses are used only where a query repeats their condition.
    if (options.status !== undefined) where.add(`item.status = '${options.status}'`);
    const rows = this.#query.all<ItemRow>(
      `${selectItems} ${where.sql} ORDER BY item.id DESC LIMIT ?`,
      ...where.values,
      options.limit,
    );
    return rows.map(itemFromRow);
  }

  /** How many there are, and the highest id of them (0 without any): reads all of them. */
  countItems({ serviceSlug, status }: { serviceSlug: string; status: ItemStatus }): ItemsAsked {
    const row = this.#query.first<ItemsAsked>(
      `SELECT count(*) AS count, coalesce(max(id), 0) AS upToId FROM event_queue
        WHERE service_id = (SELECT id FROM service WHERE slug = ?) AND status = '${status}'`,
      serviceSlug,
    );
    return { count: row?.count ?? 0, upToId: row?.upToId ?? 0 };
  }

  /** null where there is none. */
  item(id: number): StoredItem | null {
    const row = this.#query.first<ItemRow>(`${selectItems} WHERE item.id = ?`, id);
    return row === null ? null : itemFromRow(row);
  }

  /** The failed or the discarded items of a service, newest first: a page of them, without their events. */
  endedItems({ serviceSlug, status, before, limit }: EndedOptions): EndedItem[] {
    const rows = this.#query.all<Omit<EndedItem, "isDiscardable"> & { is_discardable: number }>(
      `SELECT id, service_id AS serviceId, priority, is_discardable, status FROM event_queue
        WHERE id < ? AND service_id = (SELECT id FROM service WHERE slug = ?) AND status = ?
        ORDER BY id DESC LIMIT ?`,
      before,
      serviceSlug,
      status,
      limit,
    );
    return rows.map(({ id, serviceId, priority, status, is_discardable }) => ({
      id,
      status,
      serviceId,
      priority,
      isDiscardable: is_discardable === 1,
    }));
  }

  /** Walks over all of them: in a thread that may take its time. */
  pendingCounts(bound: ClassBound): PendingCount[] {
    return countPending(this.#query, bound) ?? [];
  }

  /** Walks over all that is pending, too: in a thread that may take its time. */
  itemsInHand(): ItemInHand[] {
    return itemsInHand(this.#query) ?? [];
  }

  /** A sentence where damaged pages are found: in a thread that may take its time. */
  damage(): string | null {
    return findDamage(this.#database);
  }

  /** Of an item; null where there is none. */
  statusOf(itemId: number): ItemStatus | null {
    return this.#query.first<{ status: ItemStatus }>("SELECT status FROM event_queue WHERE id = ?", itemId)
      ?.status ?? null;
  }

  /** What became of an event in each service, oldest item first. */
  itemsOf(eventId: number): StoredItem[] {
    const rows = this.#query.all<ItemRow>(
      `${selectItems} WHERE item.live_event_id = ? ORDER BY item.id`,
      eventId,
    );
    return rows.map(itemFromRow);
  }

  /** By slug; the inactive ones, too. */
  services(): StoredService[] {
    const rows = this.#query.all<{ id: number; slug: string; name: string; is_active: number }>(
      "SELECT id, slug, name, is_active FROM service ORDER BY slug",
    );
    return rows.map(({ id, slug, name, is_active }) => ({
      id,
      slug: textIn(slug),
      name: textIn(name),
      isActive: is_active === 1,
    }));
  }

  /** Reads the whole queue table: for a command or a summary, never while events flow. */
  itemCounts(): ItemCount[] {
    const rows = this.#query.all<ItemCount>(
      `SELECT service.slug AS serviceSlug, status, count
        FROM (SELECT service_id, status, count(*) AS count FROM event_queue GROUP BY service_id, status)
        JOIN service ON service.id = service_id ORDER BY slug, status`,
    );
    return rows.map(({ serviceSlug, status, count }) => ({
      serviceSlug: textIn(serviceSlug),
      status,
      count,
    }));
  }

  /** A session's events in order, page by page: a long export holds up neither writing nor the log's end. */
  *exportSession(sessionId: number): Generator<LiveEvent> {
    let after = 0;
    while (true) {
      const where = new Conditions().page("event.id", {}).add("event.id > ?", after);
      this.#addSession(where, sessionId);
      const rows = this.#query.all<EventRow>(
        `SELECT ${eventColumns} FROM ${eventSource} ${where.sql} ORDER BY event.id LIMIT ?`,
        ...where.values,
        exportPageSize,
      );
      for (const row of rows) yield eventFromRow(row);
      if (rows.length < exportPageSize) return;
      after = rows.at(-1)!.id;
    }
  }

  /** With the ids between which the session's events are: an old session's are not looked for among all newer ones. */
  #addSession(where: Conditions, sessionId: number): void {
    const bounds = this.#query.first<{ events_from: number | null; events_to: number | null }>(
      "SELECT events_from, events_to FROM live_session WHERE id = ?",
      sessionId,
    );
    where.add("event.session_id = ?", sessionId);
    const from = optionalNumberIn(bounds?.events_from);
    const to = optionalNumberIn(bounds?.events_to);
    if (from) where.add("event.id >= ?", from);
    if (to) where.add("event.id <= ?", to);
  }

  /** May be called again. */
  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }
}

/** The WHERE of a query, with the values of its question marks. */
class Conditions {
  readonly #conditions: string[] = [];
  readonly values: SQLInputValue[] = [];

  get sql(): string {
    return this.#conditions.length === 0 ? "" : `WHERE ${this.#conditions.join(" AND ")}`;
  }

  add(condition: string, ...values: SQLInputValue[]): this {
    this.#conditions.push(condition);
    this.values.push(...values);
    return this;
  }

  /** An id above the highest that counts is none of Livecue's: pages would never come past it. */
  page(idColumn: string, { before }: Partial<PageOptions>): this {
    return this.add(`${idColumn} < ?`, before ?? highestId + 1);
  }
}

/**
 * `text` is simplified. The data is JSON: its text is searched first as it stands, then value by value, so that
 * neither a field's name nor an image's address counts as something that was said.
 */
function addTextSearch(where: Conditions, text: string): void {
  if (text === "") return;
  const words = text.split(" ");
  const pattern = likePattern(words);
  const jsonPattern = likePattern(words.map((word) => JSON.stringify(word).slice(1, -1)));
  where.add(
    `(${holds("event.user_nickname")} OR ${holds("event.user_unique_id")} OR (
      ${mayHold("event.event_data")} AND EXISTS (SELECT 1 FROM json_tree(${readableJson}) AS part
        WHERE part.type = 'text' AND part.key IS NOT 'imageUrl' AND ${holds("part.atom")})))`,
    ...[pattern, text, pattern, text, jsonPattern, pattern, text],
  );
}

/** json_tree throws at what is no JSON. */
const readableJson = `CASE WHEN typeof(event.event_data) = 'text' AND json_valid(event.event_data)
  THEN ${boundedText("event.event_data")} ELSE '{}' END`;

/** Takes the pattern and the text. */
function holds(column: string): string {
  // The driver hangs where a function is given a number over 2^53.
  return `(${mayHold(column)} AND says(CASE WHEN typeof(${column}) = 'text' THEN ${column} END, ?))`;
}

/**
 * Takes the pattern. SQLite's own comparison is many times as fast as `says`, and knows the letters a to z: what
 * is made of no others and lacks the words is left out at once.
 */
function mayHold(column: string): string {
  return String.raw`(octet_length(${column}) > length(${column}) OR ${column} LIKE ? ESCAPE '\')`;
}

/** SQLite's function `says`. */
function says(written: SQLInputValue, text: SQLInputValue): number {
  return typeof written === "string" && simplified(written).includes(String(text)) ? 1 : 0;
}

/** The words in this order, whatever is between them. */
function likePattern(words: readonly string[]): string {
  return `%${words.map((word) => word.replaceAll(/[\\%_]/g, String.raw`\$&`)).join("%")}%`;
}

function sessionFromRow(row: SessionRow): StoredSession {
  return {
    id: row.id,
    username: textIn(row.username),
    name: optionalTextIn(row.name),
    roomId: textIn(row.room_id),
    source: textIn(row.source),
    status: row.status === "active" || row.status === "completed" ? row.status : "aborted",
    startedAt: momentIn(row.started_at),
    endedAt: optionalMomentIn(row.ended_at),
    endReason: optionalTextIn(row.end_reason),
    shed: countsIn(row.shed) ?? {},
  };
}
