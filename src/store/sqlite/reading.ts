/** Reads an SQLite file, even while another process owns it. */
import type { DatabaseSync } from "node:sqlite";
import { type OpenReader, Reader } from "../reader.ts";
import { says } from "../text_search.ts";
import { findDamage } from "./damage.ts";
import { openForReading, reopenForReading } from "./open.ts";
import { SqliteQuery } from "./query.ts";
import { explained } from "./trouble.ts";

/** Throws a `UserError` if the file does not exist or has another version. */
export function openSqliteReader(path: string): OpenReader {
  return readerOf({ database: openForReading(path), path });
}

/** Of a file that this process has already inspected and opened, for a thread with few permissions. */
export function reopenSqliteReader(file: string): OpenReader {
  return readerOf({ database: reopenForReading(file), path: file });
}

/** Owns the connection from now on, and closes it. */
export function readerOf(
  { database, path }: { database: DatabaseSync; path: string },
): OpenReader {
  const query = new SqliteQuery(database);
  database.function("says", { deterministic: true }, says);
  const of = (streamer: string | null) =>
    new Reader(query, { streamer, findDamage: () => findDamage(database) });
  return {
    query,
    reader: of(null),
    of,
    snapshot(work) {
      database.exec("BEGIN");
      try {
        return work();
      } finally {
        database.exec("COMMIT");
      }
    },
    explained: (error) => explained(path, error),
    close() {
      if (database.isOpen) database.close();
    },
  };
}
