/** Every command with a database in PostgreSQL, as a person uses it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Ended,
  livecue,
  startLivecue,
  startProgram,
  startProgramWith,
  writeConfig,
} from "../support/livecue.ts";
import { type Postgres, startPostgres, testWithPostgres } from "../support/postgres.ts";
import { withFolder } from "../support/temporary_store.ts";

const calm = fileURLToPath(new URL("../data/calm.jsonl", import.meta.url));
const replay = ["start", "--source", `replay:${calm}`, "--speed", "max"];
const comments = 23;

/** The viewer whom others may resemble. */
const turbo = "6900000000000000002";

/** Completes comments, and fails at gifts. */
const greeter = `import { BaseQueueService, type LiveEvent } from "livecue/service";
export default class Greeter extends BaseQueueService {
  override processEvent(event: LiveEvent): boolean {
    if (event.type === "GiftEvent") throw new Error("no gifts today");
    return true;
  }
}`;

const services = {
  greeter: {
    service_class: "./greeter.ts",
    max_queue_size: 1000,
    subscriptions: { CommentEvent: {}, GiftEvent: {} },
  },
};

function prepare(folder: string, database: string): void {
  writeConfig(folder, { services, database });
  Deno.writeTextFileSync(join(folder, "greeter.ts"), greeter);
}

/** A folder whose config names a new database, after a replay into it. */
async function withReplay(
  server: Postgres,
  use: (folder: string, address: string) => Promise<void>,
): Promise<void> {
  const address = await server.createDatabase();
  await withFolder(async (folder) => {
    prepare(folder, address);
    await succeed(folder, ...replay, "--database", address);
    await use(folder, address);
  });
}

async function succeed(folder: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await livecue(folder, ...args);
  assert.equal(code, 0, `${args.join(" ")}:\n${stdout}${stderr}`);
  return stdout;
}

async function refused(folder: string, sentence: RegExp, ...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await livecue(folder, ...args);
  const saysMore = ["init", "prune"].includes(args[0] as string);
  assert.deepEqual(
    { code, stdout: saysMore ? "" : stdout },
    { code: 2, stdout: "" },
    args.join(" ") + stderr,
  );
  assert.match(stderr, sentence);
  assert.match(stderr, /^[^\n]+\n$/);
}

/** Ids differ, because PostgreSQL's are given in blocks, and so do the times of the two runs. */
const ownKeys = /^(id|.*Id|.*[aA]t|durationMs|lengthMs|causedBy)$/;

function withoutOwn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutOwn);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).filter(([key]) => !ownKeys.test(key));
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutOwn(inner)]));
}

testWithPostgres(
  "What the commands show of a live is the same in PostgreSQL as in SQLite",
  async (server) => {
    await withReplay(server, async (folder, address) => {
      await succeed(folder, ...replay, "--database", "livecue.db");
      const both = async (...args: string[]) =>
        [
          await succeed(folder, ...args, "--database", address),
          await succeed(folder, ...args, "--database", "livecue.db"),
        ] as const;
      for (
        const args of [
          ["sessions"],
          ["events", "--limit", "1000"],
          ["events", "--type", "gift,like", "--limit", "7"],
          ["events", "--text", "hello"],
          ["queue", "--limit", "1000"],
          ["queue", "--status", "failed"],
          ["gifts", "--sort", "diamonds"],
          ["viewers", "--top", "100"],
          ["viewers", "--search", "soren"],
          ["viewer", "salty.otter6"],
          ["report"],
        ]
      ) {
        const [here, there] = (await both(...args, "--json")).map((text) => withoutOwn(JSON.parse(text)));
        assert.deepEqual(here, there, args.join(" "));
        assert.ok(JSON.stringify(here).length > 50, args.join(" "));
      }
      const ids = (await both("sessions", "--json")).map((text) => String(JSON.parse(text)[0].id));
      const tables = ids.map(async (id, index) => {
        const database = ["--database", index === 0 ? address : "livecue.db"];
        assert.match(await succeed(folder, "export", id, `${index}.jsonl`, ...database), /: 179 events\./);
        await succeed(folder, "export", id, `${index}.csv`, ...database);
        return Deno.readTextFileSync(join(folder, `${index}.csv`)).split("\n").map((line) =>
          line.replace(/^\d+,\d+,/, "")
        );
      });
      const [here, there] = await Promise.all(tables);
      assert.deepEqual(here, there);
      assert.match(await succeed(folder, "report", "--html"), /quiet_garden/);
      assert.match(await succeed(folder, "report", "--csv"), /quiet_garden/);
    });
  },
);

testWithPostgres(
  "A run into PostgreSQL ends with its brief, and init and retry work there",
  async (server) => {
    const address = await server.createDatabase();
    await withFolder(async (folder) => {
      prepare(folder, address);
      await refused(folder, /has no tables yet/, "sessions");
      assert.match(
        await succeed(folder, "init"),
        /127\.0\.0\.1:\d+\/test_\d+ is ready\. Active services: greeter\./,
      );
      const stdout = await succeed(folder, ...replay, "--database", address);
      assert.match(stdout, new RegExp(`greeter: 0 pending, ${comments} done, [1-9]\\d* failed`));
      assert.match(stdout, /Session (\d+): .*highest 60 viewers/);
      assert.match(stdout, /The whole report: deno task livecue report \d+\n$/);
      assert.match(
        await succeed(folder, "retry", "--service", "greeter", "--failed"),
        /^[1-9]\d* items put back/,
      );
      const pending = JSON.parse(await succeed(folder, "queue", "--status", "pending", "--json"));
      assert.ok(pending.length > 0);
      const files = [...Deno.readDirSync(folder)].map(({ name }) => name);
      assert.deepEqual(
        files.filter((name) => !["config.jsonc", "greeter.ts", "livecue.log"].includes(name)),
        [],
      );
    });
  },
);

testWithPostgres("A note and a block are stored in PostgreSQL, also while a live runs", async (server) => {
  await withReplay(server, async (folder, address) => {
    const run = startLivecue(folder, "demo", "--plain", "--rate", "20", "--database", address);
    try {
      await run.line(/joined|liked/);
      await succeed(folder, "viewer", "note", turbo, "the", "cook");
      await succeed(folder, "viewer", "block", turbo);
      assert.match(await succeed(folder, "viewer", turbo), /, blocked\nNote: the cook\n/);
      await succeed(folder, "viewer", "unblock", turbo);
      await succeed(folder, "viewer", "note", turbo);
      assert.doesNotMatch(await succeed(folder, "viewer", turbo), /blocked|cook/);
      const held = new RegExp(`The Livecue on ${Deno.hostname()} is capturing into .*Press R there`);
      await refused(folder, held, "retry", "--service", "greeter", "--failed");
      const doctor = await livecue(folder, "doctor");
      assert.match(doctor.stdout, /! Database: The Livecue on .* is using it\./);
    } finally {
      run.kill("SIGTERM");
      await run.ended;
    }
    assert.match(await succeed(folder, "retry", "--service", "greeter", "--failed"), /items put back/);
  });
});

testWithPostgres("prune deletes old sessions from PostgreSQL after asking", async (server) => {
  await withReplay(server, async (folder, address) => {
    const database = address.slice(address.lastIndexOf("/") + 1);
    await server.psql("UPDATE live_session SET ended_at = ended_at - 86400000 * 3", database);
    const plan = await succeed(folder, "prune", "--keep", "1d", "--dry-run");
    assert.match(plan, /^1 session that ended before .*, 179 events and 43 items would be deleted\./);
    await refused(folder, /prune asks before it deletes/, "prune", "--keep", "1d");
    assert.match(
      await succeed(folder, "prune", "--keep", "1d", "--yes"),
      /\n1 session, 179 events and 43 items were deleted\.\n$/,
    );
    assert.deepEqual(JSON.parse(await succeed(folder, "events", "--json")), []);
    assert.match(
      await succeed(folder, "viewer", turbo),
      /diamonds 190[^]*sessions with this viewer were deleted/,
    );
  });
});

testWithPostgres("Of many rooms, each counts its own viewers once, and is pruned", async (server) => {
  await withReplay(server, async (folder, address) => {
    const database = address.slice(address.lastIndexOf("/") + 1);
    const viewers = async () => {
      const listed = JSON.parse(await succeed(folder, "viewers", "--json"));
      return listed.map(({ userId, diamonds, gifts, lives }: Record<string, unknown>) =>
        [userId, diamonds, gifts, lives].join()
      );
    };
    const before = await viewers();
    await server.psql(
      `INSERT INTO streamer (name, added_at) VALUES ('ana', 1), ('ben', 1);
        UPDATE live SET streamer = 'ana'; UPDATE live_session SET streamer = 'ana';
        UPDATE config SET meta_key = meta_key || ':ana' WHERE meta_key = 'viewers_counted_up_to'`,
      database,
    );
    assert.deepEqual(await viewers(), before);
    await server.psql(
      "DELETE FROM viewer; DELETE FROM config WHERE meta_key = 'viewers_counted_up_to:ana'",
      database,
    );
    assert.deepEqual(await viewers(), before);
    await server.psql("UPDATE live_session SET ended_at = ended_at - 86400000 * 3", database);
    assert.match(
      await succeed(folder, "prune", "--keep", "1d", "--yes"),
      /\n1 session, 179 events .* were deleted\./,
    );
    assert.deepEqual(await viewers(), before);
  });
});

testWithPostgres("Of a viewer who is forgotten on a server, only counts stay", async (server) => {
  await withReplay(server, async (folder, address) => {
    const dump = async () => {
      const database = address.slice(address.lastIndexOf("/") + 1);
      const tables = ["live_event", "live_giver", "viewer", "viewer_name", "viewer_mark", "event_queue"];
      const rows = tables.map((table) => server.psql(`SELECT * FROM ${table}`, database));
      return (await Promise.all(rows)).join("\n");
    };
    await succeed(folder, "viewer", "note", turbo, "the", "cook");
    const before = await dump();
    for (const trace of [turbo, "Mr. Pickle", "turbo.otter2", "the cook"]) {
      assert.ok(before.includes(trace), trace);
    }

    const running = startLivecue(folder, "demo", "--plain", "--database", address);
    await running.line(/joined|liked/);
    const held = new RegExp(`The Livecue on ${Deno.hostname()} uses .*Stop it there first`);
    await succeed(folder, "viewer", turbo);
    const { code, stderr } = await livecue(folder, "viewer", "forget", turbo, "--yes");
    running.kill("SIGTERM");
    await running.ended;
    assert.equal(code, 2);
    assert.match(stderr, held);

    const gifts = JSON.parse(await succeed(folder, "gifts", "--json"));
    const said = await succeed(folder, "viewer", "forget", turbo, "--yes");
    assert.match(said, /^The viewer is forgotten: [1-9]\d* events have no name/);
    const after = await dump();
    for (const trace of [turbo, "the cook"]) assert.ok(!after.includes(trace), trace);
    assert.deepEqual(JSON.parse(await succeed(folder, "gifts", "--json")), gifts);
    const viewers = JSON.parse(await succeed(folder, "viewers", "--top", "100", "--json"));
    const left = viewers.filter(({ userId }: { userId: string }) => userId.startsWith("forgotten-"));
    assert.equal(left.length, 1);
    assert.deepEqual([left[0].nickname, left[0].uniqueId, left[0].diamonds], ["", "", 190]);
    await refused(folder, /No viewer has or had the name/, "viewer", turbo);
  });
});

testWithPostgres("Commands that only read work on a standby, and others say that it is one", async () => {
  await using server = await startPostgres();
  await withReplay(server, async (folder, address) => {
    await using standby = await server.startReplica();
    await standby.catchUp(server);
    const there = ["--database", standby.address(address.slice(address.lastIndexOf("/") + 1))];
    assert.match(await succeed(folder, "sessions", ...there), /quiet_garden/);
    assert.match(await succeed(folder, "viewers", ...there), /Mr\. Pickle/);
    for (
      const args of [["init"], ["viewer", "block", turbo], ["retry", "--service", "greeter", "--failed"]]
    ) {
      await refused(folder, /is a standby server, which is read-only/, ...args, ...there);
    }
    const { stdout } = await livecue(folder, "doctor", ...there);
    assert.match(stdout, /✗ Database: .* is a standby server/);
  });
});

testWithPostgres("A schema of its own for each show keeps them apart in one database", async (server) => {
  const address = await server.createDatabase();
  const database = address.slice(address.lastIndexOf("/") + 1);
  await withFolder(async (folder) => {
    prepare(folder, address);
    const shows = ["friday", "sunday"].map((name) => `${address}?options=-csearch_path%3D${name}`);
    await refused(folder, /names no schema that exists/, "init", "--database", shows[0]!);
    for (const name of ["friday", "sunday"]) await server.psql(`CREATE SCHEMA ${name}`, database);
    await succeed(folder, ...replay, "--database", shows[0]!);
    await succeed(folder, "init", "--database", shows[1]!);
    assert.match(await succeed(folder, "sessions", "--database", shows[0]!), /quiet_garden/);
    assert.doesNotMatch(await succeed(folder, "sessions", "--database", shows[1]!), /quiet_garden/);
    await refused(folder, /has no tables yet/, "sessions");
  });
});

testWithPostgres("A rehearsal of a show in PostgreSQL is in a file beside the config", async (server) => {
  const address = await server.createDatabase();
  await withFolder(async (folder) => {
    prepare(folder, address);
    const demo = await startProgram(folder, "demo", "--plain", "--for", "1", "--rate", "50").ended;
    assert.equal(demo.code, 0, demo.stderr);
    assert.match(demo.stdout, /The demo is stored in .*livecue\.demo\.db, separate from your lives\./);
    assert.match(await succeed(folder, "sessions", "--database", "livecue.demo.db"), /demo/);
    await refused(folder, /has no tables yet/, "sessions");
    await refused(folder, /There are no readings: .*[\\/]readings\.db does not exist/, "readings");
  });
});

testWithPostgres("A command that is about a file says what to do instead", async (server) => {
  const address = await server.createDatabase();
  await withFolder(async (folder) => {
    prepare(folder, address);
    await refused(folder, /pg_dump .*docs\/postgres\.md/, "backup", "a.db");
    await refused(folder, /pg_restore .*docs\/postgres\.md/, "restore", "a.db");
    await refused(folder, /a copy that pg_dump made.*docs\/postgres\.md/, "repair", "a.db");
    await refused(folder, /DROP SCHEMA.*docs\/postgres\.md/, "reset", "--yes");
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "config.jsonc",
      "greeter.ts",
    ]);
  });
});

testWithPostgres("A database in PostgreSQL that cannot be used is one sentence", async (server) => {
  const address = await server.createDatabase();
  const name = address.slice(address.lastIndexOf("/") + 1);
  await withFolder(async (folder) => {
    prepare(folder, address);
    const sessions = (database: string, sentence: RegExp) =>
      refused(folder, sentence, "sessions", "--database", database);
    await sessions("postgres://ana:s3cret@127.0.0.1:1/show", /ana:\*\*\*@127.* No server listens there/);
    await sessions(server.address("nowhere"), /nowhere\. There is no such database\. Create it/);
    await sessions("postgres://ana:s3/cret@[/show", /cannot be read\. It looks like postgres:/);
    await sessions("postgress://ana:s3cret@db/show", /--database is for a file, or for an address/);
    await server.psql("CREATE TABLE live (id int)", name);
    for (const command of ["sessions", "init", "viewers"]) {
      await refused(folder, /has tables of another program \(live\)/, command);
    }
    await server.psql("DROP TABLE live", name);
    await succeed(folder, "init");
    await server.psql("UPDATE schema_version SET version = 99", name);
    for (const command of ["sessions", "init", "viewers"]) {
      await refused(folder, /was written by a newer Livecue \(its tables have version 99/, command);
    }
    const { stdout } = await livecue(folder, "doctor");
    assert.match(stdout, /✗ Database: .*newer Livecue/);
  });
});

const secret = "correct-horse-7";

/** Lets the user "guarded" in only with a password, and nobody else with one. */
async function guard(server: Postgres): Promise<void> {
  await server.psql(`CREATE ROLE guarded SUPERUSER LOGIN PASSWORD '${secret}'`);
  const file = await server.psql("SHOW hba_file");
  const lines = ["host all guarded all scram-sha-256", "host all all all trust", "local all all trust"];
  const rows = lines.map((line) => `('${line}')`).join(", ");
  await server.psql(`COPY (VALUES ${rows}) TO '${file}'`);
  await server.psql("SELECT pg_reload_conf()");
}

testWithPostgres("The password of the database is in no output and no file", async (server) => {
  await guard(server);
  const plain = await server.createDatabase();
  const guarded = plain.replace("bench@", "guarded@");
  const open = plain.replace("bench@", `guarded:${secret}@`);
  await withFolder(async (folder) => {
    prepare(folder, open);
    const said: string[] = [];
    const run = async (...args: string[]): Promise<Ended> => {
      const ended = await livecue(folder, ...args);
      said.push(ended.stdout, ended.stderr);
      return ended;
    };
    assert.match((await run("init")).stdout, /guarded:\*\*\*@127\.0\.0\.1:\d+\/test_\d+ is ready/);
    const brief = await run(...replay, "--database", open, "--verbose", "--record", "r.jsonl");
    assert.match(brief.stdout, /The whole report/);
    const other = await run(...replay, "--database", `${open}?application_name=x`);
    assert.match(other.stdout, /report \d+ --database "postgres:\/\/guarded:\*\*\*@/);
    assert.match((await run("doctor")).stdout, /✓ Database: postgres:\/\/guarded:\*\*\*@/);
    for (
      const args of [["backup", "b"], ["restore", "b"], ["repair", "b"], ["reset"], ["demo", "--for", "0.1"]]
    ) {
      await run(...args);
    }
    const wrong = await run("sessions", "--database", open.replace(secret, `${secret}x`));
    assert.match(wrong.stderr, /The user or the password is wrong\./);
    const none = await run("sessions", "--database", guarded);
    assert.match(none.stderr, /The server asks for a password\./);
    for (const { name, isFile } of Deno.readDirSync(folder)) {
      if (!isFile || name === "config.jsonc") continue;
      const text = new TextDecoder("latin1").decode(Deno.readFileSync(join(folder, name)));
      assert.ok(!text.includes(secret), `it is in ${name}`);
    }
    for (const text of said) assert.doesNotMatch(text, /correct-horse/);
  });
});

testWithPostgres(
  "The password may be in the environment, as for PostgreSQL's own programs",
  async (server) => {
    const address = (await server.createDatabase()).replace("bench@", "guarded@");
    await withFolder(async (folder) => {
      prepare(folder, address);
      const { code, stderr } = await startProgramWith({ PGPASSWORD: secret }, folder, "init").ended;
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      const run = startProgramWith({ PGPASSWORD: secret }, folder, ...replay, "--database", address);
      assert.match((await run.ended).stdout, /The whole report/);
    });
  },
);
