/** Sums up a session in SQL. Reads each of its events a few times, and nothing of other sessions. */
import { paymentEventTypes } from "../event.ts";
import { type LiveTotals, noTotals } from "../live.ts";
import type {
  CutList,
  GiftKind,
  Giver,
  PaymentSum,
  ReportedViewer,
  ReportMinute,
  ServiceWork,
  SessionReport,
} from "../session_report.ts";
import {
  boundedText,
  countsIn,
  highestId,
  momentIn,
  optionalMomentIn,
  optionalTextIn,
  textIn,
} from "./columns.ts";
import type { Dialect } from "./dialect.ts";
import type { Query } from "./query.ts";

/** How many gifts, givers and followers a report names. */
const namedAtMost = 100;
const minuteMs = 60_000;

/** A session's events: its id, and the range of ids in which they are. */
export type Span = [sessionId: number, from: number, to: number];

interface SessionRow {
  id: number;
  username: string;
  name: string | null;
  source: string;
  status: string;
  started_at: number;
  ended_at: number | null;
  end_reason: string | null;
  shed: string | null;
  events_from: number | null;
  events_to: number | null;
}

/** What happened of one type in one minute. */
interface MinuteRow {
  minute: number;
  type: string;
  events: number;
  added: number;
  diamonds: number;
  viewers: number | null;
  viewer_sum: number;
  last_at: number;
}

/** Has three parameters, a `Span`. */
export const ofSession = "session_id = ? AND id BETWEEN ? AND ?";
/** What counts in its totals. */
export const countedOf = "is_test = 0 AND is_foreign = 0 AND depth = 0";
const counted = `${ofSession} AND ${countedOf}`;

/** Gifts that the streamer got. */
export function isGift({ field }: Dialect): string {
  return `event_type = 'GiftEvent' AND ${field("receiver")} IS NULL`;
}

export function diamondsOf({ countField }: Dialect): string {
  return `streak_delta * ${countField("gift.diamondCount")}`;
}

/**
 * Reads a session; null if there is none of this number. Read it in one snapshot, so that the numbers fit one another
 * even while events come.
 */
export function readReport(query: Query, sessionId: number): SessionReport | null {
  const row = query.first<SessionRow>("SELECT * FROM live_session WHERE id = ?", sessionId);
  return row === null ? null : reportOf(query, row);
}

/** The number of the newest session; null if there is none. */
export function lastSessionId(query: Query): number | null {
  const row = query.first<{ id: number }>(
    "SELECT id FROM live_session WHERE id <= ? ORDER BY id DESC LIMIT 1",
    highestId,
  );
  return row?.id ?? null;
}

/** Nothing for a session that does not exist. */
export function spanOf(query: Query, id: number): Span {
  const row = query.first<Pick<SessionRow, "events_from" | "events_to">>(
    "SELECT events_from, events_to FROM live_session WHERE id = ?",
    id,
  );
  return row === null ? [id, 1, 0] : [id, row.events_from ?? 1, row.events_to ?? highestId];
}

function reportOf(query: Query, row: SessionRow): SessionReport {
  const span: Span = [row.id, row.events_from ?? 1, row.events_to ?? highestId];
  const startedAt = momentIn(row.started_at);
  const rows = minuteRows(query, span, startedAt);
  const minutes = minutesOf(rows, startedAt);
  const endedAt = optionalMomentIn(row.ended_at);
  const lastAt = rows.reduce((latest, { last_at }) => Math.max(latest, momentIn(last_at)), startedAt);
  const before = rows.filter(({ minute }) => minute < 0);
  return {
    session: {
      id: row.id,
      username: textIn(row.username),
      name: optionalTextIn(row.name),
      source: textIn(row.source),
      isActive: row.status === "active",
      startedAt,
      endedAt,
      endReason: optionalTextIn(row.end_reason),
    },
    lengthMs: Math.max(0, (endedAt ?? lastAt) - startedAt),
    events: sumOf(rows, "events"),
    totals: totalsOf(rows),
    viewers: viewersOf(rows, minutes),
    minutes,
    before: { events: sumOf(before, "events"), diamonds: sumOf(before, "diamonds") },
    busiestMinute: highestOf(minutes, "events"),
    richestMinute: highestOf(minutes, "diamonds"),
    gifts: giftsOf(query, span),
    givers: giversOf(query, span),
    followers: followersOf(query, span),
    payments: paymentsOf(query, span),
    services: servicesOf(query, span),
    shed: countsIn(row.shed) ?? {},
  };
}

/**
 * By minute of the session and type. Minute -1 is everything before the session. An event of the room's history
 * happened when TikTok says so, each other event when it was received.
 */
function minuteRows(query: Query, span: Span, startedAt: number): MinuteRow[] {
  const { integerField, countField } = query.dialect;
  const gift = isGift(query.dialect);
  return query.all<MinuteRow>(
    `SELECT CASE WHEN at < started_at THEN -1 ELSE (at - started_at) / ${minuteMs} END AS minute, event_type AS type,
        count(*) AS events, total(added) AS added, total(diamonds) AS diamonds, max(viewers) AS viewers,
        total(viewers) AS viewer_sum, max(at) AS last_at
      FROM (
        SELECT event_type, CASE is_history WHEN 1 THEN created_at ELSE received_at END AS at,
          CASE WHEN event_type = 'SubscribeEvent' THEN coalesce(${integerField("count")}, 1)
            WHEN event_type = 'GiftEvent' AND NOT (${gift}) THEN 0
            ELSE coalesce(streak_delta, 1) END AS added,
          CASE WHEN ${gift} THEN ${diamondsOf(query.dialect)} ELSE 0 END AS diamonds,
          CASE WHEN event_type = 'ViewerCountEvent' THEN ${countField("viewerCount")} END AS viewers
        FROM live_event WHERE ${counted}
      ) AS happened, (SELECT CAST(? AS BIGINT) AS started_at) AS session GROUP BY 1, 2 ORDER BY 1`,
    ...span,
    startedAt,
  );
}

function minutesOf(rows: readonly MinuteRow[], startedAt: number): ReportMinute[] {
  const minutes = new Map<number, ReportMinute>();
  for (const { minute, events, diamonds, viewers } of rows) {
    if (minute < 0) continue;
    const known = minutes.get(minute);
    const at = startedAt + minute * minuteMs;
    if (known === undefined) {
      minutes.set(minute, { minute, at, events, diamonds, viewers });
    } else {
      known.events += events;
      known.diamonds += diamonds;
      known.viewers = viewers ?? known.viewers;
    }
  }
  return [...minutes.values()];
}

const totalOfType: Record<string, keyof LiveTotals> = {
  GiftEvent: "gifts",
  LikeEvent: "likes",
  CommentEvent: "comments",
  FollowEvent: "follows",
  ShareEvent: "shares",
  SubscribeEvent: "subscribes",
  JoinEvent: "joins",
};

function totalsOf(rows: readonly MinuteRow[]): LiveTotals {
  const totals = noTotals();
  for (const { type, added, diamonds } of rows) {
    const name = totalOfType[type];
    if (name !== undefined) totals[name] += added;
    totals.diamonds += diamonds;
  }
  return totals;
}

function viewersOf(rows: readonly MinuteRow[], minutes: readonly ReportMinute[]): SessionReport["viewers"] {
  const counts = rows.filter(({ type, minute }) => type === "ViewerCountEvent" && minute >= 0);
  const highest = highestOf(minutes, "viewers");
  if (highest === null || highest.viewers === null) return null;
  const average = sumOf(counts, "viewer_sum") / sumOf(counts, "events");
  return { highest: highest.viewers, highestAt: highest.at, average };
}

/** null if all are 0. */
function highestOf(
  minutes: readonly ReportMinute[],
  what: "events" | "diamonds" | "viewers",
): ReportMinute | null {
  const better = (best: ReportMinute | null, minute: ReportMinute) =>
    (minute[what] ?? 0) > (best?.[what] ?? 0) ? minute : best;
  return minutes.reduce<ReportMinute | null>(better, null);
}

function sumOf(rows: readonly MinuteRow[], what: "events" | "diamonds" | "viewer_sum"): number {
  return rows.reduce((sum, row) => sum + row[what], 0);
}

/** By each gift's id; its name is that of its last event. */
function giftsOf(query: Query, span: Span): CutList<GiftKind> {
  const { dialect } = query;
  const { textField, countField } = dialect;
  const rows = query.all<{ id: number; name: unknown; count: number; diamonds: number; kinds: number }>(
    `SELECT gift_id AS id, ${textField("gift.name")} AS name, counted.count, diamonds, kinds FROM (
        SELECT gift_id, total(streak_delta) AS count, total(diamonds) AS diamonds, max(event_id) AS last_id,
          count(*) OVER () AS kinds
        FROM (SELECT id AS event_id, ${countField("gift.id")} AS gift_id, streak_delta,
            ${diamondsOf(dialect)} AS diamonds
          FROM live_event WHERE ${counted} AND ${isGift(dialect)}) AS gift
        GROUP BY gift_id HAVING total(streak_delta) > 0
        ORDER BY diamonds DESC, count DESC, gift_id LIMIT ${namedAtMost}
      ) AS counted JOIN live_event ON live_event.id = last_id
      ORDER BY diamonds DESC, counted.count DESC, gift_id`,
    ...span,
  );
  const first = rows.map(({ id, name, count, diamonds }) => ({ id, name: textIn(name), count, diamonds }));
  return { count: rows[0]?.kinds ?? 0, first };
}

const namesOf = `${boundedText("user_nickname")} AS nickname, ${boundedText("user_unique_id")} AS unique_id`;

interface ViewerRow {
  user_id: unknown;
  nickname: unknown;
  unique_id: unknown;
}

function viewerOf({ user_id, nickname, unique_id }: ViewerRow): ReportedViewer {
  return { id: textIn(user_id), name: textIn(nickname) || textIn(unique_id) };
}

/** With the name that each had last, as in `followersOf`. */
function giversOf(query: Query, span: Span): CutList<Giver> {
  const { dialect } = query;
  const rows = query.all<ViewerRow & { gifts: number; diamonds: number; givers: number }>(
    `SELECT counted.user_id, ${namesOf}, gifts, diamonds, givers FROM (
        SELECT user_id, max(id) AS last_id, total(streak_delta) AS gifts, total(${
      diamondsOf(dialect)
    }) AS diamonds,
          count(*) OVER () AS givers
        FROM live_event WHERE ${counted} AND ${isGift(dialect)} AND user_id IS NOT NULL
        GROUP BY user_id HAVING total(streak_delta) > 0
        ORDER BY diamonds DESC, gifts DESC, user_id LIMIT ${namedAtMost}
      ) AS counted JOIN live_event ON live_event.id = last_id
      ORDER BY diamonds DESC, gifts DESC, counted.user_id`,
    ...span,
  );
  const first = rows.map((row) => ({ ...viewerOf(row), gifts: row.gifts, diamonds: row.diamonds }));
  return { count: rows[0]?.givers ?? 0, first };
}

function followersOf(query: Query, span: Span): CutList<ReportedViewer> {
  const rows = query.all<ViewerRow & { followers: number }>(
    `SELECT user_id, ${namesOf}, followers FROM (
        SELECT max(id) AS last_id, count(*) OVER () AS followers FROM live_event
          WHERE ${counted} AND event_type = 'FollowEvent'
          GROUP BY user_id, CASE WHEN user_id IS NULL THEN id END ORDER BY last_id LIMIT ${namedAtMost}
      ) AS counted JOIN live_event ON live_event.id = last_id ORDER BY last_id`,
    ...span,
  );
  return { count: rows[0]?.followers ?? 0, first: rows.map(viewerOf) };
}

function paymentsOf(query: Query, span: Span): PaymentSum[] {
  const { textField, countField } = query.dialect;
  const types = paymentEventTypes.map((type) => `'${type}'`).join(", ");
  const rows = query.all<Omit<PaymentSum, "currency"> & { currency: unknown }>(
    `SELECT event_type AS type, ${textField("currency")} AS currency, count(*) AS count,
        total(${countField("amount")}) AS amount
      FROM live_event WHERE ${counted} AND event_type IN (${types})
      GROUP BY 1, 2 ORDER BY 1, amount DESC LIMIT ${namedAtMost}`,
    ...span,
  );
  return rows.map(({ currency, ...sum }) => ({ ...sum, currency: textIn(currency) }));
}

export function servicesOf(query: Query, [sessionId, from, to]: Span): ServiceWork[] {
  const rows = query.all<{ slug: unknown; status: string; reason: string | null; count: number }>(
    `SELECT service.slug, status, reason, count FROM (
        SELECT item.service_id, item.status, item.discard_reason AS reason, count(*) AS count
        FROM event_queue AS item
        JOIN live_event AS event ON event.id = item.live_event_id AND event.session_id = ?
        WHERE item.live_event_id BETWEEN ? AND ? GROUP BY 1, 2, 3
      ) AS counted JOIN service ON service.id = service_id ORDER BY slug`,
    sessionId,
    from,
    to,
  );
  const services = new Map<string, ServiceWork>();
  for (const { slug: stored, status, reason, count } of rows) {
    const slug = textIn(stored);
    const work = services.get(slug) ?? { slug, completed: 0, failed: 0, open: 0, discarded: {} };
    services.set(slug, work);
    if (status === "completed" || status === "failed") work[status] += count;
    else if (status === "discarded") work.discarded[reason ?? "unknown"] = count;
    else work.open += count;
  }
  return [...services.values()];
}
