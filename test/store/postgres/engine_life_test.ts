/** How the connection that writes begins, survives its server, and ends. */
import assert from "node:assert/strict";
import { systemClock } from "../../../src/clock.ts";
import { Engine } from "../../../src/store/postgres/engine.ts";
import { DatabaseAway } from "../../../src/store/postgres/trouble.ts";
import { UserError } from "../../../src/user_error.ts";
import { databaseWithNotes, HeardEngine, nameOf, note, notesIn } from "../../support/engine_under_test.ts";
import { FaultyLink } from "../../support/faulty_link.ts";
import { startPostgres, testWithPostgres } from "../../support/postgres.ts";

/** Asserts that the database is refused with such a sentence, without its password. */
async function refused(address: string, sentence: RegExp): Promise<void> {
  const opening = Engine.open({ address, machine: "studio-1", durability: "full", clock: systemClock });
  await assert.rejects(opening, (error: Error) => {
    assert.ok(error instanceof UserError, String(error.stack));
    assert.match(error.message, sentence);
    assert.doesNotMatch(error.message, /s3cret/);
    return true;
  });
}

testWithPostgres(
  "A killed server gets, when it runs again, what it had not committed, and nothing twice",
  async () => {
    await using server = await startPostgres();
    const address = await databaseWithNotes(server);
    await using heard = await HeardEngine.open({ address, durability: "full" });
    const { engine } = heard;
    await engine.take("ana");
    let id = 0;
    const acknowledged: number[] = [];
    const writes: Promise<unknown>[] = [];
    for (let round = 0; round < 2; round++) {
      const backAgain = heard.hears("back");
      for (let count = 0; count < 200; count++) {
        const own = ++id;
        writes.push(engine.transact([note(own, `${own}`)], "ana").then(() => acknowledged.push(own)));
      }
      await writes.at(-150);
      await server.kill();
      await server.restart();
      await backAgain;
    }
    await Promise.all(writes);
    const all = Array.from({ length: id }, (_, index) => index + 1);
    assert.deepEqual(acknowledged, all);
    assert.deepEqual(await notesIn(server, address), all.map(String));
    assert.deepEqual([...engine.rooms], ["ana"]);
  },
);

testWithPostgres("A server that stops in order is told by its own words", async () => {
  await using server = await startPostgres();
  const address = await databaseWithNotes(server);
  await using heard = await HeardEngine.open({ address });
  const isAway = heard.hears("away: The PostgreSQL server is starting or stopping");
  await server.stop();
  await isAway;
  const isBack = heard.hears("back");
  await server.restart();
  await isBack;
  await heard.engine.transact([note(1, "a")]);
});

const pooler = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].find(isThere);
const poolerName = "A connection pooler is refused, because it shares connections";

if (pooler === undefined) {
  Deno.test.ignore(`${poolerName} (there is no PgBouncer: install pgbouncer)`, () => {});
} else {
  testWithPostgres(poolerName, async (server) => {
    const address = await databaseWithNotes(server);
    for (const mode of ["transaction", "session"]) {
      await using pool = await startPooler(pooler, { address, mode });
      await refused(pool.address, /is a connection pooler/);
    }
  });
}

/** Passes connections on to the database, by a user with a password. */
async function startPooler(program: string, { address, mode }: { address: string; mode: string }) {
  const folder = await Deno.makeTempDir();
  const { hostname, port, username } = new URL(address);
  const poolPort = freePort();
  await Deno.writeTextFile(
    `${folder}/pool.ini`,
    `[databases]
      * = host=${hostname} port=${port} user=${username}
      [pgbouncer]
      listen_addr = 127.0.0.1
      listen_port = ${poolPort}
      unix_socket_dir =
      auth_type = any
      pool_mode = ${mode}`.replaceAll(/^ +/gm, ""),
  );
  await Deno.chmod(folder, 0o755);
  // It refuses to run as root.
  const args = [...(Deno.uid() === 0 ? ["-u", "nobody"] : []), `${folder}/pool.ini`];
  const pool = new Deno.Command(program, { args, stdout: "null", stderr: "null" }).spawn();
  await listening(poolPort);
  return {
    address: `postgres://ana:s3cret@127.0.0.1:${poolPort}/${nameOf(address)}`,
    async [Symbol.asyncDispose]() {
      pool.kill("SIGKILL");
      await pool.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

function freePort(): number {
  using listener = Deno.listen({ port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

testWithPostgres(
  "A standby is refused, and a database that is read-only or has another encoding",
  async () => {
    await using server = await startPostgres();
    await server.psql("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    await refused(server.address("latin"), /keeps text as LATIN1/);
    const address = await server.createDatabase();
    await server.psql(`ALTER DATABASE ${nameOf(address)} SET default_transaction_read_only = on`);
    await refused(address, /is read-only for bench/);
    await server.psql("COPY (SELECT 1) TO PROGRAM 'cat > standby.signal'");
    await server.stop();
    await server.restart();
    await refused(server.address(), /is a standby server/);
  },
);

testWithPostgres(
  "A user who may not create the tables is told what to run, and may use those that are there",
  async (server) => {
    const address = await server.createDatabase();
    await server.psql(
      "CREATE ROLE guest LOGIN PASSWORD 's3cret'; REVOKE CREATE ON SCHEMA public FROM PUBLIC",
      nameOf(address),
    );
    const guest = address.replace("//bench", "//guest:s3cret");
    await refused(guest, /GRANT CREATE, USAGE ON SCHEMA public TO guest/);
    await (await HeardEngine.open({ address })).engine.close(1000);
    await refused(guest, /lacks a right on Livecue's tables/);
    await server.psql("GRANT ALL ON ALL TABLES IN SCHEMA public TO guest", nameOf(address));
    await (await HeardEngine.open({ address: guest })).engine.close(1000);
  },
);

testWithPostgres("The sessions say whose they are, and the settings that find dead ones", async (server) => {
  const address = await server.createDatabase();
  await using heard = await HeardEngine.open({ address, machine: "studio-7", durability: "full" });
  const names = [
    "tcp_keepalives_idle",
    "tcp_keepalives_interval",
    "tcp_keepalives_count",
    "tcp_user_timeout",
  ];
  const shown = [...names, "synchronous_commit", "statement_timeout", "application_name"];
  const outcomes = await heard.engine.transact(shown.map((name) => ({ text: `SHOW ${name}` })));
  const values = outcomes?.map(({ rows }) => rows[0]?.[0]);
  assert.deepEqual(values, ["2", "1", "3", "5000", "on", "0", "livecue studio-7"]);
});

testWithPostgres("A close waits for what is on its way, and frees the rooms", async (server) => {
  const address = await databaseWithNotes(server);
  const heard = await HeardEngine.open({ address });
  await heard.engine.take("ana");
  const writes = [1, 2, 3].map((id) => heard.engine.transact([note(id, "a")], "ana"));
  await heard.engine.close(5000);
  await Promise.all(writes);
  await heard.engine.close(5000);
  await assert.rejects(heard.engine.transact([note(4, "late")]), DatabaseAway);
  assert.deepEqual(await notesIn(server, address), ["a", "a", "a"]);
  assert.equal(await server.psql("SELECT count(*) FROM machine_run", nameOf(address)), "0");
  await using next = await HeardEngine.open({ address });
  assert.equal(await next.engine.take("ana"), "taken");
  assert.deepEqual(heard.said, []);
});

testWithPostgres("A close takes no longer than its limit, when the database is away", async (server) => {
  const address = await databaseWithNotes(server);
  await using link = await FaultyLink.start({ to: address });
  for (const isNoticed of [false, true]) {
    const heard = await HeardEngine.open({ address: link.address, silenceMs: isNoticed ? 100 : 60_000 });
    await heard.engine.take("ana");
    link.partition();
    const write = heard.engine.transact([note(1, "a")], "ana");
    const rejected = assert.rejects(write, DatabaseAway);
    if (isNoticed) await heard.hears("away");
    const startedAt = systemClock.monotonic();
    await heard.engine.close(200);
    assert.ok(systemClock.monotonic() - startedAt < 1500);
    await rejected;
    link.heal();
  }
});

async function listening(port: number): Promise<void> {
  while (true) {
    try {
      return (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    }
  }
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
