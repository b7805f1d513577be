/**
 * Which write-ahead log belongs to which state of the database file. SQLite replays a log into whatever file of its
 * name it finds: into a backup that was put in its place, too, and destroys it.
 *
 * A row of `config` has an id that changes with each checkpoint, and the id that the file had when its log began. A log
 * belongs to a file whose id is the one it began from, or that has pages of this very log. A mark is sealed where
 * nothing was written after it, so that its id means one state of the file and no earlier one. A copy made by VACUUM or
 * by SQLite's backup has the same marks in other pages, and another version of the schema.
 *
 * Power that is cut in the midst of a checkpoint leaves any mixture of the mark's sectors in the file: all marks are of
 * one length, so that they stand in one place, and have a sum, so that a mixture is known as such.
 */
import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { isSqliteError } from "./trouble.ts";

export interface LogMark {
  id: string;
  /** The id that the file had when the log began; null: it had none. */
  base: string | null;
  isSealed: boolean;
  /** SQLite's count of changes of the tables, in the file's header: what copies a database by its rows changes it. */
  schemaVersion: number;
}

/** What the file itself says, whatever log lies beside it. */
export interface FileMark {
  /** null where it has none. */
  mark: LogMark | null;
  schemaVersion: number;
}

/** `config.meta_key` of the mark. */
const markKey = "write_ahead_log";

export const saveMarkSql = `INSERT INTO config (meta_key, meta_value) VALUES ('${markKey}', ?)
  ON CONFLICT (meta_key) DO UPDATE SET meta_value = excluded.meta_value`;

/** Without the index, whose pages may be of another state where the log does not belong to the file. */
const readMarkSql = `SELECT meta_value FROM config NOT INDEXED WHERE meta_key = '${markKey}'`;

/** What stands in the mark's place is none, or a mixture of two. */
export class TornMarkError extends Error {
  override readonly name = "TornMarkError";
}

/** undefined where SQLite cannot do it, or the mark is torn. */
export function attempt<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof TornMarkError || isSqliteError(error)) return undefined;
    throw error;
  }
}

/** null where the database has none. Throws SQLite's error where it cannot be read, and a `TornMarkError`. */
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

/** As it is stored. */
export function markText({ id, base, isSealed, schemaVersion }: LogMark): string {
  const version = String(schemaVersion).padStart(10, "0");
  return withSum(`${id} ${base ?? noBase} ${isSealed ? "sealed" : "begun "} ${version}`);
}

function parseMark(text: string): LogMark {
  const parts = text.match(/^((\S{36}) (\S{36}) (sealed|begun ) (\d{10})) \S+$/);
  if (parts === null || withSum(parts[1]!) !== text) throw new TornMarkError(`The mark "${text}" is none.`);
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

/** Whether a log with this mark may be replayed into that file; null where the log has none. */
export function mayReplay(log: LogMark | null, { mark, schemaVersion }: FileMark): boolean {
  if (log === null) return mark === null;
  if (mark === null) return log.base === null;
  const isCopy = schemaVersion !== mark.schemaVersion && schemaVersion !== log.schemaVersion;
  return !isCopy && (mark.id === log.base || mark.base === log.base);
}

/**
 * A connection to the file as it is, whatever log lies beside it. Nothing is locked or made by it. A file whose log was
 * being taken back may lack pages that it counts already: it can be read all the same.
 */
export function openWithoutLog(file: string): DatabaseSync {
  const address = pathToFileURL(file);
  address.searchParams.set("immutable", "1");
  // `defensive` is not among the declared options yet.
  const options = { readOnly: true, defensive: false };
  const database = new DatabaseSync(address, options);
  // Without it SQLite calls such a file broken. Nothing is written: the connection only reads.
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
