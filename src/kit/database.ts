/** A service's own SQLite database, in the service's folder, separate from Livecue's database. */
import { DatabaseSync } from "node:sqlite";
import { counted, noun, t } from "../language.ts";
import { UserError } from "../user_error.ts";

export type { DatabaseSync } from "node:sqlite";

/** One or more SQL statements that bring the database from one version to the next. */
export type Migration = string | readonly string[];

/** The value of SQLite's `auto_vacuum`. */
const incremental = 2;
const pagesAtOnce = 64;
/** Less than the five seconds after which a service without heartbeats counts as stuck. */
const busyLimitMs = 3_000;

/**
 * Opens or creates the database, and runs the migrations that it has not had. Several processes may do so at once.
 * Throws a `UserError` if the database cannot be opened or is newer, and an `Error` if a migration fails.
 */
export function openDatabase(path: string, migrations: readonly Migration[]): DatabaseSync {
  checkMigrations(migrations);
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(path, { timeout: busyLimitMs, enableForeignKeyConstraints: false });
    // Prepared, because errors of `exec` carry no result code.
    // Only a file without tables takes the first one.
    database.prepare("PRAGMA auto_vacuum = INCREMENTAL").run();
    database.prepare("PRAGMA journal_mode = WAL").get();
    database.prepare("PRAGMA synchronous = NORMAL").run();
  } catch (error) {
    database?.close();
    throw new UserError(
      [t`${path} cannot be opened: ${messageOf(error)}.`, adviceOn(error)].join(" ").trim(),
    );
  }
  try {
    migrate(database, { path, migrations });
    // Only now, because a migration that recreates a table would delete rows that refer to it.
    database.exec("PRAGMA foreign_keys = ON");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Makes the file smaller by the pages that are free. A file of an older Livecue is rewritten, which others must not
 * use meanwhile. `isShared`: others may use it, so it is not.
 */
export function shrinkDatabase(database: DatabaseSync, { isShared }: { isShared: boolean }): void {
  const numberOf = (pragma: string) => Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
  if (numberOf("auto_vacuum") === incremental) {
    // In steps, between which others may write. `all`, because each page is a step of the statement.
    while (numberOf("freelist_count") > 0) {
      database.prepare(`PRAGMA incremental_vacuum(${pagesAtOnce})`).all();
    }
  } else if (!isShared && numberOf("freelist_count") > 0) {
    database.exec("PRAGMA auto_vacuum = INCREMENTAL");
    database.prepare("VACUUM").run();
  }
}

/** A plain string would be treated as a list of its characters. */
function checkMigrations(migrations: unknown): void {
  const isSql = (each: unknown) => [each].flat().every((sql) => typeof sql === "string");
  if (Array.isArray(migrations) && migrations.every(isSql)) return;
  throw new TypeError(
    'database: migrations must be a list of SQL texts, as ["CREATE TABLE prize (name TEXT) STRICT"]',
  );
}

function migrate(
  database: DatabaseSync,
  { path, migrations }: { path: string; migrations: readonly Migration[] },
): void {
  for (let version = versionOf(database); version !== migrations.length; version = versionOf(database)) {
    if (version > migrations.length) {
      throw new UserError(
        t`${path} was created by a newer version of the service: it has had ${
          counted(version, noun("migration"))
        }, and this version has ${migrations.length}. Update the service, or move the file away to start with an empty one.`,
      );
    }
    runNext(database, migrations);
  }
}

/** Reads the version again within the transaction, because another process may have been faster. */
function runNext(database: DatabaseSync, migrations: readonly Migration[]): void {
  database.exec("BEGIN IMMEDIATE");
  const version = versionOf(database);
  const migration = migrations[version];
  try {
    if (migration !== undefined) {
      for (const sql of [migration].flat()) database.exec(sql);
      if (!database.isTransaction) {
        throw new Error("it ends its own transaction: remove COMMIT and ROLLBACK");
      }
      const broken = database.prepare("PRAGMA foreign_key_check").all();
      if (broken.length > 0) throw new Error(`${broken.length} rows refer to rows that do not exist`);
      database.exec(`PRAGMA user_version = ${version + 1}`);
    }
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw new Error(t`migration ${version + 1} of the service's database failed: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
}

/** What a person can do, by SQLite's primary result code; "" if unknown. */
function adviceOn(error: unknown): string {
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : null;
  switch (code) {
    case 5:
    case 6:
      return t`Close the program that is writing to it.`;
    case 8:
      return t`Allow writing to the file and its folder.`;
    case 11:
    case 26:
      return t`Replace it with a backup, or move it away to start with an empty one.`;
    case 13:
      return t`The disk is full: free some space.`;
    default:
      return "";
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
