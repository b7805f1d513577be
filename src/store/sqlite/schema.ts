/**
 * The version of the tables. `PRAGMA user_version` counts the applied migrations; `PRAGMA application_id` identifies the
 * file as Livecue's.
 */
import type { DatabaseSync } from "node:sqlite";
import { t } from "../../language.ts";
import { UserError } from "../../user_error.ts";
import { applicationId, type Migration, migrations } from "./migrations.ts";

/** The version that this Livecue reads and writes. */
export const latestVersion = migrations.length;

/**
 * The version of the database's tables; 0 if there are none yet. Only reads. Throws a `UserError` if the file belongs
 * to another program or to a newer Livecue.
 */
export function checkedVersion(database: DatabaseSync, path: string): number {
  const version = pragma(database, "user_version");
  const owner = pragma(database, "application_id");
  if (owner !== applicationId) {
    const isEmpty = owner === 0 && version === 0 && countTables(database) === 0;
    if (isEmpty) return 0;
    throw new UserError(t`${path} is the database of another program. Name another file with --database.`);
  }
  if (version > latestVersion) {
    throw new UserError(
      t`${path} was written by a newer Livecue (its tables have version ${version}; this Livecue knows version ${latestVersion}). Update Livecue, or name another file with --database.`,
    );
  }
  return version;
}

/**
 * Brings the tables up to date. Each step runs in its own transaction, which also sets the version. A step may replace
 * a table that others refer to, so their references are not checked.
 */
export function migrate(database: DatabaseSync, steps: readonly Migration[] = migrations): void {
  if (pragma(database, "user_version") >= steps.length) return;
  database.exec("PRAGMA foreign_keys = OFF");
  for (let version = pragma(database, "user_version"); version < steps.length; version += 1) {
    inTransaction(database, () => {
      for (const statement of steps[version]!) database.prepare(statement).run();
      database.prepare(`PRAGMA user_version = ${version + 1}`).run();
    });
  }
  database.exec("PRAGMA foreign_keys = ON");
}

/** Runs `work` in a write transaction, and rolls back if it throws. */
export function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
  // Prepared, because errors of `exec` carry no result code.
  database.prepare("BEGIN IMMEDIATE").run();
  try {
    const result = work();
    database.prepare("COMMIT").run();
    return result;
  } catch (error) {
    // On a full disk, SQLite has already rolled back.
    if (database.isTransaction) database.prepare("ROLLBACK").run();
    throw error;
  }
}

function pragma(database: DatabaseSync, name: "user_version" | "application_id"): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function countTables(database: DatabaseSync): number {
  return Number(database.prepare("SELECT count(*) AS count FROM sqlite_schema").get()?.count);
}
