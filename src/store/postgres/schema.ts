/**
 * The tables in PostgreSQL, as ordered migrations. They are in the first schema of the connection's search_path, so that
 * a database may have several. The table `schema_version` counts the applied migrations, and identifies the schema as
 * Livecue's. Never change a released migration: add another.
 */
import { helpPages } from "../../help_page.ts";
import { t } from "../../language.ts";
import { UserError } from "../../user_error.ts";
import type { SqlValue } from "../query.ts";
import type { Client } from "./connection.ts";
import { functions } from "./functions.ts";
import { tableNames, tables } from "./tables.ts";
import { watchTables } from "./watch_tables.ts";

type Migration = readonly string[];

/** The tables that the writing connection itself needs. */
export const engineTables: readonly string[] = [
  // A run of Livecue on a machine. Each batch moves `batch` on by one, in its own transaction.
  `CREATE TABLE IF NOT EXISTS machine_run (
    id BIGINT PRIMARY KEY,
    machine TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    batch BIGINT NOT NULL DEFAULT 0,
    keeps_rooms BIGINT NOT NULL DEFAULT 0
  ) WITH (fillfactor = 50)`,
  // The rooms. `machine` is the one that has or had the room, `wanted_machine` the one to which a person moves it.
  `CREATE TABLE IF NOT EXISTS streamer (
    name TEXT PRIMARY KEY,
    owner_run BIGINT,
    machine TEXT,
    taken_at BIGINT,
    added_at BIGINT,
    removed_at BIGINT,
    wanted_machine TEXT
  )`,
  // The machines that run services for others. Whoever reads the token may hand them work.
  `CREATE TABLE IF NOT EXISTS host (
    name TEXT PRIMARY KEY,
    address TEXT NOT NULL,
    token TEXT NOT NULL,
    services TEXT NOT NULL,
    seen_at BIGINT NOT NULL
  )`,
  // When the next connection may be made, for all machines together.
  `CREATE TABLE IF NOT EXISTS pace (
    name TEXT PRIMARY KEY,
    next_at BIGINT NOT NULL
  )`,
  // Ids are given to machines in blocks. `next` is the first id that nobody has.
  `CREATE TABLE IF NOT EXISTS id_block (
    name TEXT PRIMARY KEY,
    next BIGINT NOT NULL
  )`,
];

const versionTable = `CREATE TABLE schema_version (
    program TEXT PRIMARY KEY CHECK (program = 'Livecue'),
    version BIGINT NOT NULL
  )`;

const firstTables: Migration = [
  versionTable,
  "INSERT INTO schema_version VALUES ('Livecue', 0)",
  ...functions,
  ...engineTables,
  ...tables,
];

export const migrations: readonly Migration[] = [firstTables, watchTables];

/** The version that this Livecue reads and writes. */
export const latestVersion = migrations.length;

/** What `checkedVersion` has to know, as rows. */
interface Inspected {
  /** null: the search_path names no schema that exists. */
  schema: string | null;
  /** The columns of a table `schema_version`, and the names of tables that are as Livecue's, in order. */
  found: string | null;
}

const inspection = `SELECT current_schema() AS schema, (
    SELECT string_agg(relname || CASE WHEN relname = 'schema_version' THEN coalesce((
        SELECT ':' || string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute
          WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
      ), '') ELSE '' END, ' ' ORDER BY relname)
    FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND relkind IN ('r', 'p', 'v', 'm', 'f')
      AND relname IN (${["schema_version", ...tableNames].map((name) => `'${name}'`).join(", ")})
  ) AS found`;
const ownVersion = "schema_version:program,version";

/** Reads rows, at once or later. */
type Ask<Answer> = (sql: string, ...values: SqlValue[]) => Answer;

/**
 * The version of the tables; 0 if there are none yet. Only reads. Throws a `UserError` if there are tables of another
 * program or of a newer Livecue. `name`: of the database, for people.
 */
export function checkedVersion(ask: Ask<unknown[]>, name: string): number {
  return isOwn(ask(inspection)[0] as Inspected, name) ? versionOf(ask(versionQuery), name) : 0;
}

const versionQuery = "SELECT version FROM schema_version WHERE program = 'Livecue'";

/** Whether there is a table with a version of Livecue's. */
function isOwn({ schema, found }: Inspected, name: string): boolean {
  if (schema === null) {
    throw new UserError(
      t`The search_path of ${name} names no schema that exists. Create the schema, or correct the search_path.`,
      { page: helpPages.postgres },
    );
  }
  if (found === null) return false;
  if (found.split(" ").includes(ownVersion)) return true;
  throw new UserError(
    t`The schema ${schema} of ${name} has tables of another program (${
      found.replace(/:[^ ]*/, "").replaceAll(" ", ", ")
    }). Name another database, or a schema of its own in the search_path.`,
    { page: helpPages.postgres },
  );
}

function versionOf(rows: readonly unknown[], name: string, newest = latestVersion): number {
  const { version } = (rows[0] ?? { version: 0 }) as { version: number };
  if (version <= newest) return version;
  throw new UserError(
    t`${name} was written by a newer Livecue (its tables have version ${version}; this Livecue knows version ${newest}). Update Livecue, or name another database.`,
  );
}

/** As `checkedVersion`, over an open connection. */
export async function checkedTables(client: Client, name: string): Promise<number> {
  const rowsOf = async (text: string) => (await client.query<object>({ text })).rows;
  const [inspected] = await rowsOf(inspection) as unknown as [Inspected];
  return isOwn(inspected, name) ? versionOf(await rowsOf(versionQuery), name) : 0;
}

/** Two that migrate the same schema wait for each other. The first number is "LCUE" in ASCII. */
const lock = "SELECT pg_advisory_xact_lock(1279481157, hashtext(current_schema()))";

export interface MigrateOptions {
  /** Names the database for people. */
  name: string;
  steps?: readonly Migration[];
}

/**
 * Creates the tables, or brings them up to date. Each step runs in its own transaction, which also sets the version.
 * Throws a `UserError` as `checkedVersion`, and the server's errors.
 */
export async function migrate(client: Client, options: MigrateOptions): Promise<void> {
  const { name, steps = migrations } = options;
  const rowsOf = async (text: string) => (await client.query<object>({ text })).rows;
  const run = async (text: string) => void await client.query({ text });
  for (let isDone = false; !isDone;) {
    await run("BEGIN");
    try {
      // A large database may take another machine minutes.
      await run("SET LOCAL lock_timeout = 0");
      // Before the first table is looked for, and from then on until this step is committed.
      await run(lock);
      const [inspected] = await rowsOf(inspection) as unknown as [Inspected];
      const version = isOwn(inspected, name) ? versionOf(await rowsOf(versionQuery), name, steps.length) : 0;
      isDone = version >= steps.length;
      if (!isDone) {
        const setting = `UPDATE schema_version SET version = ${version + 1}`;
        await run([...steps[version] as Migration, setting].join(";\n"));
      }
      await run("COMMIT");
    } catch (error) {
      // If the connection is lost, so is the transaction.
      await run("ROLLBACK").catch(() => {});
      throw error;
    }
  }
}
