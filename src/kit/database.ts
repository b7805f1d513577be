/** A service's own SQLite database. Its folder is the service's; Livecue's database is another. */
import { DatabaseSync } from "node:sqlite";
import { UserError } from "../user_error.ts";

export type { DatabaseSync } from "node:sqlite";

/** What brings the database from one version to the next: one or several statements of SQL. */
export type Migration = string | readonly string[];

/** Below the five seconds after which a service that does not answer is taken for stuck. */
const busyLimitMs = 3_000;

/**
 * Opens the database, makes it where there is none, and runs the migrations that it has not had. Several processes
 * may do so at once. Throws a `UserError` where it cannot be opened or is newer, an `Error` where a migration fails.
 */
export function openDatabase(path: string, migrations: readonly Migration[]): DatabaseSync {
  checkMigrations(migrations);
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(path, { timeout: busyLimitMs, enableForeignKeyConstraints: false });
    // Prepared, because errors of `exec` carry no result code.
    database.prepare("PRAGMA journal_mode = WAL").get();
    database.prepare("PRAGMA synchronous = NORMAL").run();
  } catch (error) {
    database?.close();
    throw new UserError(`${path} cannot be opened: ${messageOf(error)}.${adviceOn(error)}`);
  }
  try {
    migrate(database, { path, migrations });
    // Only now: a migration that makes a table anew would take along what refers to it.
    database.exec("PRAGMA foreign_keys = ON");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A text alone would be taken for a list of its letters. */
function checkMigrations(migrations: unknown): void {
  const isSql = (each: unknown) => [each].flat().every((sql) => typeof sql === "string");
  if (Array.isArray(migrations) && migrations.every(isSql)) return;
  throw new TypeError(
    'database: the migrations are a list of texts of SQL, as ["CREATE TABLE prize (name TEXT) STRICT"]',
  );
}

function migrate(
  database: DatabaseSync,
  { path, migrations }: { path: string; migrations: readonly Migration[] },
): void {
  for (let version = versionOf(database); version !== migrations.length; version = versionOf(database)) {
    if (version > migrations.length) {
      throw new UserError(
        `${path} was made by a newer version of the service: it has had ${version} migration${
          version === 1 ? "" : "s"
        }, and this version knows ` +
          `${migrations.length}. Update the service, or move the file away to begin with an empty one.`,
      );
    }
    runNext(database, migrations);
  }
}

/** The version is read again once nobody else can write: another process may have come first. */
function runNext(database: DatabaseSync, migrations: readonly Migration[]): void {
  database.exec("BEGIN IMMEDIATE");
  const version = versionOf(database);
  const migration = migrations[version];
  try {
    if (migration !== undefined) {
      for (const sql of [migration].flat()) database.exec(sql);
      if (!database.isTransaction) {
        throw new Error("it ends the transaction that it runs in: leave out COMMIT and ROLLBACK");
      }
      const broken = database.prepare("PRAGMA foreign_key_check").all();
      if (broken.length > 0) throw new Error(`${broken.length} rows refer to others that are not there`);
      database.exec(`PRAGMA user_version = ${version + 1}`);
    }
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw new Error(`migration ${version + 1} of the service's database failed: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
}

/** What a person may do; "" where that is not known. By SQLite's primary result codes. */
function adviceOn(error: unknown): string {
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : null;
  switch (code) {
    case 5:
    case 6:
      return " Close what else is writing to it.";
    case 8:
      return " Allow writing to the file and to its folder.";
    case 11:
    case 26:
      return " Put a backup in its place, or move it away to begin with an empty one.";
    case 13:
      return " The disk is full: make some room.";
    default:
      return "";
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
