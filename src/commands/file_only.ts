/** Commands that are about the file of a database, and what to do instead if it is in PostgreSQL. */
import { databaseShown, isPostgresAddress } from "../database_address.ts";
import { helpPages } from "../help_page.ts";
import { t } from "../language.ts";
import { UserError } from "../user_error.ts";

/** Throws a `UserError` if the database is in PostgreSQL. `instead`: a sentence, given the address for people. */
export function refusePostgres(database: string, instead: (address: string) => string): void {
  if (!isPostgresAddress(database)) return;
  throw new UserError(instead(databaseShown(database)), { page: helpPages.postgres });
}

export function insteadOfBackup(address: string): string {
  return t`The database is in PostgreSQL, so copy it with PostgreSQL's own program: pg_dump --format=custom --file=FILE "${address}". Files on this machine, such as readings.db and data/, are not in that copy.`;
}

export function insteadOfRestore(address: string): string {
  return t`The database is in PostgreSQL, so restore it with PostgreSQL's own program, while no Livecue runs: pg_restore --clean --if-exists --dbname="${address}" FILE`;
}

export function insteadOfRepair(address: string): string {
  return t`The database is in PostgreSQL (${address}), which repairs itself after a crash. If a disk has damaged it, restore a copy that pg_dump made.`;
}

export function insteadOfReset(address: string): string {
  return t`The database is in PostgreSQL (${address}), so delete it there: with dropdb and createdb, or, if it has other tables too, with DROP SCHEMA. init then creates the tables again.`;
}
