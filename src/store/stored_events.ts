/**
 * Reads events by choice: pages of them in both directions, and their number. A choice of sessions or lives is read
 * within their range of ids, so that the events of an old session are not searched among all others.
 */
import type { LiveEvent } from "../event.ts";
import type { TypeChoice } from "../event_types.ts";
import { simplified } from "../words.ts";
import { boundedText, highestId, optionalNumberIn } from "./columns.ts";
import { eventColumns, eventFromRow, type EventRow, eventSource, isOfType } from "./event_row.ts";
import { Conditions, type Query } from "./query.ts";
import { addTextSearch, eventHolds, type EventTexts } from "./text_search.ts";

/** Which events are meant. What is left out does not matter. */
export interface EventChoice {
  sessionId?: number | undefined;
  /** Only of these lives. */
  liveIds?: readonly number[] | undefined;
  /** Only of the source of this name. */
  source?: string | undefined;
  type?: string | undefined;
  types?: TypeChoice | null;
  /** Part of the nickname, the handle or any text of the event. Case and accents are ignored. */
  text?: string | undefined;
  /** Only of this streak. */
  streakId?: string;
  /** Another text that the event has too. */
  wanted?: string;
  /** Of each streak only its first event. */
  isStreakOnce?: boolean;
}

export interface EventsOptions extends EventChoice {
  /** Only lower ids: the newest first. */
  before?: number | undefined;
  /** Only higher ids: the oldest first. */
  after?: number;
  /** Only events that happened at this time or later. */
  since?: number;
  limit: number;
}

export interface EventCount {
  count: number;
  /** The highest id among them; 0 without events. */
  lastId: number;
}

interface SessionSpan {
  id: number;
  events_from: unknown;
  events_to: unknown;
}

/** Rows to select: with `after` the oldest first, else the newest. */
interface Selection {
  select: string;
  where: Conditions;
  before?: number | undefined;
  after?: number | undefined;
}

/** Has one parameter: a list of ids in JSON. */
const listed = "(SELECT CAST(value AS BIGINT) FROM json_each(?))";

const textColumns = ["user_nickname", "user_unique_id", "event_data"]
  .map((column) => `${boundedText(`event.${column}`)} AS ${column}`).join(", ");

/** How many rows are read at a time, if many of them may not be meant. */
const fewestAtOnce = 100;
const mostAtOnce = 2_000;

export class StoredEvents {
  readonly #query: Query;
  readonly #streamer: string | null;

  /** `streamer`: only events of this streamer's room; null: of all. */
  constructor(query: Query, streamer: string | null) {
    this.#query = query;
    this.#streamer = streamer;
  }

  page({ before, after, since, limit, ...choice }: EventsOptions): LiveEvent[] {
    const where = this.#chosen(choice);
    if (since !== undefined) where.add("event.created_at >= ?", since);
    const selecting = { select: `SELECT ${eventColumns} FROM ${eventSource}`, where, before, after };
    const texts = this.#unsaid(choice);
    if (texts.length === 0) return this.#rows<EventRow>({ ...selecting, limit }).map(eventFromRow);
    const events: LiveEvent[] = [];
    for (const row of this.#holding<EventRow>({ ...selecting, texts, expected: limit })) {
      if (events.length === limit) break;
      events.push(eventFromRow(row));
    }
    return events;
  }

  /** How many there are with ids above `after` and up to `upTo`. Reads all of them. */
  count({ after, upTo, ...choice }: EventChoice & { after: number; upTo: number }): EventCount {
    const chosen = this.#chosen(choice);
    const before = Math.min(upTo, highestId) + 1;
    const texts = this.#unsaid(choice);
    if (texts.length > 0) {
      const counted: EventCount = { count: 0, lastId: 0 };
      const select = `SELECT event.id, ${textColumns} FROM live_event AS event`;
      for (const { id } of this.#holding({ select, where: chosen, before, after, texts })) {
        counted.count += 1;
        counted.lastId = id;
      }
      return counted;
    }
    const where = chosen.add("event.id > ? AND event.id < ?", after, before);
    const row = this.#query.first<EventCount>(
      `SELECT count(*) AS count, coalesce(max(event.id), 0) AS "lastId" FROM live_event AS event ${where.sql}`,
      ...where.values,
    );
    return row ?? { count: 0, lastId: 0 };
  }

  #rows<Row>({ select, where, before, after, limit }: Selection & { limit: number }): Row[] {
    const chosen = where.copy().page("event.id", { before });
    if (after !== undefined) chosen.add("event.id > ?", after);
    return this.#query.all<Row>(
      `${select} ${chosen.sql} ORDER BY event.id ${after === undefined ? "DESC" : "ASC"} LIMIT ?`,
      ...chosen.values,
      limit,
    );
  }

  /** The texts that the conditions do not tell for sure. */
  #unsaid({ text = "", wanted = "" }: EventChoice): string[] {
    if (this.#query.dialect.sieve === null) return [];
    // A lone surrogate is stored as U+FFFD.
    return [text, wanted].map((each) => simplified(each).toWellFormed()).filter((each) => each !== "");
  }

  /** The rows that hold all texts, read page by page. `expected`: how many rows the caller will use. */
  *#holding<Row extends EventTexts & { id: number }>(
    { texts, expected = mostAtOnce, ...selection }: Selection & { texts: string[]; expected?: number },
  ): Generator<Row> {
    const bounds = { before: selection.before, after: selection.after };
    for (let limit = Math.max(expected, fewestAtOnce);; limit *= 2) {
      limit = Math.min(limit, mostAtOnce);
      const rows = this.#rows<Row>({ ...selection, ...bounds, limit });
      for (const row of rows) if (texts.every((text) => eventHolds(row, text))) yield row;
      if (rows.length < limit) return;
      const { id } = rows.at(-1) as Row;
      if (bounds.after === undefined) bounds.before = id;
      else bounds.after = id;
    }
  }

  #chosen(
    { sessionId, liveIds, source, type, types, text, wanted, streakId, isStreakOnce }: EventChoice,
  ): Conditions {
    const where = new Conditions();
    const of = sessionsOf({ sessionId, liveIds, source, streamer: this.#streamer });
    if (of !== null) this.#addSessions(where, of);
    if (type !== undefined) where.add(...isOfType(type));
    if (types) {
      where.add(
        `event.event_type ${types.isAllBut ? "NOT " : ""}IN (SELECT CAST(value AS TEXT) FROM json_each(?))`,
        JSON.stringify(types.types),
      );
    }
    if (streakId !== undefined) where.add("event.streak_id = ?", streakId);
    // What a streak's first event adds is all that the streak has.
    if (isStreakOnce) where.add("event.streak_count IS NOT DISTINCT FROM event.streak_delta");
    const { dialect } = this.#query;
    if (wanted !== undefined) addTextSearch(where, simplified(wanted), dialect);
    if (text !== undefined) addTextSearch(where, simplified(text), dialect);
    return where;
  }

  /** Only events of the sessions that are meant, within the range of their ids. */
  #addSessions(where: Conditions, of: Conditions): void {
    const sessions = this.#query.all<SessionSpan>(
      `SELECT id, events_from, events_to FROM live_session ${of.sql}`,
      ...of.values,
    );
    const ids = sessions.map(({ id }) => id);
    const from = Math.min(...sessions.map(({ events_from }) => optionalNumberIn(events_from) ?? 1));
    const to = Math.max(...sessions.map(({ events_to }) => optionalNumberIn(events_to) ?? highestId));
    if (ids.length === 1) where.add("event.session_id = ?", ids[0] as number);
    else where.add(`event.session_id IN ${listed}`, JSON.stringify(ids));
    where.add("event.id BETWEEN ? AND ?", ...(ids.length === 0 ? [1, 0] : [from, to]));
  }
}

/** The sessions that are meant; null: all. */
function sessionsOf(
  { sessionId, liveIds, source, streamer }: EventChoice & { streamer: string | null },
): Conditions | null {
  const isAll = sessionId === undefined && liveIds === undefined && source === undefined;
  if (isAll && streamer === null) return null;
  const where = new Conditions().page("id", {}).ofStreamer(streamer);
  if (sessionId !== undefined) where.add("id = ?", sessionId);
  if (liveIds !== undefined) {
    where.add(`live_id IN ${listed}`, JSON.stringify(liveIds));
  }
  if (source !== undefined) where.add("source = ?", source);
  return where;
}
