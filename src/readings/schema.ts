/** The readings' database: its tables, and how it is opened. */
import { DatabaseSync } from "node:sqlite";
import type { SourceTime } from "../reading_query.ts";

/** "LCRD" in ASCII, in the file's header. */
export const applicationId = 0x4c435244;

/** Waiting for another program's lock blocks only the readings. */
const busyTimeoutMs = 1_000;

const rollup = `(
  channel_id INTEGER NOT NULL REFERENCES channel (id),
  at INTEGER NOT NULL,
  count INTEGER NOT NULL,
  low REAL NOT NULL,
  high REAL NOT NULL,
  sum REAL,
  first REAL NOT NULL,
  last REAL NOT NULL,
  PRIMARY KEY (channel_id, at)
) STRICT, WITHOUT ROWID`;

/** Ordered migrations, counted by `PRAGMA user_version`. Never change a released one: add another. */
const migrations: readonly (readonly string[])[] = [[
  `PRAGMA application_id = ${applicationId}`,
  `CREATE TABLE channel (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    item TEXT NOT NULL,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    UNIQUE (source, item)
  ) STRICT`,
  `CREATE TABLE reading (
    channel_id INTEGER NOT NULL REFERENCES channel (id),
    at INTEGER NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (channel_id, at, value)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE reading_rollup_1m ${rollup}`,
  `CREATE TABLE reading_rollup_1h ${rollup}`,
  `CREATE TABLE reading_chunk (
    id INTEGER PRIMARY KEY,
    channel_id INTEGER NOT NULL REFERENCES channel (id),
    from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL,
    count INTEGER NOT NULL,
    data BLOB NOT NULL
  ) STRICT`,
  `CREATE INDEX reading_chunk_time ON reading_chunk (channel_id, from_at)`,
  `CREATE TABLE watermark (
    channel_id INTEGER PRIMARY KEY REFERENCES channel (id),
    packed_to INTEGER NOT NULL
  ) STRICT`,
], [
  // Readings that detectors do not use: they came after detectors had judged their time, or far ahead of their time.
  `CREATE TABLE overtaken_reading (
    channel_id INTEGER NOT NULL REFERENCES channel (id),
    at INTEGER NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (channel_id, at, value)
  ) STRICT, WITHOUT ROWID`,
], [
  // The time of each source. It may be before that of its newest reading, which may be wrong.
  `CREATE TABLE source_time (
    source TEXT PRIMARY KEY,
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`,
  `INSERT INTO source_time (source, at) SELECT source, max(at) FROM (
    SELECT source, (SELECT max(at) FROM reading WHERE channel_id = id) AS at FROM channel UNION ALL
    SELECT source, (SELECT max(at) FROM reading_rollup_1h WHERE channel_id = id) AS at FROM channel
  ) GROUP BY source HAVING max(at) IS NOT NULL`,
], [
  // How often the time of a source has gone back, and where to the last time.
  "ALTER TABLE source_time ADD COLUMN set_backs INTEGER NOT NULL DEFAULT 0",
  "ALTER TABLE source_time ADD COLUMN set_back_to INTEGER NOT NULL DEFAULT 0",
]];

const moveAway = "Move it away: Livecue then creates a new one";

/** The file is no database of readings that can be used. The message is a clause about the file, with what to do. */
export class WrongFileError extends Error {
  override readonly name = "WrongFileError";
}

/** Opens the database for writing, and creates or migrates it. Throws a `WrongFileError`, or SQLite's error. */
export function openReadings(file: string, durability: "normal" | "full"): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs });
  try {
    const version = checkedVersion(database);
    // Only has an effect before the first table is created.
    if (version === 0) database.exec("PRAGMA auto_vacuum = INCREMENTAL");
    database.exec("PRAGMA journal_mode = WAL");
    database.exec(`PRAGMA synchronous = ${durability === "full" ? "FULL" : "NORMAL"}`);
    database.exec("PRAGMA journal_size_limit = 67108864");
    for (const [index, statements] of migrations.slice(version).entries()) {
      inTransaction(database, () => {
        for (const statement of statements) database.exec(statement);
        database.exec(`PRAGMA user_version = ${version + index + 1}`);
      });
    }
    // A read-only file fails only at the first write.
    inTransaction(database, () => database.exec(`PRAGMA application_id = ${applicationId}`));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Opens an existing database for reading. Throws like `openReadings`. */
export function openForReading(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { readOnly: true, timeout: busyTimeoutMs });
  try {
    if (checkedVersion(database) < migrations.length) {
      throw new WrongFileError(
        "was not brought up to date by this Livecue yet. That happens when the next readings come",
      );
    }
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function checkedVersion(database: DatabaseSync): number {
  const version = numberOf(database, "user_version");
  const id = numberOf(database, "application_id");
  const tableCount = Number(database.prepare("SELECT count(*) AS count FROM sqlite_schema").get()?.count);
  const isNew = id === 0 && version === 0 && tableCount === 0;
  if (id !== applicationId && !isNew) throw new WrongFileError(`is not a database of readings. ${moveAway}`);
  if (version > migrations.length) {
    throw new WrongFileError("was made by a newer Livecue. Update this one, or move the file away");
  }
  return version;
}

/** The times of all sources, by source. */
export function timesIn(database: DatabaseSync): SourceTime[] {
  const rows = database.prepare("SELECT source, at, set_backs, set_back_to FROM source_time ORDER BY source")
    .all();
  return (rows as { source: string; at: number; set_backs: number; set_back_to: number }[])
    .map(({ source, at, set_backs: count, set_back_to: to }) => ({
      source,
      at,
      ...(count > 0 ? { setBack: { count, to } } : {}),
    }));
}

/** Commits what `work` writes, or nothing if it throws. */
export function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // SQLite has already rolled back after some errors, as when the disk is full.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** The value of a PRAGMA that has one number. */
export function numberOf(database: DatabaseSync, pragma: string): number {
  return Number(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
}
