/**
 * What each column of each table holds as long as nobody has spoilt it, as conditions in SQL. `check` finds broken rows
 * by them, and `repair` copies the others.
 */

import { highestId, latestMoment, longestTextBytes } from "./columns.ts";

/** What must be in a column. `%` stands for the column. */
export interface Rule {
  /** Ends "… is no …". */
  what: string;
  /** Conditions, each of which is asked only where those before it hold. */
  valid: readonly string[];
  isOptional: boolean;
  /** SQL for what is put in its place; null: nothing can be, the row is lost without it. */
  instead: string | null;
}

export interface TableRules {
  /** The columns that name a row. */
  key: readonly string[];
  columns: Readonly<Record<string, Rule>>;
  /** Column → the table whose `id` it means. */
  refers: Readonly<Record<string, TableName>>;
}

/** The highest number that is exact in JavaScript. */
const highestNumber = Number.MAX_SAFE_INTEGER;

function rule(what: string, valid: readonly string[], instead: string | null): Rule {
  return { what, valid, isOptional: false, instead };
}

function optional(of: Rule): Rule {
  return { ...of, isOptional: true, instead: "NULL" };
}

function integer(what: string, from: number, to: number, instead: string | null): Rule {
  return rule(what, ["typeof(%) = 'integer'", `% BETWEEN ${from} AND ${to}`], instead);
}

function oneOf(values: readonly string[], instead: string | null): Rule {
  const list = values.map((value) => `'${value}'`).join(", ");
  return rule("word that Livecue knows there", ["typeof(%) = 'text'", `% IN (${list})`], instead);
}

const isText = ["typeof(%) = 'text'", `octet_length(%) <= ${longestTextBytes}`];
const isJson = [...isText, "json_valid(%)"];
const id = integer("number of a row", 1, highestId, null);
const text = rule("text, or too long", isText, "''");
const name = rule("text, or too long", isText, null);
const moment = integer("moment", 0, latestMoment, "0");
const count = integer("count", 0, highestNumber, "0");
const flag = integer("0 or 1", 0, 1, "0");
const priority = integer("priority from 1 to 10", 1, 10, "5");
const json = rule("JSON, or too long", isJson, null);

/** Stands for an event's data that cannot be read: it is an UnknownEvent's. */
export const unreadableData = '{"method":"a row that could not be read"}';

function object(instead: string | null): Rule {
  return rule("JSON object, or too long", [...isJson, "json_type(%) = 'object'"], instead);
}

const tables = {
  live: {
    key: ["id"],
    columns: {
      id,
      source_type: text,
      room_id: text,
      username: text,
      title: text,
      started_at: moment,
      totals: optional(object("NULL")),
      totals_up_to: count,
    },
    refers: {},
  },
  live_session: {
    key: ["id"],
    columns: {
      id,
      username: text,
      name: optional(text),
      room_id: text,
      source: text,
      status: oneOf(["active", "completed", "aborted"], "'active'"),
      started_at: moment,
      ended_at: optional(moment),
      end_reason: optional(text),
      shed: optional(object("NULL")),
      live_id: id,
      streaks_from: optional(count),
      events_from: optional(count),
      events_to: optional(count),
    },
    refers: { live_id: "live" },
  },
  service: {
    key: ["id"],
    columns: { id, slug: name, name: text, service_class: text, max_queue_size: count, is_active: flag },
    refers: {},
  },
  service_event_config: {
    key: ["id"],
    columns: {
      id,
      service_id: id,
      event_type: name,
      is_enabled: flag,
      priority,
      is_async: flag,
      is_discardable: flag,
      streaks: oneOf(["each", "final"], "'each'"),
    },
    refers: { service_id: "service" },
  },
  live_event: {
    key: ["id"],
    columns: {
      id,
      session_id: id,
      room_id: text,
      event_type: rule("text, or too long", isText, "'UnknownEvent'"),
      message_id: optional(text),
      is_history: flag,
      created_at: moment,
      received_at: moment,
      user_id: optional(text),
      user_unique_id: optional(text),
      user_nickname: optional(text),
      user_avatar_url: optional(text),
      user_roles: optional(json),
      is_first_of_user: flag,
      event_data: object(`'${unreadableData}'`),
      streak_id: optional(text),
      streak_count: optional(count),
      streak_delta: optional(count),
      streak_ended: optional(flag),
      is_test: flag,
      is_foreign: flag,
      caused_by: optional(id),
      depth: count,
    },
    refers: { session_id: "live_session", caused_by: "live_event" },
  },
  event_queue: {
    key: ["id"],
    columns: {
      id,
      service_id: id,
      live_event_id: id,
      priority,
      is_async: flag,
      is_discardable: flag,
      status: oneOf(["pending", "processing", "completed", "failed", "discarded"], "'failed'"),
      attempts: count,
      failures: count,
      crashes: count,
      created_at: moment,
      not_before: optional(moment),
      started_at: optional(moment),
      finished_at: optional(moment),
      error: optional(text),
      discard_reason: optional(oneOf(["evicted", "queue_full", "emptied", "stale"], "NULL")),
      count,
    },
    refers: { service_id: "service", live_event_id: "live_event" },
  },
  service_state: {
    key: ["service_id", "session_id", "live_id", "key"],
    columns: { service_id: id, session_id: optional(id), key: name, value: json, live_id: optional(id) },
    refers: { service_id: "service", session_id: "live_session", live_id: "live" },
  },
  live_giver: {
    key: ["live_id", "user_id"],
    columns: { live_id: id, user_id: name, unique_id: text, nickname: text, diamonds: count, gifts: count },
    refers: { live_id: "live" },
  },
  known_id: { key: ["owner", "id"], columns: { owner: name, id: name, at: moment }, refers: {} },
  config: { key: ["meta_key"], columns: { meta_key: name, meta_value: name }, refers: {} },
} as const satisfies Record<string, Omit<TableRules, "refers"> & { refers: Record<string, string> }>;

export type TableName = keyof typeof tables;

/** In an order in which what refers to a table comes behind it. */
export const tableNames = Object.keys(tables) as TableName[];

export function rulesOf(table: TableName): TableRules {
  return tables[table];
}

/** A condition that holds where the column of this name is not as it must be. It is never NULL. */
export function brokenIf(column: string, { valid, isOptional }: Rule): string {
  // CASE, because AND promises no order, and a function of JSON throws at what is none.
  const holds = valid.reduceRight((rest, condition) => `CASE WHEN ${condition} THEN ${rest} ELSE 0 END`, "1")
    .replaceAll("%", column);
  return isOptional ? `(${column} IS NOT NULL AND NOT (${holds}))` : `NOT (${holds})`;
}
