/** Reads the viewers of all lives, and what events that are not counted yet add to them. */
import type { LiveEvent } from "../event.ts";
import {
  noViewer,
  type Viewer,
  type ViewerChange,
  ViewerChanges,
  type ViewerKey,
  type ViewerNumbers,
} from "../viewer.ts";
import { simplified } from "../words.ts";
import { momentIn, numberIn, optionalTextIn, textIn } from "./columns.ts";
import { eventColumns, eventFromRow, type EventRow, eventSource } from "./event_row.ts";
import { Conditions, highestIn, type Query } from "./query.ts";
import { addNameSearch, says } from "./text_search.ts";

/** The key in `config` of the last event of a streamer's room that the tables of viewers include. */
export function countedUpToKey(streamer: string | null): string {
  const key = "viewers_counted_up_to";
  return streamer ? `${key}:${streamer}` : key;
}

export interface ChangesAsked {
  /** Only of events with higher ids. */
  after: number;
  /** The most events. */
  limit: number;
}

export interface ViewerCounts {
  changes: readonly ViewerChange[];
  /** The last event that they include. */
  upTo: number;
  /** Whether there were more events. */
  hasMore: boolean;
}

export interface ViewersAsked {
  limit: number;
  /** Part of a name that the viewer has or had. Case and accents are ignored. */
  text?: string | undefined;
}

/** A live in which a viewer was seen. */
export interface ViewerLive {
  liveId: number;
  title: string;
  /** The streamer's handle. */
  username: string;
  firstSeen: number;
  lastSeen: number;
  gifts: number;
  diamonds: number;
  comments: number;
}

export interface UsedName {
  uniqueId: string;
  nickname: string;
  firstSeen: number;
}

interface ViewerRow {
  id: number;
  platform: string;
  user_id: string;
  unique_id: string;
  nickname: string;
  first_seen: number;
  last_seen: number;
  lives: number;
  gifts: number;
  diamonds: number;
  comments: number;
  note: string | null;
  is_blocked: number | null;
}

const selectViewers = `SELECT viewer.*, mark.note, mark.is_blocked FROM viewer
  LEFT JOIN viewer_mark AS mark ON mark.platform = viewer.platform AND mark.user_id = viewer.user_id`;

/** How many are read at a time, if many of them may not be meant. */
const readAtOnce = 1_000;

/** The most viewers of one name that are listed. */
const maxNamesakes = 20;

/** The last comments are looked for in so many lives. */
const maxLivesWithComments = 5;

export class StoredViewers {
  readonly #query: Query;
  readonly #streamer: string | null;

  /** `streamer`: whose events are counted; null: those of all. */
  constructor(query: Query, streamer: string | null) {
    this.#query = query;
    this.#streamer = streamer;
  }

  /** The last event that the tables of viewers include; 0 before the first. */
  countedUpTo(): number {
    const row = this.#query.first<{ meta_value: string }>(
      "SELECT meta_value FROM config WHERE meta_key = ?",
      countedUpToKey(this.#streamer),
    );
    return numberIn(Number(textIn(row?.meta_value)));
  }

  /** How many ids of events are above the last counted one. */
  uncounted(): number {
    return Math.max(0, highestIn(this.#query, "live_event") - this.countedUpTo());
  }

  changesAfter({ after, limit }: ChangesAsked): ViewerCounts {
    const where = new Conditions().add(
      "event.id > ? AND event.id <= ?",
      after,
      highestIn(this.#query, "live_event"),
    );
    if (this.#streamer !== null) this.#addRoom(where, this.#streamer, after);
    const rows = this.#query.all<EventRow & { source_type: string }>(
      `SELECT ${eventColumns}, live.source_type FROM ${eventSource} CROSS JOIN live ON live.id = session.live_id
        ${where.sql} ORDER BY event.id LIMIT ?`,
      ...where.values,
      limit,
    );
    const changes = new ViewerChanges();
    for (const row of rows) changes.add(eventFromRow(row), textIn(row.source_type));
    return { changes: changes.list(), upTo: rows.at(-1)?.id ?? after, hasMore: rows.length === limit };
  }

  /** Only events of the sessions that may have events after this one. */
  #addRoom(where: Conditions, streamer: string, after: number): void {
    where.add(
      `event.session_id IN
        (SELECT id FROM live_session WHERE streamer = ? AND (events_to IS NULL OR events_to > ?))`,
      streamer,
      after,
    );
  }

  /** The counted numbers of a viewer; null if there are none. */
  numbersOf({ platform, userId }: ViewerKey): ViewerNumbers | null {
    return this.#query.first<ViewerNumbers>(
      `SELECT lives AS visits, diamonds AS "totalDiamonds" FROM viewer WHERE platform = ? AND user_id = ?`,
      platform,
      userId,
    );
  }

  /** The counted numbers of whoever caused an event of a live. */
  numbersIn(liveId: number, userId: string): ViewerNumbers {
    return this.#query.first<ViewerNumbers>(
      `SELECT lives AS visits, diamonds AS "totalDiamonds" FROM live
        JOIN viewer ON platform = source_type AND user_id = ? WHERE live.id = ?`,
      userId,
      liveId,
    ) ?? noViewer;
  }

  /** Whether a live is counted among the viewer's. */
  wasIn({ platform, userId }: ViewerKey, liveId: number): boolean {
    return this.#query.first(
      `SELECT 1 FROM viewer JOIN viewer_live ON viewer_id = viewer.id
        WHERE platform = ? AND user_id = ? AND live_id = ?`,
      platform,
      userId,
      liveId,
    ) !== null;
  }

  /** Those whom a person has blocked. */
  blocked(): ViewerKey[] {
    return this.#query.all<ViewerKey>(
      `SELECT platform, user_id AS "userId" FROM viewer_mark WHERE is_blocked = 1`,
    );
  }

  /** The viewers who gave the most, then those who wrote the most. */
  list({ limit, text = "" }: ViewersAsked): Viewer[] {
    const { dialect } = this.#query;
    const where = new Conditions();
    addNameSearch(where, text, {
      dialect,
      columns: ["viewer.nickname", "viewer.unique_id"],
      also: (holds) =>
        `EXISTS (SELECT 1 FROM viewer_name AS name WHERE name.viewer_id = viewer.id
          AND ${holds(["name.nickname", "name.unique_id"])})`,
    });
    const page = (limit: number, first: number) =>
      this.#query.all<ViewerRow>(
        `${selectViewers} ${where.sql}
          ORDER BY diamonds DESC, comments DESC, lives DESC, viewer.id LIMIT ? OFFSET ?`,
        ...where.values,
        limit,
        first,
      );
    const simple = simplified(text);
    if (dialect.sieve === null || simple === "") return page(limit, 0).map(viewerFromRow);
    const listed: ViewerRow[] = [];
    for (let first = 0; listed.length < limit; first += readAtOnce) {
      const rows = page(readAtOnce, first);
      listed.push(...this.#named(rows, simple));
      if (rows.length < readAtOnce) break;
    }
    return listed.slice(0, limit).map(viewerFromRow);
  }

  /** Those who have or had a name that holds the text. */
  #named(rows: readonly ViewerRow[], text: string): ViewerRow[] {
    const isSaid = ({ nickname, unique_id }: { nickname: string; unique_id: string }) =>
      says(nickname, text) === 1 || says(unique_id, text) === 1;
    const others = rows.filter((row) => !isSaid(row)).map(({ id }) => id);
    const used = this.#query.all<{ viewer_id: number; nickname: string; unique_id: string }>(
      `SELECT viewer_id, nickname, unique_id FROM viewer_name
        WHERE viewer_id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))`,
      JSON.stringify(others),
    );
    const had = new Set(used.filter(isSaid).map(({ viewer_id }) => viewer_id));
    return rows.filter((row) => isSaid(row) || had.has(row.id));
  }

  /**
   * The viewers whom a person may mean, at most 20: by "PLATFORM:ID", by id, by handle (with or without an @), or by
   * name. If nobody has the name now, those who had it.
   */
  find(name: string): Viewer[] {
    const written = name.trim();
    const [, platform = "", userId = ""] = /^([^:]+):(.+)$/s.exec(written) ?? [];
    const byId = this.#viewers(
      "WHERE viewer.user_id = ? OR (viewer.platform = ? AND viewer.user_id = ?)",
      written,
      platform,
      userId,
    );
    if (byId.length > 0) return byId;
    const present = this.#meant(written, ["viewer.unique_id", "viewer.nickname"], "");
    if (present.length > 0) return present;
    return this.#meant(
      written,
      ["used.unique_id", "used.nickname"],
      "JOIN viewer_name AS used ON used.viewer_id = viewer.id",
    );
  }

  /** The lives of a viewer, the latest first. */
  livesOf({ platform, userId }: ViewerKey, limit: number): ViewerLive[] {
    return this.#query.all<ViewerLive>(
      `SELECT live.id AS "liveId", live.title, live.username, seen.first_seen AS "firstSeen",
          seen.last_seen AS "lastSeen", seen.gifts, seen.diamonds, seen.comments
        FROM viewer CROSS JOIN live ON true
        CROSS JOIN viewer_live AS seen ON seen.live_id = live.id AND seen.viewer_id = viewer.id
        WHERE viewer.platform = ? AND viewer.user_id = ? ORDER BY live.id DESC LIMIT ?`,
      platform,
      userId,
      limit,
    );
  }

  /** The names that a viewer has used, the latest first. */
  namesOf({ platform, userId }: ViewerKey): UsedName[] {
    return this.#query.all<UsedName>(
      `SELECT used.unique_id AS "uniqueId", used.nickname, used.first_seen AS "firstSeen"
        FROM viewer JOIN viewer_name AS used ON used.viewer_id = viewer.id
        WHERE platform = ? AND user_id = ? ORDER BY used.first_seen DESC, used.nickname`,
      platform,
      userId,
    );
  }

  /** The last comments of a viewer, the latest first, from the last lives in which the viewer wrote one. */
  commentsOf({ platform, userId }: ViewerKey, limit: number): LiveEvent[] {
    const lives = this.#query.all<{ live_id: number; first_id: number }>(
      `SELECT session.live_id, min(event.id) AS first_id FROM live_event AS event INDEXED BY live_event_first
        CROSS JOIN live_session AS session ON session.id = event.session_id
        CROSS JOIN live ON live.id = session.live_id
        WHERE event.user_id = ? AND event.event_type = 'CommentEvent' AND event.is_first_of_user = 1
          AND live.source_type = ? GROUP BY session.live_id ORDER BY session.live_id DESC LIMIT ?`,
      userId,
      platform,
      maxLivesWithComments,
    );
    const comments: LiveEvent[] = [];
    for (const { live_id, first_id } of lives) {
      if (comments.length < limit) {
        comments.push(
          ...this.#commentsIn(live_id, { userId, from: first_id, limit: limit - comments.length }),
        );
      }
    }
    return comments;
  }

  #commentsIn(
    liveId: number,
    { userId, from, limit }: { userId: string; from: number; limit: number },
  ): LiveEvent[] {
    const rows = this.#query.all<EventRow>(
      `SELECT ${eventColumns} FROM ${eventSource}
        WHERE event.id BETWEEN ? AND (SELECT max(coalesce(events_to, ?)) FROM live_session WHERE live_id = ?)
          AND event.user_id = ? AND event.event_type = 'CommentEvent' AND session.live_id = ?
        ORDER BY event.id DESC LIMIT ?`,
      from,
      highestIn(this.#query, "live_event"),
      liveId,
      userId,
      liveId,
      limit,
    );
    return rows.map(eventFromRow);
  }

  /** Those with this handle or this name, of the columns given in this order. */
  #meant(written: string, [handle, nickname]: readonly [string, string], join: string): Viewer[] {
    const uniqueId = written.replace(/^@/, "");
    const where = new Conditions();
    addNameSearch(where, uniqueId, { dialect: this.#query.dialect, columns: [handle, nickname] });
    if (where.sql === "") return [];
    const rows = this.#query.all<ViewerRow & { handle: string; name: string }>(
      `SELECT found.*, mark.note, mark.is_blocked FROM (
          SELECT DISTINCT viewer.*, ${handle} AS handle, ${nickname} AS name FROM viewer ${join} ${where.sql}
        ) AS found LEFT JOIN viewer_mark AS mark ON mark.platform = found.platform AND mark.user_id = found.user_id
        ORDER BY diamonds DESC, comments DESC, id`,
      ...where.values,
    );
    const isMeant = ({ handle, name }: { handle: string; name: string }) =>
      handle.toLowerCase() === uniqueId.toLowerCase() ||
      (!written.startsWith("@") && simplified(name) === simplified(written));
    const meant = new Map(rows.filter(isMeant).map((row) => [row.id, viewerFromRow(row)]));
    return [...meant.values()].slice(0, maxNamesakes);
  }

  #viewers(rest: string, ...values: Parameters<Query["all"]>[1][]): Viewer[] {
    return this.#query.all<ViewerRow>(`${selectViewers} ${rest}`, ...values).map(viewerFromRow);
  }
}

function viewerFromRow(row: ViewerRow): Viewer {
  return {
    platform: textIn(row.platform),
    userId: textIn(row.user_id),
    uniqueId: textIn(row.unique_id),
    nickname: textIn(row.nickname),
    firstSeen: momentIn(row.first_seen),
    lastSeen: momentIn(row.last_seen),
    lives: numberIn(row.lives),
    gifts: numberIn(row.gifts),
    diamonds: numberIn(row.diamonds),
    comments: numberIn(row.comments),
    note: optionalTextIn(row.note),
    isBlocked: row.is_blocked === 1,
  };
}
