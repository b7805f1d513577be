/** A whole run on PostgreSQL: capture, queues, workers, and what happens when the server or the machine is lost. */
import assert from "node:assert/strict";
import { App } from "../../src/app/app.ts";
import type { AppOptions, RunResult } from "../../src/app/run_options.ts";
import { systemClock } from "../../src/clock.ts";
import { comments, Live, makeService } from "../support/app_on_a_live.ts";
import { LinkThread } from "../support/link_thread.ts";
import { type Postgres, startPostgres, testWithPostgres } from "../support/postgres.ts";
import { configIn, listLog, withFolder } from "../support/temporary_store.ts";

const services = [
  makeService("first"),
  makeService("second", { subscriptions: { CommentEvent: { ...comments, isAsync: true } } }),
];

interface Run {
  app: App;
  live: Live;
  told: string[];
  running: Promise<RunResult>;
}

type Open = (machine: string, address: string, options?: Partial<AppOptions>) => Promise<Run>;

/** Ends all runs that `use` opens. */
async function withRuns(use: (open: Open) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const runs: Run[] = [];
    const open: Open = async (machine, address, options = {}) => {
      const live = new Live();
      const told: string[] = [];
      const app = await App.open({
        config: configIn(folder, { services, database: address }),
        clock: systemClock,
        log: listLog(told),
        sources: [live.source],
        processes: "all",
        whenIdle: "end",
        machine,
        ...options,
      });
      const run = { app, live, told, running: app.run() };
      run.running.catch(() => {});
      runs.push(run);
      return run;
    };
    try {
      await use(open);
    } finally {
      for (const { app, running } of runs) {
        void app.stop("The test is over.");
        await running.catch(() => {});
      }
    }
  });
}

/** What became of the items: "service|status|count|attempts". */
async function itemsIn(server: Postgres, address: string): Promise<string[]> {
  const rows = await server.psql(
    `SELECT slug, status, count(*), sum(attempts) FROM event_queue JOIN service ON service.id = service_id
      GROUP BY slug, status ORDER BY slug, status`,
    new URL(address).pathname.slice(1),
  );
  return rows.trim().split("\n");
}

async function say(live: Live, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await live.say(`hello ${index}`);
}

testWithPostgres(
  "A live in PostgreSQL is stored, and each service handles each event once",
  async (server) => {
    const address = await server.createDatabase();
    await withRuns(async (open) => {
      const { app, live } = await open("studio-1", address);
      await say(live, 50);
      await app.idle();
      assert.deepEqual(await itemsIn(server, address), ["first|completed|50|50", "second|completed|50|50"]);
      assert.equal(app.reader.events({ limit: 100 }).length, 50);
    });
  },
);

testWithPostgres(
  "A second machine waits, is told of the first, and goes on where that stopped",
  async (server) => {
    const address = await server.createDatabase();
    await withRuns(async (open) => {
      const first = await open("studio-1", address, { processes: "none" });
      await say(first.live, 20);
      const held = Promise.withResolvers<string>();
      const opening = open("studio-2", address, { onHeld: held.resolve });
      assert.equal(await held.promise, "studio-1");
      await first.app.stop();
      const second = await opening;
      await say(second.live, 5);
      await second.app.idle();
      assert.deepEqual(await itemsIn(server, address), ["first|completed|25|25", "second|completed|25|25"]);
    });
  },
);

testWithPostgres(
  "Without a wish to wait, a second run says which machine has the database",
  async (server) => {
    const address = await server.createDatabase();
    await withRuns(async (open) => {
      await open("studio-1", address);
      await assert.rejects(
        open("studio-2", address),
        /The Livecue on studio-1 uses .* Stop it there first\./,
      );
    });
  },
);

testWithPostgres("While the server is away, events wait; then they are stored and handled once", async () => {
  await using server = await startPostgres();
  const address = await server.createDatabase();
  await withRuns(async (open) => {
    const { app, live, told } = await open("studio-1", address);
    await say(live, 10);
    await app.idle();
    await server.kill();
    const later = say(live, 10);
    await server.restart();
    await later;
    await app.idle();
    assert.deepEqual(await itemsIn(server, address), ["first|completed|20|20", "second|completed|20|20"]);
    assert.equal(app.reader.events({ limit: 100 }).length, 20);
    assert.ok(told.some((line) => line.startsWith("info: The database is back.")), told.join("\n"));
  });
});

testWithPostgres(
  "A machine behind a cut link ends as soon as it hears that another has taken over",
  async (server) => {
    const address = await server.createDatabase();
    await using link = await LinkThread.start(address);
    await withRuns(async (open) => {
      const first = await open("studio-1", link.address);
      await say(first.live, 10);
      await first.app.idle();
      await link.do("partition");
      // The server would notice by itself if the network were cut, but here the link answers its probes.
      await server.psql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'livecue studio-1%'",
      );
      const second = await open("studio-2", address, { onHeld: () => {} });
      await say(second.live, 10);
      await second.app.idle();
      await link.do("heal");
      const { failure } = await first.running;
      assert.match(failure ?? "", /Another machine has taken over/);
      assert.deepEqual(await itemsIn(server, address), ["first|completed|20|20", "second|completed|20|20"]);
    });
  },
);
