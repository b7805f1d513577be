/**
 * Tells which write-ahead log belongs to which state of the database file. SQLite replays a log into any file of the
 * right name, even a backup that replaced the original, and destroys it.
 *
 * A row of `config`, the mark, has an id that changes with each checkpoint, and a base: the id that the file had when
 * its log started. A log belongs to a file if the file's id is the log's base, or if the file already has pages of
 * that log. A mark is sealed when nothing was written after it, so its id identifies exactly one state of the file. A
 * copy made by VACUUM or by SQLite's backup has the same marks in other pages, and another schema version.
 *
 * A power cut during a checkpoint may leave any mixture of the mark's old and new sectors in the file. All marks have
 * the same length, so they stay in one place, and each has a checksum, which detects a mixture.
 */
import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { isSqliteError } from "./trouble.ts";

export interface LogMark {
  id: string;
  /** The id that the file had when the log started; null if it had none. */
  base: string | null;
  isSealed: boolean;
  /** SQLite's count of schema changes, in the file's header. Copying a database row by row changes it. */
  schemaVersion: number;
}

/** The mark in the file itself, without its log. */
export interface FileMark {
  /** null if the file has none. */
  mark: LogMark | null;
  schemaVersion: number;
}

/** `config.meta_key` of the mark. */
const markKey = "write_ahead_log";

export const saveMarkSql = `INSERT INTO config (meta_key, meta_value) VALUES ('${markKey}', ?)
  ON CONFLICT (meta_key) DO UPDATE SET meta_value = excluded.meta_value`;

/** NOT INDEXED: if the log does not belong to the file, the index's pages may be from another state. */
const readMarkSql = `SELECT meta_value FROM config NOT INDEXED WHERE meta_key = '${markKey}'`;

/** The stored mark is invalid, or a mixture of two. */
export class TornMarkError extends Error {
  override readonly name = "TornMarkError";
}

/** The result of `work`; undefined if SQLite fails or the mark is torn. */
export function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof TornMarkError || isSqliteError(error)) return undefined;
    throw error;
  }
}

/** null if the database has no mark. Throws SQLite's error if it cannot be read, or a `TornMarkError`. */
export function readMark(database: DatabaseSync): LogMark | null {
  const hasTable = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'config'").get() !== undefined;
  const row = hasTable ? database.prepare(readMarkSql).get() : undefined;
  return row === undefined ? null : parseMark(String(row.meta_value));
}

export function schemaVersionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA schema_version").get()?.schema_version);
}

export function newMark(rest: Omit<LogMark, "id">): LogMark {
  return { id: crypto.randomUUID(), ...rest };
}

const noBase = "00000000-0000-0000-0000-000000000000";

/** The mark in its stored form. */
export function markText({ id, base, isSealed, schemaVersion }: LogMark): string {
  const version = String(schemaVersion).padStart(10, "0");
  return withSum(`${id} ${base ?? noBase} ${isSealed ? "sealed" : "begun "} ${version}`);
}

function parseMark(text: string): LogMark {
  const parts = text.match(/^((\S{36}) (\S{36}) (sealed|begun ) (\d{10})) \S+$/);
  if (parts === null || withSum(parts[1]!) !== text) {
    throw new TornMarkError(`The mark "${text}" is invalid.`);
  }
  const [, , id, base, state, version] = parts as string[];
  return {
    id: id!,
    base: base === noBase ? null : base!,
    isSealed: state === "sealed",
    schemaVersion: Number(version),
  };
}

function withSum(text: string): string {
  return `${text} ${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
}

/** Whether a log with this mark (null: without one) may be replayed into that file. */
export function mayReplay(log: LogMark | null, { mark, schemaVersion }: FileMark): boolean {
  if (log === null) return mark === null;
  if (mark === null) return log.base === null;
  const isCopy = schemaVersion !== mark.schemaVersion && schemaVersion !== log.schemaVersion;
  return !isCopy && (mark.id === log.base || mark.base === log.base);
}

/**
 * A connection to the file alone, ignoring its log. It locks and creates nothing. A file that was being checkpointed
 * may lack pages that its header already counts, and can still be read.
 */
export function openWithoutLog(file: string): DatabaseSync {
  const address = pathToFileURL(file);
  address.searchParams.set("immutable", "1");
  // The types do not declare `defensive` yet.
  const options = { readOnly: true, defensive: false };
  const database = new DatabaseSync(address, options);
  // Without it SQLite reports such a file as malformed. The connection is read-only, so nothing is written.
  database.exec("PRAGMA writable_schema = ON");
  return database;
}

/** Throws as `readMark` does. */
export function markInFile(file: string): FileMark {
  const database = openWithoutLog(file);
  try {
    return { mark: readMark(database), schemaVersion: schemaVersionOf(database) };
  } finally {
    database.close();
  }
}
