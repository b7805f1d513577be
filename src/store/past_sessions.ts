/** Reads sessions that are over: pages of them, and of one its numbers and its gifts. */
import { cleanLine, cleanName } from "../clean_text.ts";
import { giftsOf, type GiftVariant, type KnownGift } from "../gift.ts";
import type { ServiceWork } from "../session_report.ts";
import type { PastSession, SessionSums } from "../session_view.ts";
import { momentIn, numberIn, optionalMomentIn, optionalTextIn, textIn } from "./columns.ts";
import { Conditions, type Query } from "./query.ts";
import { countedOf, diamondsOf, isGift, ofSession, servicesOf, type Span, spanOf } from "./report.ts";

/** It takes some 30 ms to sum up so many events. */
const summedAtOnce = 50_000;

interface PastRow {
  id: number;
  username: unknown;
  name: unknown;
  source: unknown;
  started_at: unknown;
  ended_at: unknown;
}

export class PastSessions {
  readonly #query: Query;
  readonly #streamer: string | null;

  constructor(query: Query, streamer: string | null) {
    this.#query = query;
    this.#streamer = streamer;
  }

  /** The latest first. */
  page({ first, limit }: { first: number; limit: number }): { count: number; lines: PastSession[] } {
    const where = new Conditions().page("id", {}).add("status <> 'active'").ofStreamer(this.#streamer);
    const count = this.#query.first<{ count: number }>(
      `SELECT count(*) AS count FROM live_session ${where.sql}`,
      ...where.values,
    );
    const rows = this.#query.all<PastRow>(
      `SELECT id, username, name, source, started_at, ended_at FROM live_session ${where.sql}
        ORDER BY id DESC LIMIT ? OFFSET ?`,
      ...where.values,
      limit,
      first,
    );
    return { count: count?.count ?? 0, lines: rows.map(sessionFromRow) };
  }

  /** Of the first session, and of those after it until many events are read. */
  sums(ids: readonly number[]): (SessionSums & { id: number })[] {
    const found: (SessionSums & { id: number })[] = [];
    let left = summedAtOnce;
    for (const id of ids) {
      if (left <= 0) break;
      const sums = this.#sumsOf(id);
      left -= sums.events;
      found.push({ id, ...sums });
    }
    return found;
  }

  #sumsOf(id: number): SessionSums {
    const { dialect } = this.#query;
    const gift = `${countedOf} AND ${isGift(dialect)}`;
    const row = this.#query.first<
      { events: number; gifts: number; diamonds: number; viewers: number | null }
    >(
      `SELECT count(*) AS events,
          total(CASE WHEN ${gift} THEN streak_delta END) AS gifts,
          total(CASE WHEN ${gift} THEN ${diamondsOf(dialect)} END) AS diamonds,
          max(CASE WHEN ${countedOf} AND event_type = 'ViewerCountEvent' THEN ${
        dialect.countField("viewerCount")
      } END)
            AS viewers
        FROM live_event WHERE ${ofSession}`,
      ...this.#span(id),
    );
    return row ?? { events: 0, gifts: 0, diamonds: 0, viewers: null };
  }

  /** Reads its events once. */
  gifts(id: number): KnownGift[] {
    const { dialect } = this.#query;
    const { countField, textField } = dialect;
    const rows = this.#query.all<
      Record<"name" | "imageUrl", unknown> & Record<"id" | "price" | "count", number> & {
        firstAt: unknown;
        lastAt: unknown;
      }
    >(
      `SELECT id, name, price, max(image) AS "imageUrl", total(streak_delta) AS count, min(at) AS "firstAt",
          max(at) AS "lastAt"
        FROM (SELECT ${countField("gift.id")} AS id, ${textField("gift.name")} AS name,
            ${countField("gift.diamondCount")} AS price, ${textField("gift.imageUrl")} AS image, streak_delta,
            created_at AS at
          FROM live_event WHERE ${ofSession} AND ${countedOf} AND ${isGift(dialect)}) AS given
        GROUP BY id, name, price HAVING total(streak_delta) > 0 ORDER BY "lastAt" DESC, id`,
      ...this.#span(id),
    );
    return giftsOf(rows.map(({ id, name, price, imageUrl, count, firstAt, lastAt }): GiftVariant => ({
      id: numberIn(id),
      name: cleanName(textIn(name)),
      diamonds: numberIn(price),
      imageUrl: cleanLine(textIn(imageUrl)),
      count,
      firstAt: momentIn(firstAt),
      lastAt: momentIn(lastAt),
    })));
  }

  work(id: number): ServiceWork[] {
    return servicesOf(this.#query, this.#span(id));
  }

  #span(id: number): Span {
    return spanOf(this.#query, id);
  }
}

function sessionFromRow(row: PastRow): PastSession {
  return {
    id: row.id,
    username: textIn(row.username),
    name: optionalTextIn(row.name),
    source: textIn(row.source),
    startedAt: momentIn(row.started_at),
    endedAt: optionalMomentIn(row.ended_at),
  };
}
