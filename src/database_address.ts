/** Where a database is: the path of a file, or an address of PostgreSQL, as "postgres://livecue@db.example.com/show". */
import { dirname, join, resolve } from "node:path";

/** Whether this names a PostgreSQL database rather than a file. */
export function isPostgresAddress(text: string): boolean {
  return /^postgres(ql)?:\/\//i.test(text);
}

/** Whether it is neither: another kind of address. */
export function isOtherAddress(text: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(text) && !isPostgresAddress(text);
}

/** The database that a person has named, with a path that starts in this folder. */
export function databaseAt(named: string, folder: string): string {
  return isPostgresAddress(named) ? named : resolve(folder, named);
}

/** The database for people: an address without passwords, also if it is not valid. */
export function databaseShown(database: string): string {
  if (!isPostgresAddress(database)) return database;
  const url = URL.parse(database);
  // A password may have an @ that is not escaped, so everything up to the last one is left out.
  if (url === null) return database.replace(/\/\/.*@/s, "//").replace(/\?.*$/s, "");
  if (url.password !== "") url.password = "***";
  for (const name of url.searchParams.keys()) {
    if (/password/i.test(name)) url.searchParams.set(name, "***");
  }
  return url.href;
}

/**
 * The path beside which this machine keeps readings and rehearsals. With PostgreSQL, it is next to the config, and there
 * need not be such a file.
 */
export function localDatabase({ database, path }: { database: string; path: string }): string {
  return isPostgresAddress(database) ? join(dirname(path), "livecue.db") : database;
}
