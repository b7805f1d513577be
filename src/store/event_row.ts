/** `live_event` rows ↔ events: the only place that maps columns to fields. */
import { type LiveEvent, type Streak, type User, userRoles } from "../event.ts";
import { isDataOf } from "../event_shape.ts";
import {
  boundedText,
  jsonIn,
  momentIn,
  numberIn,
  optionalNumberIn,
  optionalTextIn,
  textIn,
} from "./columns.ts";
import type { SqlValue } from "./query.ts";

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

/** A row joined with its session. */
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
export const eventColumns = `${columns.map(selected).join(", ")}, session.live_id, session.source`;

/** Columns with text from outside are bounded: corrupted ones may be of any size. */
function selected(column: typeof columns[number]): string {
  const isBounded = column.startsWith("user_") || column === "event_data" || column === "message_id";
  return isBounded ? `${boundedText(`event.${column}`)} AS ${column}` : `event.${column}`;
}

/** CROSS JOIN makes SQLite walk the events in their order. */
export const eventSource = `live_event AS event
  CROSS JOIN live_session AS session ON session.id = event.session_id`;

/** The type of the events that have an index of their own. */
export const indexedType = "DetectionEvent";

/** A condition for `eventSource`, with its parameters. The index is partial, so SQLite uses it only for a literal. */
export function isOfType(type: string): [condition: string, ...values: string[]] {
  return type === indexedType ? [`event.event_type = '${indexedType}'`] : ["event.event_type = ?", type];
}

/** The columns that each statement writes. The last ones have defaults that fit most events. */
export const eventInsertColumns = {
  insertEvent: columns.slice(0, columns.indexOf("streak_id")),
  insertStreakEvent: columns.slice(0, columns.indexOf("is_test")),
  insertWholeEvent: columns,
} as const;

/** The shortest statement that can write the event, and its values. Empty texts of a user become NULL. */
export function boundEvent(event: LiveEvent): [name: keyof typeof eventInsertColumns, values: SqlValue[]] {
  const { user, streak } = event;
  const isNobody = user.id === "" && user.roles.length === 0;
  const values: SqlValue[] = [
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

/** Never throws: unreadable fields become empty, and a row without readable content becomes an unknown event. */
export function eventFromRow(row: EventRow): LiveEvent {
  const user: User = {
    id: textIn(row.user_id),
    uniqueId: textIn(row.user_unique_id),
    nickname: textIn(row.user_nickname),
    avatarUrl: textIn(row.user_avatar_url),
    roles: rolesIn(row.user_roles),
  };
  // Type, data and streak fit together, because one event was written with them.
  return {
    id: row.id,
    sessionId: numberIn(row.session_id),
    liveId: numberIn(row.live_id),
    source: textIn(row.source),
    roomId: textIn(row.room_id),
    messageId: optionalTextIn(row.message_id),
    isHistory: row.is_history === 1,
    isTest: row.is_test === 1,
    isForeign: row.is_foreign === 1,
    causedBy: optionalNumberIn(row.caused_by),
    depth: numberIn(row.depth),
    createdAt: momentIn(row.created_at),
    receivedAt: momentIn(row.received_at),
    user,
    isFirstOfUser: row.is_first_of_user === 1,
    streak: streakFromRow(row),
    ...(contentOf(row) ?? unreadable(row)),
  } as LiveEvent;
}

/** Whether the event's content can be read: its type, data of that type, and its streak if the type has one. */
export function isReadable(row: EventRow): boolean {
  return contentOf(row) !== null;
}

/** Fields that an older Livecue did not write yet, with their defaults. */
const addedSince: Record<string, Record<string, unknown>> = {
  GiftEvent: { receiver: null },
  CommentEvent: { emotes: [] },
  SubscribeEvent: { count: 1, isSuperFan: false },
};

function contentOf(row: EventRow): { type: string; data: unknown } | null {
  const { event_type: type } = row;
  const read = jsonIn(row.event_data);
  if (typeof type !== "string" || typeof read !== "object" || read === null || Array.isArray(read)) {
    return null;
  }
  if ((type === "GiftEvent" || type === "LikeEvent") && streakFromRow(row) === null) return null;
  const data = { ...addedSince[type], ...read };
  return isDataOf(type, data) ? { type, data } : null;
}

/** A row corrupted by a person or a failing disk becomes an unknown event, which stops nothing. */
function unreadable({ event_type: type }: EventRow): { type: string; data: unknown } {
  return { type: "UnknownEvent", data: { method: `${textIn(type)} (its row cannot be read)`.trimStart() } };
}

function rolesIn(json: unknown): User["roles"] {
  const roles = jsonIn(json);
  return Array.isArray(roles) ? roles.filter((role) => (userRoles as readonly unknown[]).includes(role)) : [];
}

/** The streak in a row; null if the event belongs to none. */
export function streakFromRow(
  row: Pick<EventRow, "streak_id" | "streak_count" | "streak_delta" | "streak_ended">,
): Streak | null {
  if (typeof row.streak_id !== "string") return null;
  return {
    id: row.streak_id,
    count: numberIn(row.streak_count),
    delta: Math.max(0, numberIn(row.streak_delta)),
    hasEnded: row.streak_ended === 1,
  };
}
