/** Reads a database, even while another process owns it. Pages go from the newest row to the oldest. */
import type { LiveEvent } from "../event.ts";
import { shownTextOf } from "../event.ts";
import type { ViewerDetail } from "../viewer_view.ts";
import { eventColumns, eventFromRow, type EventRow, eventSource } from "./event_row.ts";
import type { ItemsAsked, ItemStatus, StoredItem } from "../item.ts";
import { itemFromRow, type ItemRow, selectItems } from "./item_row.ts";
import { countsIn, momentIn, optionalMomentIn, optionalTextIn, textIn } from "./columns.ts";
import type { KnownGift } from "../gift.ts";
import { readGifts } from "./gift_rows.ts";
import type { ServiceWork } from "../session_report.ts";
import type { PastSession, SessionSums } from "../session_view.ts";
import { PastSessions } from "./past_sessions.ts";
import { type ItemInProgress, itemsInProgress } from "./recovery.ts";
import { type ClassBound, countPending, type PendingCount } from "./pending_rows.ts";
import { Conditions, type Query } from "./query.ts";
import { type ChangesAsked, StoredViewers, type ViewerCounts } from "./viewers.ts";
import type { Step } from "../step.ts";
import { stepResult, stepsOf } from "./step_row.ts";
import { type EventChoice, type EventCount, type EventsOptions, StoredEvents } from "./stored_events.ts";

/** A page has at most `limit` rows with ids below `before` (the last id of the previous page). */
export interface PageOptions {
  before?: number | undefined;
  limit: number;
}

export interface QueueOptions extends PageOptions {
  serviceSlug?: string | undefined;
  status?: ItemStatus | undefined;
}

export interface EndedOptions {
  serviceSlug: string;
  status: "failed" | "discarded";
  /** Only lower ids. */
  before: number;
  limit: number;
}

/** The parts of an item that are needed to put it back. */
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

export interface StoredStreak {
  count: number;
  events: { event: LiveEvent; items: { item: StoredItem; steps: Step[] }[] }[];
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

/** A database opened for reading, which another process may own. */
export interface OpenReader {
  /** Of all rooms. */
  readonly reader: Reader;
  /** Of one streamer's room; null: of all. */
  of(streamer: string | null): Reader;
  readonly query: Query;
  /** Runs `work` in one snapshot: it reads nothing that is written meanwhile. */
  snapshot<Result>(work: () => Result): Result;
  /** Turns an error from reading into a `UserError`, if a person can fix it. */
  explained(error: unknown): unknown;
  /** May be called again. */
  close(): void;
}

export interface ReaderOptions {
  /** Reads only of this streamer's room; null: of all. */
  streamer?: string | null;
  /** As `damage`. */
  findDamage?: () => string | null;
}

/** Of a viewer, the latest. */
const shownLives = 20;
const shownComments = 20;

export class Reader {
  readonly #query: Query;
  readonly #findDamage: () => string | null;
  readonly #streamer: string | null;
  readonly viewers: StoredViewers;
  readonly #events: StoredEvents;
  readonly #past: PastSessions;

  constructor(query: Query, { streamer = null, findDamage = () => null }: ReaderOptions = {}) {
    this.#query = query;
    this.#findDamage = findDamage;
    this.#streamer = streamer;
    this.viewers = new StoredViewers(this.#query, streamer);
    this.#events = new StoredEvents(this.#query, streamer);
    this.#past = new PastSessions(this.#query, streamer);
  }

  /** One of Livecue's own values; null if it was never set. */
  configValue(key: string): string | null {
    const sql = "SELECT meta_value FROM config WHERE meta_key = ?";
    return this.#query.first<{ meta_value: string }>(sql, key)?.meta_value ?? null;
  }

  sessions(options: PageOptions): StoredSession[] {
    const where = new Conditions().page("id", options).ofStreamer(this.#streamer);
    const rows = this.#query.all<SessionRow>(
      `SELECT * FROM live_session ${where.sql} ORDER BY id DESC LIMIT ?`,
      ...where.values,
      options.limit,
    );
    return rows.map(sessionFromRow);
  }

  /** null if there is none. */
  session(id: number): StoredSession | null {
    const row = this.#query.first<SessionRow>("SELECT * FROM live_session WHERE id = ?", id);
    return row === null ? null : sessionFromRow(row);
  }

  events(options: EventsOptions): LiveEvent[] {
    return this.#events.page(options);
  }

  /** How many there are with ids above `after` and up to `upTo`. Reads all of them. */
  countEvents(asked: EventChoice & { after: number; upTo: number }): EventCount {
    return this.#events.count(asked);
  }

  /** null if there is none. */
  event(id: number): LiveEvent | null {
    const row = this.#query.first<EventRow>(
      `SELECT ${eventColumns} FROM ${eventSource} WHERE event.id = ?`,
      id,
    );
    return row === null ? null : eventFromRow(row);
  }

  queue(options: QueueOptions): StoredItem[] {
    const where = new Conditions().page("item.id", options);
    if (options.serviceSlug !== undefined) this.#addService(where, options.serviceSlug);
    else if (this.#streamer !== null) where.add("service.streamer = ?", this.#streamer);
    if (options.status !== undefined) where.add(this.#query.dialect.hasStatus(options.status, "item"));
    const rows = this.#query.all<ItemRow>(
      `${selectItems} ${where.sql} ORDER BY item.id DESC LIMIT ?`,
      ...where.values,
      options.limit,
    );
    return rows.map(itemFromRow);
  }

  pastSessions(asked: { first: number; limit: number }): { count: number; lines: PastSession[] } {
    return this.#past.page(asked);
  }

  /** Of the first session, and of as many of the others as are read quickly. */
  sessionSums(ids: readonly number[]): (SessionSums & { id: number })[] {
    return this.#past.sums(ids);
  }

  /** Reads all events of the session, as the next one does. */
  sessionGifts(id: number): KnownGift[] {
    return this.#past.gifts(id);
  }

  sessionWork(id: number): ServiceWork[] {
    return this.#past.work(id);
  }

  /** The number of items and their highest id (0 without items). Reads all of them. */
  countItems({ serviceSlug, status }: { serviceSlug: string; status: ItemStatus }): ItemsAsked {
    const where = this.#addService(
      new Conditions().add(this.#query.dialect.hasStatus(status, "item")),
      serviceSlug,
    );
    const row = this.#query.first<ItemsAsked>(
      `SELECT count(*) AS count, coalesce(max(id), 0) AS "upToId" FROM event_queue AS item ${where.sql}`,
      ...where.values,
    );
    return { count: row?.count ?? 0, upToId: row?.upToId ?? 0 };
  }

  /** null if there is none. */
  item(id: number): StoredItem | null {
    const row = this.#query.first<ItemRow>(`${selectItems} WHERE item.id = ?`, id);
    return row === null ? null : itemFromRow(row);
  }

  /** The steps of an item, in the order in which they began; without their results. */
  steps(itemId: number): Step[] {
    return stepsOf(this.#query, itemId);
  }

  /** The result of a completed step; undefined if it has none. */
  stepResult(itemId: number, name: string): unknown {
    return stepResult(this.#query, itemId, name);
  }

  /** A page of a service's failed or discarded items, newest first, without their events. */
  endedItems({ serviceSlug, status, before, limit }: EndedOptions): EndedItem[] {
    const where = new Conditions().page("item.id", { before }).add("item.status = ?", status);
    this.#addService(where, serviceSlug);
    const rows = this.#query.all<Omit<EndedItem, "isDiscardable"> & { is_discardable: number }>(
      `SELECT id, service_id AS "serviceId", priority, is_discardable, status FROM event_queue AS item
        ${where.sql} ORDER BY id DESC LIMIT ?`,
      ...where.values,
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

  /** Walks over all of them, so call it in a thread that may take long. */
  pendingCounts(bound: ClassBound): PendingCount[] {
    return countPending(this.#query, bound) ?? [];
  }

  /** Walks over all pending items too, so call it in a thread that may take long. */
  itemsInProgress(streamer: string): ItemInProgress[] {
    return itemsInProgress(this.#query, { streamer }) ?? [];
  }

  /** What the next events add to the viewers. Reads up to `limit` events, so call it in a thread that may take long. */
  viewerChanges(asked: ChangesAsked): ViewerCounts {
    return this.viewers.changesAfter(asked);
  }

  /** The viewer who caused an event, over all lives. */
  viewerOf(eventId: number): Omit<ViewerDetail, "kind"> {
    const key = this.#query.first<{ platform: string; user_id: string | null }>(
      `SELECT live.source_type AS platform, event.user_id FROM live_event AS event
        JOIN live_session ON live_session.id = event.session_id JOIN live ON live.id = live_session.live_id
        WHERE event.id = ?`,
      eventId,
    );
    const [viewer] = key?.user_id ? this.viewers.find(`${key.platform}:${key.user_id}`) : [];
    if (viewer === undefined) return { viewer: null, lives: [], names: [], comments: [] };
    const present = `${viewer.nickname} @${viewer.uniqueId}`;
    const names = this.viewers.namesOf(viewer).map(({ nickname, uniqueId }) => `${nickname} @${uniqueId}`);
    return {
      viewer,
      lives: this.viewers.livesOf(viewer, shownLives),
      names: names.filter((name) => name !== present),
      comments: this.viewers.commentsOf(viewer, shownComments)
        .map((event) => ({ at: event.createdAt, text: shownTextOf(event) ?? "" })),
    };
  }

  /** A sentence about damaged pages, if any. Call it in a thread that may take long. */
  damage(): string | null {
    return this.#findDamage();
  }

  /** The status of an item; null if there is no such item. */
  statusOf(itemId: number): ItemStatus | null {
    return this.#query.first<{ status: ItemStatus }>("SELECT status FROM event_queue WHERE id = ?", itemId)
      ?.status ?? null;
  }

  /** The items of an event in all services, oldest first. */
  itemsOf(eventId: number): StoredItem[] {
    const rows = this.#query.all<ItemRow>(
      `${selectItems} WHERE item.live_event_id = ? ORDER BY item.id`,
      eventId,
    );
    return rows.map(itemFromRow);
  }

  /** A session's streak with the items of its events and their steps; of very many events the latest, in order. */
  streak(
    { sessionId, streakId, limit }: { sessionId: number; streakId: string; limit: number },
  ): StoredStreak {
    const events = this.#events.page({ sessionId, streakId, limit }).reverse();
    const before = events[0]?.id ?? 0;
    const { count } = this.#events.count({ sessionId, streakId, after: 0, upTo: before - 1 });
    const withSteps = (item: StoredItem) => ({ item, steps: this.steps(item.id) });
    return {
      count: count + events.length,
      events: events.map((event) => ({ event, items: this.itemsOf(event.id).map(withSteps) })),
    };
  }

  /** All services in order of their slugs, including inactive ones. */
  services(): StoredService[] {
    const where = new Conditions().ofStreamer(this.#streamer);
    const rows = this.#query.all<{ id: number; slug: string; name: string; is_active: number }>(
      `SELECT id, slug, name, is_active FROM service ${where.sql} ORDER BY slug`,
      ...where.values,
    );
    return rows.map(({ id, slug, name, is_active }) => ({
      id,
      slug: textIn(slug),
      name: textIn(name),
      isActive: is_active === 1,
    }));
  }

  /** The gifts that were seen in all lives, the latest first. Reads no events. */
  gifts(): KnownGift[] {
    return readGifts(this.#query);
  }

  /** Reads the whole queue table: for a command or a summary, never during a live. */
  itemCounts(): ItemCount[] {
    const where = new Conditions().ofStreamer(this.#streamer);
    const rows = this.#query.all<ItemCount>(
      `SELECT service.slug AS "serviceSlug", status, count
        FROM (SELECT service_id, status, count(*) AS count FROM event_queue GROUP BY service_id, status) AS counts
        JOIN service ON service.id = service_id ${where.sql} ORDER BY slug, status`,
      ...where.values,
    );
    return rows.map(({ serviceSlug, status, count }) => ({
      serviceSlug: textIn(serviceSlug),
      status,
      count,
    }));
  }

  /** The items of the service, in all rooms or in the reader's. */
  #addService(where: Conditions, slug: string): Conditions {
    const services = new Conditions().add("slug = ?", slug).ofStreamer(this.#streamer);
    return where.add(`item.service_id IN (SELECT id FROM service ${services.sql})`, ...services.values);
  }

  /** A session's events in order, page by page, so that a long export blocks neither writes nor checkpoints. */
  *exportSession(sessionId: number): Generator<LiveEvent> {
    let after = 0;
    while (true) {
      const events = this.#events.page({ sessionId, after, limit: exportPageSize });
      yield* events;
      if (events.length < exportPageSize) return;
      after = events.at(-1)!.id;
    }
  }
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
