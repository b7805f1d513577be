import assert from "node:assert/strict";
// @ts-types="@types/pg"
import pg from "pg";
import { startPostgres, testWithPostgres } from "./postgres.ts";

/** Rows by npm:pg over one connection. */
async function rowsOf(address: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

testWithPostgres(
  "each database of a test's PostgreSQL is new and empty, and its text is Unicode",
  async (server) => {
    const [one, other] = [await server.createDatabase(), await server.createDatabase()];
    await rowsOf(one, "CREATE TABLE song AS SELECT 'Señorita 💃'::text AS title");
    assert.deepEqual(await rowsOf(one, "SELECT title FROM song"), [{ title: "Señorita 💃" }]);
    await assert.rejects(rowsOf(other, "SELECT title FROM song"), /relation "song" does not exist/);
  },
);

testWithPostgres("psql returns lines, and throws what the server says", async (server) => {
  assert.equal(await server.psql("SELECT n, n * n FROM generate_series(1, 2) AS n"), "1|1\n2|4");
  await assert.rejects(server.psql("SELECT 1 / 0"), /division by zero/);
});

testWithPostgres(
  "PostgreSQL loses its open transactions when it is killed, and has the others when it starts again",
  async () => {
    await using server = await startPostgres({ fsync: true, settings: { max_connections: "7" } });
    assert.equal(await server.psql("SHOW fsync; SHOW max_connections"), "on\n7");
    const address = await server.createDatabase();
    await rowsOf(address, "CREATE TABLE song (title text); INSERT INTO song VALUES ('committed')");
    const client = new pg.Client({ connectionString: address });
    const broken = Promise.withResolvers<Error>();
    client.on("error", broken.resolve);
    await client.connect();
    await client.query("BEGIN; INSERT INTO song VALUES ('open')");
    await server.kill();
    assert.match((await broken.promise).message, /terminated unexpectedly/);
    await assert.rejects(rowsOf(address, "SELECT 1"), /ECONNREFUSED/);
    await server.restart();
    assert.deepEqual(await rowsOf(address, "SELECT title FROM song"), [{ title: "committed" }]);
    await server.stop();
    await assert.rejects(rowsOf(address, "SELECT 1"), /ECONNREFUSED/);
  },
);

testWithPostgres(
  "a replica follows and only reads; detached and promoted it has what it had, and writes",
  async () => {
    await using server = await startPostgres();
    const address = await server.createDatabase();
    const name = new URL(address).pathname.slice(1);
    await server.psql("CREATE TABLE song (title text); INSERT INTO song VALUES ('copied')", name);
    await using replica = await server.startReplica();
    await server.psql("INSERT INTO song VALUES ('followed')", name);
    await replica.catchUp(server);
    assert.equal(await replica.psql("SELECT title FROM song", name), "copied\nfollowed");
    await assert.rejects(replica.psql("INSERT INTO song VALUES ('refused')", name), /read-only transaction/);
    await replica.detach();
    await server.psql("INSERT INTO song VALUES ('missed')", name);
    await replica.promote();
    await replica.psql("INSERT INTO song VALUES ('later')", name);
    assert.equal(await replica.psql("SELECT title FROM song", name), "copied\nfollowed\nlater");
  },
);
