/** Copies an SQLite file to PostgreSQL, so that a test can ask both the same. */
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../../src/clock.ts";
import { type Client, openConnection } from "../../src/store/postgres/connection.ts";
import { migrate } from "../../src/store/postgres/schema.ts";
import { tableNames } from "../../src/store/postgres/tables.ts";
import type { Postgres } from "./postgres.ts";

const rowsAtOnce = 5_000;

/** Runs `use` with a connection that is closed in the end. */
export async function withClient<Result>(
  address: string,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = await openConnection({
    address,
    clock: systemClock,
    applicationName: "test",
    settings: {},
  });
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** By server, the name of a database with Livecue's tables, which is copied. */
const models = new WeakMap<Postgres, Promise<string>>();

/** A new database with Livecue's tables. Returns its address. */
export async function createTables(server: Postgres): Promise<string> {
  const model = models.get(server) ?? createModel(server);
  models.set(server, model);
  return await server.createDatabase(await model);
}

async function createModel(server: Postgres): Promise<string> {
  const address = await server.createDatabase();
  await withClient(address, (client) => migrate(client, { name: address }));
  return new URL(address).pathname.slice(1);
}

/** A new database with the rows of a file. Returns its address. */
export async function copyToPostgres(server: Postgres, path: string): Promise<string> {
  const address = await createTables(server);
  using database = new DatabaseSync(path, { readOnly: true });
  await withClient(address, async (client) => {
    // The rows fit one another already, and the names that viewers had are among them.
    await client.query({ text: "SET session_replication_role = replica" });
    for (const table of tableNames) {
      await client.query({ text: `DELETE FROM ${table}` });
      const statement = database.prepare(`SELECT * FROM ${table}`);
      statement.setReadBigInts(true);
      const rows = statement.iterate();
      for (let chunk = take(rows); chunk.length > 0; chunk = take(rows)) {
        const json = JSON.stringify(chunk, (_, value) => typeof value === "bigint" ? String(value) : value);
        const text = `INSERT INTO ${table} SELECT * FROM json_populate_recordset(NULL::${table}, $1)`;
        await client.query({ text, values: [json] });
      }
    }
    await client.query({ text: "ANALYZE" });
  });
  return address;
}

function take(rows: Iterator<unknown>): unknown[] {
  const taken: unknown[] = [];
  while (taken.length < rowsAtOnce) {
    const { done, value } = rows.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}
