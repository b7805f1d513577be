/**
 * Forgets a viewer in the database: what the viewer wrote and was called is removed, and the id is replaced with one
 * that nobody can lead back to the person. Counts and gifts stay, so that the totals of lives stay right.
 */
import type { DatabaseSync } from "node:sqlite";
import type { ViewerKey } from "../../viewer.ts";
import { blankData, type Forgotten, isLong, newPseudonym } from "../forgotten.ts";
import { completeExchange } from "./exchange.ts";
import { lockDatabase } from "./lock.ts";
import { databaseFile, inspect, openForWriting } from "./open.ts";
import { inTransaction } from "./schema.ts";
import { explaining } from "./trouble.ts";

/** Reads all events. Throws a `UserError` if a process uses the database. */
export function forgetInFile(path: string, key: ViewerKey): Forgotten {
  const file = databaseFile(path);
  inspect(file);
  const lock = lockDatabase(file);
  try {
    completeExchange(file);
    const database = openForWriting(file, "full");
    try {
      return explaining(file, () => forgetViewer(database, key));
    } finally {
      database.close();
    }
  } finally {
    lock.release();
  }
}

function forgetViewer(database: DatabaseSync, key: ViewerKey): Forgotten {
  const pseudonym = newPseudonym();
  // Overwrites what is deleted, so that it cannot be read from the free parts of the file.
  database.prepare("PRAGMA secure_delete = ON").get();
  const forgotten = inTransaction(database, () => forget(database, key, pseudonym));
  database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
  return forgotten;
}

function forget(database: DatabaseSync, { platform, userId }: ViewerKey, pseudonym: string): Forgotten {
  const run = (sql: string, ...values: (string | number)[]) =>
    Number(database.prepare(sql).run(...values).changes);
  run("CREATE TEMP TABLE IF NOT EXISTS forgotten_event (id INTEGER PRIMARY KEY)");
  run("DELETE FROM forgotten_event");
  const events = run(
    `INSERT INTO forgotten_event SELECT event.id FROM live_event AS event
      JOIN live_session AS session ON session.id = session_id JOIN live ON live.id = session.live_id
      WHERE user_id = ? AND live.source_type = ?`,
    userId,
    platform,
  );
  const ofViewer = "id IN (SELECT id FROM forgotten_event)";
  // Services wrote about the person into these, and into events that they emitted.
  const items = run(
    `UPDATE event_queue SET error = NULL WHERE error IS NOT NULL AND live_event_${ofViewer}`,
  );
  run(`UPDATE item_step SET result = NULL, error = NULL, progress = NULL
    WHERE item_id IN (SELECT id FROM event_queue WHERE live_event_${ofViewer})`);
  run(
    `UPDATE live_event SET event_data = ${
      blankData("json_valid(event_data)", "json_set(event_data, '$.message', '')")
    } WHERE ${ofViewer}`,
  );
  run(
    `UPDATE live_event SET user_id = ?, user_unique_id = NULL, user_nickname = NULL, user_avatar_url = NULL,
      user_roles = '[]', message_id = NULL, streak_id = replace(streak_id, ?, ?) WHERE ${ofViewer}`,
    pseudonym,
    userId,
    pseudonym,
  );
  run(
    `UPDATE live_event SET event_data = json_set(event_data, '$.receiver', json_object('id', ?, 'uniqueId', '',
      'nickname', '')) WHERE event_type = 'GiftEvent'
      AND CASE WHEN json_valid(event_data) THEN event_data ->> '$.receiver.id' = ? ELSE 0 END`,
    pseudonym,
    userId,
  );
  forgetSums(run, { platform, userId }, pseudonym);
  return { pseudonym, events, items };
}

function forgetSums(
  run: (sql: string, ...values: (string | number)[]) => number,
  { platform, userId }: ViewerKey,
  pseudonym: string,
): void {
  run(
    `UPDATE live_giver SET user_id = ?, unique_id = '', nickname = ''
      WHERE user_id = ? AND live_id IN (SELECT id FROM live WHERE source_type = ?)`,
    pseudonym,
    userId,
    platform,
  );
  run("DELETE FROM viewer_mark WHERE platform = ? AND user_id = ?", platform, userId);
  // The triggers would write the new name, so the names are deleted last.
  run(
    "UPDATE viewer SET user_id = ?, unique_id = '', nickname = '' WHERE platform = ? AND user_id = ?",
    pseudonym,
    platform,
    userId,
  );
  run("DELETE FROM viewer_name WHERE viewer_id = (SELECT id FROM viewer WHERE user_id = ?)", pseudonym);
  // Values of services may be about the person, under any key that has the id.
  run(
    "DELETE FROM service_state WHERE instr(value, ?) OR (? AND instr(key, ?))",
    `"${userId}"`,
    isLong(userId) ? 1 : 0,
    userId,
  );
}
