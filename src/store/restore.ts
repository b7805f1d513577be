/**
 * Puts a backup in the place of the database. The backup is copied, checked and brought up to date first. The old files
 * get second names before anything changes. So whenever Livecue is killed, the old database or the new one is complete
 * in its place, and the old one is never lost.
 */
import { DatabaseSync } from "node:sqlite";
import { dirname } from "node:path";
import { UserError } from "../user_error.ts";
import { checkDatabase } from "./check.ts";
import { fitsFile, removeLog } from "./leftover_log.ts";
import { lockDatabase } from "./lock.ts";
import { attempt, markText, newMark, saveMarkSql, schemaVersionOf } from "./log_mark.ts";
import { exists, freeName, syncFolder } from "./new_file.ts";
import { keepIds, type NextIds, nextIdsIn } from "./next_ids.ts";
import { databaseFile, inspect, openForWriting } from "./open.ts";
import { Query } from "./query.ts";
import { explaining, isSqliteError } from "./trouble.ts";
import { unsavedFile } from "./unsaved.ts";

export interface RestorePlan {
  sessions: number;
  events: number;
  /** Whether there is a database to replace. */
  replaces: boolean;
}

/**
 * Asks `isConfirmed` when the backup was checked. Returns the new name of the old database (null if there was none);
 * undefined if it was not confirmed. Throws a `UserError` if the backup cannot be used, or if a process owns the
 * database.
 */
export function restoreDatabase(
  backup: string,
  path: string,
  isConfirmed: (plan: RestorePlan) => boolean,
): { kept: string | null } | undefined {
  const [source, file] = [databaseFile(backup), databaseFile(path)];
  if (!exists(source)) throw new UserError(`There is no file ${source}. Name a backup.`);
  if (source === file) throw new UserError(`${source} is the database itself. Name a backup of it.`);
  refuseExport(source, backup);
  inspect(source);
  const lock = lockDatabase(file);
  const copy = freeName(`${file}.restoring`);
  try {
    explaining(source, () => copyInto(source, copy));
    const found = prepare(copy, source, idsOf(file));
    if (!isConfirmed({ ...found, replaces: exists(file) })) return undefined;
    settleLog(file);
    return { kept: exchange(copy, file) };
  } finally {
    for (const part of [copy, `${copy}-wal`, `${copy}-shm`]) if (exists(part)) Deno.removeSync(part);
    lock.release();
  }
}

/** Writes the old database's log into it, if both can be read, so that the file alone is complete. */
function settleLog(file: string): void {
  if (!exists(`${file}-wal`) || !fitsFile(file)) return;
  attempt(() => {
    using database = new DatabaseSync(file);
    database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
  });
}

/** Puts `copy` in the place of `file`, which nobody has open. Returns the new name of the old file; null without one. */
export function exchange(copy: string, file: string): string | null {
  const kept = exists(file) ? freeName(`${file}.replaced`) : null;
  if (kept !== null) {
    alsoCall(unsavedFile(file), unsavedFile(kept));
    alsoCall(`${file}-wal`, `${kept}-wal`);
    alsoCall(file, kept);
  }
  Deno.renameSync(copy, file);
  syncFolder(dirname(file));
  removeLog(file);
  if (exists(unsavedFile(file))) Deno.removeSync(unsavedFile(file));
  return kept;
}

/** A second name of the same file; a copy, where the file system has no links. */
function alsoCall(file: string, name: string): void {
  if (!exists(file)) return;
  try {
    Deno.linkSync(file, name);
  } catch {
    Deno.copyFileSync(file, name);
  }
}

function refuseExport(source: string, backup: string): void {
  const start = new Uint8Array(1);
  using file = Deno.openSync(source);
  file.readSync(start);
  if (new TextDecoder().decode(start) !== "{") return;
  throw new UserError(
    `${source} is no backup, but perhaps the export of a session. To play it: deno task start --source replay:${backup}`,
  );
}

/** With what is in the backup's log. Refuses no version, because `inspect` did. */
function copyInto(source: string, copy: string): void {
  const database = new DatabaseSync(source, { readOnly: true });
  try {
    database.prepare("VACUUM INTO ?").run(copy);
  } finally {
    database.close();
  }
}

/** Brings the copy up to date and checks it. Its next ids are above those of the old database. */
function prepare(copy: string, source: string, old: NextIds | null): { sessions: number; events: number } {
  const database = openForWriting(copy, "full");
  try {
    const own = nextIdsIn(new Query(database));
    const names = Object.keys(own) as (keyof NextIds)[];
    const next = Object.fromEntries(names.map((name) => [name, Math.max(own[name], old?.[name] ?? 1)]));
    keepIds(database, next as unknown as NextIds);
    // A mark of its own, so that no log of another state is replayed into it.
    const schemaVersion = schemaVersionOf(database);
    database.prepare(saveMarkSql).run(
      markText(newMark({ base: crypto.randomUUID(), isSealed: true, schemaVersion })),
    );
    // Without a write-ahead log, so that the file alone is complete.
    database.prepare("PRAGMA journal_mode = DELETE").get();
  } finally {
    database.close();
  }
  const { faults, sessions, events } = checkDatabase(copy);
  if (faults.length === 0) return { sessions: sessions ?? 0, events: events ?? 0 };
  throw new UserError(
    `${source} is damaged, so it was not restored: ${faults[0]} ` +
      `To copy what can be read: deno task livecue repair FILE --database ${source}`,
  );
}

/** null if there is no old database, or if it cannot be read. */
function idsOf(file: string): NextIds | null {
  if (!exists(file)) return null;
  try {
    using database = new DatabaseSync(file, { readOnly: true });
    return nextIdsIn(new Query(database));
  } catch (error) {
    if (isSqliteError(error)) return null;
    throw error;
  }
}
