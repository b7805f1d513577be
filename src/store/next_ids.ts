/**
 * The ids that Livecue assigns never come back, even when the rows with the highest ids were deleted: a value in
 * `config` keeps the highest id that each table has had.
 */
import type { IdName, NextIds } from "../ids.ts";
import { countsIn } from "./columns.ts";
import type { Statement } from "./database.ts";
import { highestIn, type Query } from "./query.ts";

const key = "highest_ids";
const tables = { live: "live", session: "live_session", event: "live_event", item: "event_queue" } as const;
const names = Object.keys(tables) as IdName[];

export function nextIdsIn(query: Pick<Query, "first">): NextIds {
  const kept = query.first<{ meta_value: string }>("SELECT meta_value FROM config WHERE meta_key = ?", key);
  const highest = countsIn(kept?.meta_value) ?? {};
  const next = (name: IdName) => Math.max(highestIn(query, tables[name]), highest[name] ?? 0) + 1;
  return { live: next("live"), session: next("session"), event: next("event"), item: next("item") };
}

/** Keeps the ids as used. Write it in the transaction that deletes rows, before they are deleted. */
export function keepingIds(next: NextIds): Statement {
  const highest = Object.fromEntries(names.map((name) => [name, next[name] - 1]));
  return {
    sql: `INSERT INTO config (meta_key, meta_value) VALUES (?, ?)
      ON CONFLICT (meta_key) DO UPDATE SET meta_value = excluded.meta_value`,
    values: [key, JSON.stringify(highest)],
  };
}
