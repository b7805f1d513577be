import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../../../src/clock.ts";
import { type Client, openConnection } from "../../../src/store/postgres/connection.ts";
import { PostgresQuery } from "../../../src/store/postgres/query.ts";
import { checkedVersion, latestVersion, migrate, migrations } from "../../../src/store/postgres/schema.ts";
import { tableNames } from "../../../src/store/postgres/tables.ts";
import { migrate as migrateSqlite } from "../../../src/store/sqlite/schema.ts";
import { UserError } from "../../../src/user_error.ts";
import { type Postgres, testWithPostgres } from "../../support/postgres.ts";

const name = "postgres://host/livecue";

/** Runs `use` with connections to a new database, which are closed in the end. */
async function withDatabase(
  server: Postgres,
  use: (database: { name: string; connect: () => Promise<Client>; run: Run }) => Promise<void>,
): Promise<void> {
  const address = await server.createDatabase();
  const clients: Client[] = [];
  const connect = async () => {
    const client = await openConnection({
      address,
      clock: systemClock,
      applicationName: "test",
      settings: {},
    });
    clients.push(client);
    return client;
  };
  const client = await connect();
  const run: Run = async (text) => (await client.query<Record<string, unknown>>({ text })).rows;
  try {
    await use({ name: new URL(address).pathname.slice(1), connect, run });
  } finally {
    for (const each of clients) await each.end();
  }
}

type Run = (text: string) => Promise<Record<string, unknown>[]>;

testWithPostgres("PostgreSQL has the tables and columns of SQLite, with the same names", async (server) => {
  await withDatabase(server, async ({ connect, run }) => {
    await migrate(await connect(), { name });
    using sqlite = new DatabaseSync(":memory:");
    migrateSqlite(sqlite);
    const expected = sqlite.prepare(
      `SELECT m.name || '.' || c.name || CASE WHEN c."notnull" OR c.pk THEN '' ELSE ' NULL' END AS column
        FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table'`,
    ).all().map(({ column }) => column).sort();
    const columns = await run(
      `SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'NO' THEN '' ELSE ' NULL' END AS column
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name IN
          (${[...tableNames, "streamer"].map((name) => `'${name}'`).join(", ")})`,
    );
    // A file is of one machine.
    const ofMachines = ["streamer.owner_run NULL", "streamer.wanted_machine NULL"];
    const found = columns.map(({ column }) => String(column)).sort();
    assert.deepEqual(found.filter((column) => !ofMachines.includes(column)), expected);
  });
});

testWithPostgres(
  "Two that migrate one database at a time do it once, and each schema has its own tables",
  async (server) => {
    await withDatabase(server, async ({ name: database, connect, run }) => {
      await Promise.all(
        [connect(), connect(), connect()].map(async (client) => await migrate(await client, { name })),
      );
      assert.deepEqual(await run("SELECT * FROM schema_version"), [{
        program: "Livecue",
        version: latestVersion,
      }]);
      await run(`CREATE SCHEMA "Other One"; SET search_path = "Other One"`);
      const other = await connect();
      await other.query({ text: `SET search_path = "Other One"` });
      await migrate(other, { name });
      assert.deepEqual(await run("SELECT count(*) AS count FROM live"), [{ count: 0 }]);
      const address = `${server.address(database)}?options=${
        encodeURIComponent(`-c search_path="Other\\ One"`)
      }`;
      const query = await PostgresQuery.open(address);
      assert.equal(checkedVersion((sql) => query.all(sql), name), latestVersion);
      query.close();
    });
  },
);

testWithPostgres(
  "A migration that fails leaves the tables as they were, and the next start goes on",
  async (server) => {
    await withDatabase(server, async ({ connect, run }) => {
      const client = await connect();
      const steps = [...migrations, ["ALTER TABLE live ADD COLUMN mood TEXT", "SELECT 1 / 0"]];
      await assert.rejects(migrate(client, { name, steps }), /division by zero/);
      assert.deepEqual(await run("SELECT version FROM schema_version"), [{ version: latestVersion }]);
      await migrate(client, { name, steps: [...migrations, ["ALTER TABLE live ADD COLUMN mood TEXT"]] });
      assert.deepEqual(await run("SELECT mood FROM live"), []);
      await assert.rejects(migrate(client, { name }), (error) => {
        assert.ok(error instanceof UserError);
        const versions = `version ${latestVersion + 1}; this Livecue knows version ${latestVersion}`;
        assert.match(error.message, new RegExp(`written by a newer Livecue .*${versions}`));
        return true;
      });
    });
  },
);

testWithPostgres("Tables of another program are refused, and nothing is changed", async (server) => {
  for (const table of ["live (id INT)", "config (name TEXT)", "schema_version (version INT)"]) {
    await withDatabase(server, async ({ connect, run }) => {
      await run(`CREATE TABLE ${table}; CREATE TABLE invoice (id INT)`);
      const refusal = new RegExp(
        `The schema public of ${name} has tables of another program \\(${table.split(" ")[0]}\\)`,
      );
      await assert.rejects(migrate(await connect(), { name }), refusal);
      assert.deepEqual(await run("SELECT count(*) AS count FROM pg_tables WHERE schemaname = 'public'"), [{
        count: 2,
      }]);
    });
  }
  await withDatabase(server, async ({ connect, run }) => {
    await run("CREATE TABLE invoice (id INT)");
    await migrate(await connect(), { name });
    const client = await connect();
    await client.query({ text: "SET search_path = missing" });
    await assert.rejects(migrate(client, { name }), /names no schema that exists/);
  });
});

testWithPostgres("The names that a viewer has used are kept, the first fifty", async (server) => {
  await withDatabase(server, async ({ connect, run }) => {
    await migrate(await connect(), { name });
    await run(
      `INSERT INTO viewer (platform, user_id, unique_id, nickname, first_seen, last_seen, lives, gifts, diamonds,
      comments) VALUES ('tiktok', '7', 'ana', 'Ana', 1, 2, 1, 0, 0, 0)`,
    );
    await run("UPDATE viewer SET nickname = 'Ána', last_seen = 5");
    await run("UPDATE viewer SET nickname = 'Ana', last_seen = 9");
    assert.deepEqual(
      await run("SELECT unique_id, nickname, first_seen FROM viewer_name ORDER BY first_seen"),
      [
        { unique_id: "ana", nickname: "Ana", first_seen: 2 },
        { unique_id: "ana", nickname: "Ána", first_seen: 5 },
      ],
    );
    for (let number = 0; number < 60; number++) await run(`UPDATE viewer SET unique_id = 'ana${number}'`);
    assert.deepEqual(await run("SELECT count(*) AS count FROM viewer_name"), [{ count: 50 }]);
  });
});
