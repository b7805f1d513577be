/** Opens a database file, and reports every way in which it can be the wrong one before changing a byte of it. */
import { basename, dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { t } from "../../language.ts";
import { openWithoutLog } from "./log_mark.ts";
import { UserError } from "../../user_error.ts";
import { applicationId } from "./migrations.ts";
import { checkedVersion, latestVersion, migrate } from "./schema.ts";
import { explaining, isDamage } from "./trouble.ts";

/** Waiting for another program's lock blocks the whole thread, including the screen. */
const busyTimeoutMs = 250;

/** The size to which SQLite truncates a write-ahead log that grew during a long read. */
const journalSizeLimitBytes = 64 * 1024 * 1024;

/** The real path of the file, with links resolved, so that a database has one name. Throws a `UserError`. */
export function databaseFile(path: string): string {
  if (path === "" || path === ":memory:") {
    throw new UserError(t`A database must be a file, but "${path}" is not one. Name a file with --database.`);
  }
  const absolute = resolve(path);
  const folder = dirname(absolute);
  if (statOf(folder)?.isDirectory !== true) {
    throw new UserError(t`${absolute}: there is no folder ${folder}. Create it, or name another --database.`);
  }
  const found = statOf(absolute);
  if (found === null) return join(Deno.realPathSync(folder), basename(absolute));
  if (!found.isFile) {
    throw new UserError(t`${absolute} is a folder or a device, not a file. Name a file instead.`);
  }
  return Deno.realPathSync(absolute);
}

/** A migration of a larger file is announced before it starts. */
const largeFileBytes = 100 * 1024 * 1024;

/**
 * Opens a database for writing, and creates or migrates it. The caller holds its lock. `report` gets a sentence
 * before a step that may take long. Throws a `UserError`.
 */
export function openForWriting(
  file: string,
  durability: "normal" | "full",
  report: (sentence: string) => void = () => {},
): DatabaseSync {
  return explaining(file, () => {
    inspectWithLog(file);
    const database = new DatabaseSync(file, { timeout: busyTimeoutMs });
    try {
      // Before the first table is created: pruning then makes the file smaller in small steps.
      if ((statOf(file)?.size ?? 0) === 0) database.exec("PRAGMA auto_vacuum = INCREMENTAL");
      tryWriting(database);
      useWriteAheadLog(database, file);
      database.prepare(`PRAGMA synchronous = ${durability === "full" ? "FULL" : "NORMAL"}`).run();
      database.prepare(`PRAGMA journal_size_limit = ${journalSizeLimitBytes}`).get();
      const isLarge = (statOf(file)?.size ?? 0) > largeFileBytes;
      if (isLarge && checkedVersion(database, file) < latestVersion) {
        report(t`Bringing the database up to date. This may take a minute.`);
      }
      migrate(database);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Opens a database for reading, even while another process owns it. Creates nothing. Throws a `UserError`. */
export function openForReading(path: string): DatabaseSync {
  const file = databaseFile(path);
  const found = statOf(file);
  if (found === null) {
    throw new UserError(
      t`There is no database ${file}. Run "init" or "start" first, or name one with --database.`,
    );
  }
  // SQLite would delete the log of an empty file.
  if (found.size === 0) throw withoutTables(file);
  inspect(file);
  return explaining(file, () => {
    const database = new DatabaseSync(file, { readOnly: true, timeout: busyTimeoutMs });
    try {
      if (checkedVersion(database, file) < latestVersion) {
        throw withoutTables(file);
      }
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

function withoutTables(file: string): UserError {
  return new UserError(
    t`${file} has no tables yet, or those of an older Livecue. Run "init" or "start" first.`,
  );
}

/**
 * Another read-only connection to a database that this process has already inspected and opened. It opens by path,
 * because a thread with few permissions may not open a database by URL.
 */
export function reopenForReading(file: string): DatabaseSync {
  return explaining(file, () => new DatabaseSync(file, { readOnly: true, timeout: busyTimeoutMs }));
}

/**
 * Throws a `UserError` if the file, without its log, is not a database that this Livecue may write to. Changes and
 * creates nothing.
 */
export function inspect(file: string): void {
  const found = statOf(file);
  if (found === null || found.size === 0) return;
  try {
    checkVersion(file, () => openWithoutLog(file));
  } catch (error) {
    // A power cut during a checkpoint has torn the file, and the log will fix it.
    if (!isDamage(error) || (statOf(`${file}-wal`)?.size ?? 0) === 0) throw error;
  }
}

/** Also inspects the file with its log, if it has one. */
function inspectWithLog(file: string): void {
  inspect(file);
  if (statOf(`${file}-wal`) !== null) checkVersion(file, () => reopenForReading(file));
}

function checkVersion(file: string, open: () => DatabaseSync): void {
  explaining(file, () => {
    const database = open();
    try {
      checkedVersion(database, file);
    } finally {
      database.close();
    }
  });
}

/** SQLite opens a read-only file without an error and fails at the first write. This write is rolled back. */
function tryWriting(database: DatabaseSync): void {
  database.prepare("BEGIN IMMEDIATE").run();
  try {
    database.prepare(`PRAGMA application_id = ${applicationId}`).run();
  } finally {
    database.prepare("ROLLBACK").run();
  }
}

function useWriteAheadLog(database: DatabaseSync, file: string): void {
  const mode = database.prepare("PRAGMA journal_mode = WAL").get()?.journal_mode;
  if (mode === "wal") return;
  throw new UserError(
    t`${file}: this disk does not support WAL mode, which Livecue needs. Move the database to a local disk.`,
  );
}

function statOf(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new UserError(
      t`${path} cannot be read: ${(error as Error).message}. Name another database with --database.`,
    );
  }
}
