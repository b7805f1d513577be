/**
 * Puts a backup in the place of the database, with what was backed up with it. The backup is copied, checked and
 * brought up to date first, and then all parts are exchanged. So whenever Livecue is killed, the old state is complete
 * in its place, or the next start completes the new one. The old files are never lost.
 */
import { DatabaseSync } from "node:sqlite";
import { t } from "../../language.ts";
import { UserError } from "../../user_error.ts";
import { checkDatabase } from "./check.ts";
import { fitsFile } from "./leftover_log.ts";
import { lockDatabase } from "./lock.ts";
import { attempt, markText, newMark, saveMarkSql, schemaVersionOf } from "./log_mark.ts";
import { completeExchange, type Exchange, exchangeAll } from "./exchange.ts";
import { exists } from "../new_file.ts";
import type { IdName, NextIds } from "../../ids.ts";
import { keepingIds, nextIdsIn } from "../next_ids.ts";
import { databaseFile, inspect, openForWriting } from "./open.ts";
import { SqliteQuery } from "./query.ts";
import { explaining, isSqliteError } from "./trouble.ts";

export interface RestorePlan {
  sessions: number;
  events: number;
}

/** What was backed up besides the database. */
export interface RestoredPart extends Exchange {
  /** Writes and checks `copy`. Throws a `UserError` if it cannot be used, or if a process uses `place`. */
  prepare(): void;
  /** Called at the end, in any case. */
  release?(): void;
}

export interface RestoreParts {
  others: readonly RestoredPart[];
  /** Called when everything was checked. */
  isConfirmed(plan: RestorePlan): boolean;
}

/**
 * Returns the new names of what was replaced, the database first (null if there was nothing); undefined if it was not
 * confirmed. Throws a `UserError` if the backup cannot be used, or if a process owns the database.
 */
export function restoreDatabase(
  backup: string,
  path: string,
  { others, isConfirmed }: RestoreParts,
): (string | null)[] | undefined {
  const [source, file] = [databaseFile(backup), databaseFile(path)];
  if (!exists(source)) throw new UserError(t`There is no file ${source}. Name a backup.`);
  if (source === file) throw new UserError(t`${source} is the database itself. Name a backup of it.`);
  refuseExport(source, backup);
  inspect(source);
  const lock = lockDatabase(file);
  const own = { copy: `${file}.restoring`, place: file };
  const parts = [own, ...others].map(({ copy, place }) => ({ copy, place }));
  try {
    completeExchange(file);
    // What a killed restore left.
    removeCopies(parts);
    explaining(source, () => copyInto(source, own.copy));
    const found = prepare(own.copy, source, idsOf(file));
    for (const part of others) part.prepare();
    if (!isConfirmed(found)) return undefined;
    settleLog(file);
    return exchangeAll(file, parts);
  } finally {
    removeCopies(parts);
    for (const part of others) part.release?.();
    lock.release();
  }
}

function removeCopies(parts: readonly Exchange[]): void {
  for (const { copy } of parts) {
    for (const part of [copy, `${copy}-wal`, `${copy}-shm`]) {
      if (exists(part)) Deno.removeSync(part, { recursive: true });
    }
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

function refuseExport(source: string, backup: string): void {
  const start = new Uint8Array(1);
  using file = Deno.openSync(source);
  file.readSync(start);
  if (new TextDecoder().decode(start) !== "{") return;
  throw new UserError(
    t`${source} is no backup, but perhaps the export of a session. To play it: deno task start --source replay:${backup}`,
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
    const own = nextIdsIn(new SqliteQuery(database));
    const names = Object.keys(own) as IdName[];
    const next = Object.fromEntries(names.map((name) => [name, Math.max(own[name], old?.[name] ?? 1)]));
    const { sql, values } = keepingIds(next as NextIds);
    database.prepare(sql).run(...values);
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
    t`${source} is damaged, so it was not restored: ${
      faults[0]
    } To copy what can be read: deno task livecue repair FILE --database ${source}`,
  );
}

/** null if there is no old database, or if it cannot be read. */
function idsOf(file: string): NextIds | null {
  if (!exists(file)) return null;
  try {
    using database = new DatabaseSync(file, { readOnly: true });
    return nextIdsIn(new SqliteQuery(database));
  } catch (error) {
    if (isSqliteError(error)) return null;
    throw error;
  }
}
