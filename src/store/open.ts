/** Opening a database file, so that every way it can be the wrong one is told before a byte of it is changed. */
import { basename, dirname, join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openWithoutLog } from "./log_mark.ts";
import { UserError } from "../user_error.ts";
import { applicationId, checkedVersion, latestVersion, migrate } from "./schema.ts";
import { explaining, isDamage } from "./trouble.ts";

/** A wait for another program's lock stops the whole thread, the screen included. */
const busyTimeoutMs = 250;

/** What a long reading may leave of the write-ahead log once it is over. */
const journalSizeLimitBytes = 64 * 1024 * 1024;

/** The file that `path` means, links followed, so that one database has one name. Throws a `UserError`. */
export function databaseFile(path: string): string {
  if (path === "" || path === ":memory:") {
    throw new UserError(`A database must be a file, "${path}" is none. Name one with --database.`);
  }
  const absolute = resolve(path);
  const folder = dirname(absolute);
  if (statOf(folder)?.isDirectory !== true) {
    throw new UserError(`${absolute}: there is no folder ${folder}. Make it, or name another --database.`);
  }
  const found = statOf(absolute);
  if (found === null) return join(Deno.realPathSync(folder), basename(absolute));
  if (!found.isFile) {
    throw new UserError(`${absolute} is a folder or a device, not a file. Name a file with --database.`);
  }
  return Deno.realPathSync(absolute);
}

/** From this size on, bringing the tables of an older Livecue up to date is told before it begins. */
const largeFileBytes = 100 * 1024 * 1024;

/**
 * Opens a database to write to it, creating and migrating it. The caller holds its lock. `tell` is given a sentence
 * before what may take long. Throws a `UserError`.
 */
export function openForWriting(
  file: string,
  durability: "normal" | "full",
  tell: (sentence: string) => void = () => {},
): DatabaseSync {
  return explaining(file, () => {
    inspectWithLog(file);
    const database = new DatabaseSync(file, { timeout: busyTimeoutMs });
    try {
      tryWriting(database);
      useWriteAheadLog(database, file);
      database.prepare(`PRAGMA synchronous = ${durability === "full" ? "FULL" : "NORMAL"}`).run();
      database.prepare(`PRAGMA journal_size_limit = ${journalSizeLimitBytes}`).get();
      const isLarge = (statOf(file)?.size ?? 0) > largeFileBytes;
      if (isLarge && checkedVersion(database, file) < latestVersion) {
        tell("Bringing the database up to date; this may take a minute.");
      }
      migrate(database);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Opens a database to look into it, also while another process owns it. Creates nothing. Throws a `UserError`. */
export function openForReading(path: string): DatabaseSync {
  const file = databaseFile(path);
  const found = statOf(file);
  if (found === null) {
    throw new UserError(
      `There is no database ${file}. Run "init" or "start" first, or name one with --database.`,
    );
  }
  // SQLite deletes the log beside an empty file, whatever is in it.
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
  return new UserError(`${file} has no tables yet, or an older Livecue's. Run "init" or "start" first.`);
}

/**
 * Another connection to a database that this process has open, to read from it. What is to be inspected was, and
 * an address instead of a path is refused to a thread with few permissions.
 */
export function openBeside(file: string): DatabaseSync {
  return explaining(file, () => new DatabaseSync(file, { readOnly: true, timeout: busyTimeoutMs }));
}

/**
 * Throws a `UserError` where the file, whatever log lies beside it, is not ours to write to. Changes nothing, and leaves
 * nothing beside it.
 */
export function inspect(file: string): void {
  const found = statOf(file);
  if (found === null || found.size === 0) return;
  try {
    checkVersion(file, () => openWithoutLog(file));
  } catch (error) {
    // Power that was cut while the log was taken back has torn the file, and the log mends it.
    if (!isDamage(error) || (statOf(`${file}-wal`)?.size ?? 0) === 0) throw error;
  }
}

/** The same with what stands in its log, where it has one. */
function inspectWithLog(file: string): void {
  inspect(file);
  if (statOf(`${file}-wal`) !== null) checkVersion(file, () => openBeside(file));
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

/** SQLite opens a read-only file without a word, and fails at the first write. This one is taken back. */
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
  throw new UserError(`${file}: this disk cannot share a database (no WAL mode). Put it on a local disk.`);
}

function statOf(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new UserError(
      `${path} cannot be read: ${(error as Error).message}. Name another database with --database.`,
    );
  }
}
