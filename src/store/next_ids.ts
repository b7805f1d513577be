/**
 * The ids that Livecue assigns never come back, even when the rows with the highest ids were deleted: a value in
 * `config` keeps the highest id that each table has had.
 */
import type { DatabaseSync } from "node:sqlite";
import { countsIn } from "./columns.ts";
import { highestIn, type Query } from "./sqlite/query.ts";

/** The next free id of each table whose ids Livecue assigns. */
export interface NextIds {
  live: number;
  session: number;
  event: number;
  item: number;
}

const key = "highest_ids";
const tables = { live: "live", session: "live_session", event: "live_event", item: "event_queue" } as const;
const names = Object.keys(tables) as (keyof NextIds)[];

export function nextIdsIn(query: Pick<Query, "first">): NextIds {
  const kept = query.first<{ meta_value: string }>("SELECT meta_value FROM config WHERE meta_key = ?", key);
  const highest = countsIn(kept?.meta_value) ?? {};
  const next = (name: keyof NextIds) => Math.max(highestIn(query, tables[name]), highest[name] ?? 0) + 1;
  return { live: next("live"), session: next("session"), event: next("event"), item: next("item") };
}

/** Keeps the ids as used, in the open transaction. Call it before rows are deleted. */
export function keepIds(database: DatabaseSync, next: NextIds): void {
  const highest = Object.fromEntries(names.map((name) => [name, next[name] - 1]));
  database.prepare(`INSERT INTO config (meta_key, meta_value) VALUES (?, ?)
    ON CONFLICT (meta_key) DO UPDATE SET meta_value = excluded.meta_value`).run(key, JSON.stringify(highest));
}
