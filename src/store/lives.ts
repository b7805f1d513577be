/** Reads what is stored of a live, with point reads and bounded walks. */
import type { LiveEvent, Streak } from "../event.ts";
import { type Live, type LiveTotals, noTotals, type TopUser } from "../live.ts";
import type { StateOwner } from "../operation.ts";
import type { LiveSession } from "../session.ts";
import { eventColumns, eventFromRow, type EventRow, eventSource, streakFromRow } from "./event_row.ts";
import { countsIn, momentIn, numberIn, optionalNumberIn, optionalTextIn, textIn } from "./columns.ts";
import { highestIn, type Query, walk } from "./query.ts";
import { type SessionSpan, walkSessions } from "./session_walk.ts";

/** The part of an earlier event that matters for duplicates and streaks. */
export interface RecentMessage {
  roomId: string;
  messageId: string | null;
  type: string;
  streak: Streak | null;
}

interface LiveRow {
  id: number;
  source_type: string;
  room_id: string;
  username: string;
  title: string;
  started_at: number;
}

interface SessionRow {
  id: number;
  live_id: number;
  source: string;
  username: string;
  room_id: string;
  started_at: number;
}

interface MessageRow {
  id: number;
  session_id: number;
  room_id: string;
  message_id: string | null;
  event_type: string;
  received_at: number;
  streak_id: string | null;
  streak_count: number | null;
  streak_delta: number | null;
  streak_ended: number | null;
}

const selectMessages = `SELECT id, session_id, room_id, message_id, event_type, received_at,
    streak_id, streak_count, streak_delta, streak_ended
  FROM live_event`;

/** Event ids, both ends included. */
interface Span {
  from: number;
  to: number;
}

const dayMs = 24 * 60 * 60_000;

/** Only the last sessions of a live are read. */
const maxSessions = 1_000;

/** A source's last session is looked for among the last sessions of all sources. */
const maxLatestSessions = 200;

/** Rows walked per requested row: events of several lives may be interleaved. */
const maxWalkedPerRow = 4;

export class Lives {
  readonly #query: Query;
  readonly #streamer: string;

  /** Of one streamer's lives. */
  constructor(query: Query, streamer: string) {
    this.#query = query;
    this.#streamer = streamer;
  }

  live(id: number): Live | null {
    return liveFromRow(this.#query.first<LiveRow>("SELECT * FROM live WHERE id = ?", id));
  }

  /** The newest live of this room; null for the room "". */
  ofRoom(sourceType: string, roomId: string): Live | null {
    if (roomId === "") return null;
    return liveFromRow(this.#query.first<LiveRow>(
      `SELECT * FROM live WHERE source_type = ? AND room_id = ? AND streamer = ? ORDER BY id DESC LIMIT 1`,
      sourceType,
      roomId,
      this.#streamer,
    ));
  }

  /** The live of the source's last session; null if that ended before `since`, or is not among the last sessions. */
  lastOf(source: string, since: number): number | null {
    const row = this.#query.first<{ live_id: number; ended_at: number | null }>(
      `SELECT live_id, ended_at
        FROM (SELECT * FROM live_session WHERE streamer = ? ORDER BY id DESC LIMIT ?) AS latest
        WHERE source = ? ORDER BY id DESC LIMIT 1`,
      this.#streamer,
      maxLatestSessions,
      source,
    );
    return row === null || (row.ended_at ?? since) < since ? null : row.live_id;
  }

  /** The last session and the last live that are not of this source, whose type is its name. */
  lastExcept(source: string): StateOwner {
    const last = (table: string, column: string) =>
      this.#query.first<{ id: number }>(
        `SELECT id FROM ${table} WHERE streamer = ? AND ${column} <> ? ORDER BY id DESC LIMIT 1`,
        this.#streamer,
        source,
      )?.id ?? null;
    return { sessionId: last("live_session", "source"), liveId: last("live", "source_type") };
  }

  session(id: number): LiveSession | null {
    const row = this.#query.first<SessionRow>("SELECT * FROM live_session WHERE id = ?", id);
    if (row === null) return null;
    return {
      id,
      liveId: numberIn(row.live_id),
      source: textIn(row.source),
      username: textIn(row.username),
      roomId: textIn(row.room_id),
      startedAt: momentIn(row.started_at),
    };
  }

  /** The totals as last saved, and the last event that they include; zeros if they cannot be read. */
  totals(liveId: number): { totals: LiveTotals; upTo: number } {
    const row = this.#query.first<{ totals: string | null; totals_up_to: number }>(
      "SELECT totals, totals_up_to FROM live WHERE id = ?",
      liveId,
    );
    if (row === null || row.totals === null) return { totals: noTotals(), upTo: numberIn(row?.totals_up_to) };
    const totals = countsIn(row.totals);
    const upTo = optionalNumberIn(row.totals_up_to);
    if (totals === null || upTo === null) return { totals: noTotals(), upTo: 0 };
    return { totals: { ...noTotals(), ...totals }, upTo };
  }

  /** The live's events after `upTo`, in order. */
  *eventsAfter(liveId: number, upTo: number): Generator<LiveEvent> {
    if (this.#query.dialect.hasSessionIndex) {
      const sql = `SELECT ${eventColumns} FROM ${eventSource} WHERE event.session_id = ?`;
      const sessions = this.#sessions(liveId).map((span) => ({
        ...span,
        from: Math.max(span.from, upTo + 1),
      }));
      for (const row of walkSessions<EventRow>(this.#query, sql, { sessions, idColumn: "event.id" })) {
        yield eventFromRow(row);
      }
      return;
    }
    for (const { from, to } of this.#spans(liveId).reverse()) {
      yield* this.#eventsIn(liveId, { from: Math.max(from, upTo + 1), to });
    }
  }

  /**
   * Messages of the last 24 h, newest first: at most `limit`. Without an index of sessions they are found among at most
   * four times as many rows.
   */
  *recentMessages(liveId: number, limit: number, now: number): Generator<RecentMessage> {
    if (limit < 1) return;
    if (this.#query.dialect.hasSessionIndex) {
      yield* this.#recentOfSessions(this.#sessions(liveId), limit, now);
    } else {
      yield* this.#recentAmongAll(liveId, limit, now);
    }
  }

  *#recentOfSessions(sessions: SessionSpan[], limit: number, now: number): Generator<RecentMessage> {
    const options = { sessions, isDescending: true, expected: limit };
    let toFind = limit;
    for (
      const row of walkSessions<MessageRow>(this.#query, `${selectMessages} WHERE session_id = ?`, options)
    ) {
      if (row.received_at < now - dayMs) return;
      yield messageFromRow(row);
      toFind -= 1;
      if (toFind === 0) return;
    }
  }

  *#recentAmongAll(liveId: number, limit: number, now: number): Generator<RecentMessage> {
    const sessions = new Set(this.#sessions(liveId).map(({ sessionId }) => sessionId));
    let toWalk = limit * maxWalkedPerRow;
    let toFind = limit;
    for (const span of this.#spans(liveId)) {
      const rows = walk<MessageRow>(
        this.#query,
        `${selectMessages} WHERE true`,
        { ...span, isDescending: true, expected: limit },
      );
      for (const row of rows) {
        if (row.received_at < now - dayMs) return;
        toWalk -= 1;
        if (sessions.has(row.session_id)) {
          toFind -= 1;
          yield messageFromRow(row);
        }
        // Checked before the next row is requested, which would read another page.
        if (toFind === 0 || toWalk === 0) return;
      }
      if (toWalk <= 0) return;
    }
  }

  /** The user's first event of this type in the live; null if there is none. */
  firstOf(liveId: number, userId: string, eventType: string): { streakId: string | null } | null {
    const row = this.#query.first<{ streak_id: string | null }>(
      `SELECT event.streak_id FROM live_session AS session
        CROSS JOIN live_event AS event INDEXED BY live_event_first ON event.session_id = session.id
        WHERE session.live_id = ? AND event.user_id = ? AND event.event_type = ? AND event.is_first_of_user = 1
        LIMIT 1`,
      liveId,
      userId,
      eventType,
    );
    return row && { streakId: row.streak_id };
  }

  /** The top givers, most diamonds first. */
  top(liveId: number, count: number): TopUser[] {
    return this.#query.all<TopUser>(
      `SELECT user_id AS "userId", unique_id AS "uniqueId", nickname, diamonds, gifts FROM live_giver
        WHERE live_id = ? ORDER BY diamonds DESC, user_id LIMIT ?`,
      liveId,
      count,
    ).map(({ userId, uniqueId, nickname, diamonds, gifts }) => ({
      userId: textIn(userId),
      uniqueId: textIn(uniqueId),
      nickname: textIn(nickname),
      diamonds: numberIn(diamonds),
      gifts: numberIn(gifts),
    }));
  }

  *#eventsIn(liveId: number, { from, to }: Span): Generator<LiveEvent> {
    if (from > to) return;
    const sql = `SELECT ${eventColumns} FROM ${eventSource} WHERE true`;
    const rows = walk<EventRow>(this.#query, sql, { idColumn: "event.id", from, to });
    for (const row of rows) if (row.live_id === liveId) yield eventFromRow(row);
  }

  /** The last sessions of a live. */
  #sessions(liveId: number): SessionSpan[] {
    const rows = this.#query.all<{ id: number; events_from: number | null; events_to: number | null }>(
      "SELECT id, events_from, events_to FROM live_session WHERE live_id = ? ORDER BY id DESC LIMIT ?",
      liveId,
      maxSessions,
    );
    const highest = highestIn(this.#query, "live_event");
    return rows.map(({ id, events_from, events_to }) => ({
      sessionId: id,
      from: optionalNumberIn(events_from) ?? 1,
      to: Math.min(optionalNumberIn(events_to) ?? highest, highest),
    }));
  }

  /** The id spans with the live's events, without overlaps, newest first. */
  #spans(liveId: number): Span[] {
    const spans = this.#sessions(liveId).map(({ from, to }) => ({ from, to })).sort((a, b) => b.to - a.to);
    const apart: Span[] = [];
    for (const span of spans) {
      const last = apart.at(-1);
      if (last === undefined || span.to < last.from) apart.push(span);
      else last.from = Math.min(last.from, span.from);
    }
    return apart;
  }
}

function liveFromRow(row: LiveRow | null): Live | null {
  if (row === null) return null;
  return {
    id: row.id,
    sourceType: textIn(row.source_type),
    roomId: textIn(row.room_id),
    username: textIn(row.username),
    title: textIn(row.title),
    startedAt: momentIn(row.started_at),
  };
}

function messageFromRow(row: MessageRow): RecentMessage {
  return {
    roomId: textIn(row.room_id),
    messageId: optionalTextIn(row.message_id),
    type: textIn(row.event_type),
    streak: streakFromRow(row),
  };
}
