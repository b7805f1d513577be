/** What a PostgreSQL server must be, so that Livecue can own a part of a database there. */
import { t } from "../../language.ts";
import { UserError } from "../../user_error.ts";
import { databaseShown } from "../../database_address.ts";
import type { Client } from "./connection.ts";

const oldestVersion = 130_000;

const look =
  `SELECT current_setting('server_version_num'), current_setting('server_version'), pg_is_in_recovery(),
    current_setting('transaction_read_only'), pg_backend_pid(), current_setting('server_encoding'),
    current_database(), current_user, current_schema(),
    current_schema() IS NOT NULL AND has_schema_privilege(current_schema(), 'CREATE'),
    to_regclass('machine_run') IS NOT NULL,
    EXISTS (SELECT 1 FROM pg_namespace
      WHERE quote_ident(nspname) = ANY (regexp_split_to_array(current_setting('search_path'), '\\s*,\\s*')))`;

/** Throws a `UserError` that says what to do. */
export async function checkServer(client: Client, address: string): Promise<void> {
  const { rows } = await client.query<(string | number)[]>({ text: look, rowMode: "array" });
  const [version, versionName, isStandby, isReadOnly, backend, encoding, database, user, ...rights] =
    rows[0] as (string | number)[];
  const shown = databaseShown(address);
  const refuse = (sentence: string) => new UserError(sentence);
  if (Number(version) < oldestVersion) {
    throw refuse(t`${shown} is PostgreSQL ${versionName}. Livecue needs version 13 or newer.`);
  }
  // A pooler answers with a number of its own, and gives the server's connections to others in between.
  if (backend !== client.processID) {
    throw refuse(
      t`${shown} is a connection pooler, such as PgBouncer. Livecue's lock belongs to its own connection, so give the address of PostgreSQL itself.`,
    );
  }
  if (isStandby === 1) {
    throw refuse(
      t`${shown} is a standby server, which is read-only. Give the address of the primary server.`,
    );
  }
  if (isReadOnly === "on") {
    throw refuse(
      t`The database ${database} is read-only for ${user}. Change default_transaction_read_only of the database or of the user to off.`,
    );
  }
  if (encoding !== "UTF8") {
    throw refuse(
      t`The database ${database} keeps text as ${encoding}, which has no room for the names and comments of all viewers. Create one with: createdb --encoding=UTF8 --template=template0 NAME`,
    );
  }
  const [schema, mayCreate, has, hasSchema] = rights;
  // Where the search_path names no schema at all, bringing the tables up to date says so.
  if (has === 0 && mayCreate === 0 && hasSchema === 1) {
    throw refuse(
      t`${user} may not create tables in the database ${database}. Have its owner run: GRANT CREATE, USAGE ON SCHEMA ${
        schema ?? "public"
      } TO ${user}`,
    );
  }
}
