/**
 * The valid values of each column, as SQL conditions. `check` uses them to find broken rows, and `repair` to replace
 * invalid values.
 */

import { highestId, latestMoment, longestTextBytes } from "./columns.ts";

/** The valid values of a column. `%` is replaced with the column. */
export interface Rule {
  /** Completes the sentence "… is not …". */
  what: string;
  /** Conditions; each one is evaluated only if those before it hold. */
  valid: readonly string[];
  isOptional: boolean;
  /** SQL for the value that replaces an invalid one; null if the row is lost without it. */
  instead: string | null;
}

export interface TableRules {
  /** The columns that name a row. */
  key: readonly string[];
  columns: Readonly<Record<string, Rule>>;
  /** Column → the table to whose `id` it refers. */
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
  return rule(`one of ${values.join(", ")}`, ["typeof(%) = 'text'", `% IN (${list})`], instead);
}

const isText = ["typeof(%) = 'text'", `octet_length(%) <= ${longestTextBytes}`];
const isJson = [...isText, "json_valid(%)"];
const id = integer("a row id", 1, highestId, null);
const text = rule("a text, or is too long", isText, "''");
const name = rule("a text, or is too long", isText, null);
const moment = integer("a time in Unix milliseconds", 0, latestMoment, "0");
const count = integer("a count", 0, highestNumber, "0");
const flag = integer("0 or 1", 0, 1, "0");
const priority = integer("a priority from 1 to 10", 1, 10, "5");
const json = rule("JSON, or is too long", isJson, null);

/** Replaces unreadable event data; it is the data of an UnknownEvent. */
export const unreadableData = '{"method":"a row that could not be read"}';

function object(instead: string | null): Rule {
  return rule("a JSON object, or is too long", [...isJson, "json_type(%) = 'object'"], instead);
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
      streamer: text,
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
      streamer: text,
    },
    refers: { live_id: "live" },
  },
  service: {
    key: ["id"],
    columns: {
      id,
      slug: name,
      name: text,
      service_class: text,
      max_queue_size: count,
      is_active: flag,
      streamer: text,
    },
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
      event_type: rule("a text, or is too long", isText, "'UnknownEvent'"),
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
  item_step: {
    key: ["item_id", "name"],
    columns: {
      item_id: id,
      name,
      seq: count,
      status: oneOf(["running", "waiting", "completed", "failed"], "'waiting'"),
      attempts: count,
      failures: count,
      result: optional(json),
      error: optional(text),
      started_at: moment,
      finished_at: optional(moment),
      not_before: optional(moment),
      progress: optional(json),
    },
    refers: { item_id: "event_queue" },
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
  gift: {
    key: ["gift_id", "name", "diamonds"],
    columns: {
      gift_id: integer("the id of a gift", 0, highestNumber, null),
      name,
      diamonds: integer("a price", 0, highestNumber, null),
      image_url: text,
      count,
      first_seen_at: moment,
      last_seen_at: moment,
    },
    refers: {},
  },
  viewer: {
    key: ["id"],
    columns: {
      id,
      platform: name,
      user_id: name,
      unique_id: text,
      nickname: text,
      first_seen: moment,
      last_seen: moment,
      lives: count,
      gifts: count,
      diamonds: count,
      comments: count,
    },
    refers: {},
  },
  viewer_live: {
    key: ["live_id", "viewer_id"],
    columns: {
      viewer_id: id,
      live_id: id,
      first_seen: moment,
      last_seen: moment,
      gifts: count,
      diamonds: count,
      comments: count,
    },
    refers: { viewer_id: "viewer", live_id: "live" },
  },
  viewer_name: {
    key: ["viewer_id", "unique_id", "nickname"],
    columns: { viewer_id: id, unique_id: text, nickname: text, first_seen: moment },
    refers: { viewer_id: "viewer" },
  },
  viewer_mark: {
    key: ["platform", "user_id"],
    columns: { platform: name, user_id: name, note: optional(text), is_blocked: flag },
    refers: {},
  },
  streamer: {
    key: ["name"],
    columns: {
      name,
      machine: optional(text),
      taken_at: optional(moment),
      added_at: optional(moment),
      removed_at: optional(moment),
    },
    refers: {},
  },
  known_id: { key: ["owner", "id"], columns: { owner: name, id: name, at: moment }, refers: {} },
  config: { key: ["meta_key"], columns: { meta_key: name, meta_value: name }, refers: {} },
} as const satisfies Record<string, Omit<TableRules, "refers"> & { refers: Record<string, string> }>;

export type TableName = keyof typeof tables;

/** Each table comes after the tables that it refers to. */
export const tableNames = Object.keys(tables) as TableName[];

export function rulesOf(table: TableName): TableRules {
  return tables[table];
}

/** An SQL condition that is true if the column's value is invalid, and never NULL. */
export function brokenIf(column: string, { valid, isOptional }: Rule): string {
  // CASE, because AND guarantees no order of evaluation, and JSON functions throw at invalid JSON.
  const holds = valid.reduceRight((rest, condition) => `CASE WHEN ${condition} THEN ${rest} ELSE 0 END`, "1")
    .replaceAll("%", column);
  return isOptional ? `(${column} IS NOT NULL AND NOT (${holds}))` : `NOT (${holds})`;
}
