/** `live_event` rows ↔ events: the one place that knows which column holds what. */
import type { SQLInputValue } from "node:sqlite";
import type { LiveEvent, Streak, User } from "../event.ts";

/** A row of `live_event`. */
interface OwnEventRow {
  id: number;
  session_id: number;
  room_id: string;
  event_type: string;
  message_id: string | null;
  is_history: number;
  created_at: number;
  received_at: number;
  user_id: string | null;
  user_unique_id: string | null;
  user_nickname: string | null;
  user_avatar_url: string | null;
  user_roles: string | null;
  is_first_of_user: number;
  event_data: string;
  streak_id: string | null;
  streak_count: number | null;
  streak_delta: number | null;
  streak_ended: number | null;
  is_test: number;
  is_foreign: number;
  caused_by: number | null;
  depth: number;
}

/** A row with what its session says of it. */
export interface EventRow extends OwnEventRow {
  live_id: number;
  source: string;
}

const columns = [
  "id",
  "session_id",
  "room_id",
  "event_type",
  "message_id",
  "is_history",
  "created_at",
  "received_at",
  "user_id",
  "user_unique_id",
  "user_nickname",
  "user_avatar_url",
  "user_roles",
  "is_first_of_user",
  "event_data",
  "streak_id",
  "streak_count",
  "streak_delta",
  "streak_ended",
  "is_test",
  "is_foreign",
  "caused_by",
  "depth",
] as const satisfies readonly (keyof OwnEventRow)[];

/** For a SELECT from `eventSource`. */
export const eventColumns = `${columns.map((column) => `event.${column}`).join(", ")}, ` +
  "session.live_id, session.source";

/** CROSS JOIN, so that SQLite walks the events in their order. */
export const eventSource = `live_event AS event
  CROSS JOIN live_session AS session ON session.id = event.session_id`;

/** The last columns have defaults, and few events have something else in them: what is left out is not bound. */
export const eventInserts = {
  insertEvent: insertInto(columns.slice(0, columns.indexOf("streak_id"))),
  insertStreakEvent: insertInto(columns.slice(0, columns.indexOf("is_test"))),
  insertWholeEvent: insertInto(columns),
} as const;

/** An INSERT of one row or more. */
export interface Insert {
  into: string;
  /** One row's values. */
  row: string;
}

function insertInto(names: readonly string[]): Insert {
  return {
    into: `INSERT INTO live_event (${names.join(", ")}) VALUES`,
    row: `(${names.map(() => "?").join(", ")})`,
  };
}

/** How an event is written: the shortest statement that holds it, and its values. What is "" of a user is NULL. */
export function boundEvent(event: LiveEvent): [name: keyof typeof eventInserts, values: SQLInputValue[]] {
  const { user, streak } = event;
  const isNobody = user.id === "" && user.roles.length === 0;
  const values: SQLInputValue[] = [
    event.id,
    event.sessionId,
    event.roomId,
    event.type,
    event.messageId,
    event.isHistory ? 1 : 0,
    event.createdAt,
    event.receivedAt,
    user.id || null,
    user.uniqueId || null,
    user.nickname || null,
    user.avatarUrl || null,
    isNobody ? null : JSON.stringify(user.roles),
    event.isFirstOfUser ? 1 : 0,
    JSON.stringify(event.data),
  ];
  const isPlain = !event.isTest && !event.isForeign && event.causedBy === null && event.depth === 0;
  if (isPlain && streak === null) return ["insertEvent", values];
  if (streak === null) values.push(null, null, null, null);
  else values.push(streak.id, streak.count, streak.delta, streak.hasEnded ? 1 : 0);
  if (isPlain) return ["insertStreakEvent", values];
  values.push(event.isTest ? 1 : 0, event.isForeign ? 1 : 0, event.causedBy, event.depth);
  return ["insertWholeEvent", values];
}

export function eventFromRow(row: EventRow): LiveEvent {
  const user: User = {
    id: row.user_id ?? "",
    uniqueId: row.user_unique_id ?? "",
    nickname: row.user_nickname ?? "",
    avatarUrl: row.user_avatar_url ?? "",
    roles: rolesIn(row.user_roles),
  };
  // Type, data and streak were those of one event when they were written.
  return {
    id: row.id,
    sessionId: row.session_id,
    liveId: row.live_id,
    source: row.source,
    roomId: row.room_id,
    messageId: row.message_id,
    isHistory: row.is_history === 1,
    isTest: row.is_test === 1,
    isForeign: row.is_foreign === 1,
    causedBy: row.caused_by,
    depth: row.depth,
    createdAt: row.created_at,
    receivedAt: row.received_at,
    user,
    isFirstOfUser: row.is_first_of_user === 1,
    streak: streakFromRow(row),
    ...contentOf(row),
  } as LiveEvent;
}

/** What an older Livecue did not write yet. */
const addedSince: Record<string, Record<string, unknown>> = {
  GiftEvent: { receiver: null },
  CommentEvent: { emotes: [] },
  SubscribeEvent: { count: 1, isSuperFan: false },
};

/** Type and data of a row. One that a person or a broken disk has spoilt is an unknown event, and stops nobody. */
function contentOf({ event_type: type, event_data, streak_id }: EventRow): { type: string; data: unknown } {
  const data = parsed(event_data);
  const lacksStreak = streak_id === null && (type === "GiftEvent" || type === "LikeEvent");
  if (typeof data !== "object" || data === null || lacksStreak) {
    return { type: "UnknownEvent", data: { method: `${type} (its row cannot be read)` } };
  }
  const added = addedSince[type];
  return { type, data: added === undefined ? data : { ...added, ...data } };
}

function rolesIn(json: string | null): User["roles"] {
  const roles = json === null ? [] : parsed(json);
  return Array.isArray(roles) ? roles : [];
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

/** The streak's part of a row; null where the event is of none. */
export function streakFromRow(
  row: Pick<EventRow, "streak_id" | "streak_count" | "streak_delta" | "streak_ended">,
): Streak | null {
  if (row.streak_id === null) return null;
  return {
    id: row.streak_id,
    count: row.streak_count ?? 0,
    delta: row.streak_delta ?? 0,
    hasEnded: row.streak_ended === 1,
  };
}
