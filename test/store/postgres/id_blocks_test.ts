import assert from "node:assert/strict";
import { systemClock } from "../../../src/clock.ts";
import { PostgresRooms } from "../../../src/store/postgres/rooms.ts";
import { Store } from "../../../src/store/store.ts";
import { DatabaseAway } from "../../../src/store/postgres/trouble.ts";
import { HeardEngine, nameOf } from "../../support/engine_under_test.ts";
import { FaultyLink } from "../../support/faulty_link.ts";
import { type Postgres, testWithPostgres } from "../../support/postgres.ts";
import { createTables } from "../../support/postgres_copy.ts";
import { silentLog } from "../../support/silent_log.ts";

testWithPostgres("Two machines never get the same id, and each machine's ids only grow", async (server) => {
  const address = await server.createDatabase();
  await using first = await HeardEngine.open({ address, idBlockSize: 10 });
  await using second = await HeardEngine.open({ address, idBlockSize: 10 });
  const taken = new Set<number>();
  const last = [0, 0];
  for (let round = 0; round < 300; round++) {
    for (const [index, { engine }] of [first, second].entries()) {
      while (engine.ids.left("event") === 0) await engine.transact([]);
      const id = engine.ids.take("event");
      assert.ok(!taken.has(id) && id > (last[index] as number), `${id}`);
      taken.add(id);
      last[index] = id;
    }
  }
  assert.equal(taken.size, 600);
});

testWithPostgres("Ids that a killed machine had are not given again", async (server) => {
  const address = await server.createDatabase();
  const highest = { live: 0, session: 0, event: 0, item: 0 };
  for (let round = 0; round < 5; round++) {
    await using heard = await HeardEngine.open({ address });
    for (const name of ["live", "session", "event", "item"] as const) {
      assert.ok(heard.engine.ids.next(name) > highest[name]);
      highest[name] = heard.engine.ids.take(name);
      assert.equal(highest[name], heard.engine.ids.next(name) - 1);
    }
  }
});

testWithPostgres(
  "In a room that another machine had, all ids are higher than that machine's",
  async (server) => {
    const address = await server.createDatabase();
    await using first = await HeardEngine.open({ address });
    await using second = await HeardEngine.open({ address });
    assert.ok(first.engine.ids.next("item") < second.engine.ids.next("item"));
    await second.engine.take("ana");
    const older = second.engine.ids.take("item");
    await second.engine.release("ana");
    await first.engine.take("ana");
    assert.ok(first.engine.ids.take("item") > older);
  },
);

testWithPostgres("A flood in one turn does not use up the ids of the first block", async (server) => {
  await using heard = await HeardEngine.open({ address: await server.createDatabase() });
  const { engine } = heard;
  for (let flood = 0; flood < 3; flood++) {
    for (let count = 0; count < 50_000; count++) engine.ids.take("item");
    await engine.transact([]);
    await engine.transact([]);
  }
});

testWithPostgres(
  "While the database is away ids last for a while, and then there are none",
  async (server) => {
    const address = await server.createDatabase();
    await using link = await FaultyLink.start({ to: address });
    await using heard = await HeardEngine.open({ address: link.address, idBlockSize: 100, silenceMs: 200 });
    const { ids } = heard.engine;
    link.partition();
    await heard.hears("away");
    for (let count = 0; count < 100; count++) ids.take("item");
    assert.equal(ids.left("item"), 0);
    assert.throws(() => ids.take("item"), DatabaseAway);
    assert.throws(() => ids.next("item"), DatabaseAway);
    const isBack = heard.hears("back");
    link.heal();
    await isBack;
    await heard.engine.transact([]);
    assert.ok(ids.take("item") > 100);
  },
);

/** A room in the database, through a link. */
async function withRoom(
  server: Postgres,
  use: (parts: { store: Store; link: FaultyLink; psql: (sql: string) => Promise<string> }) => Promise<void>,
): Promise<void> {
  const address = await createTables(server);
  await using link = await FaultyLink.start({ to: address });
  const options = { clock: systemClock, log: silentLog() };
  const rooms = await PostgresRooms.open({
    ...options,
    address: link.address,
    machine: "studio-1",
    durability: "normal",
  });
  const store = await rooms.take("ana", options);
  assert.ok(store instanceof Store);
  await store.whenBack();
  await use({ store, link, psql: (sql) => server.psql(sql, nameOf(address)) });
  await store.stop();
  await rooms.close();
}

/** Takes ids of sessions until the source has to wait. */
function takeUntilLow(store: Store): { taken: number; waiting: Promise<void> } {
  for (let taken = 0;; taken++) {
    const waiting = store.whenCaughtUp();
    if (waiting !== null) return { taken, waiting };
    store.ids.take("session");
  }
}

testWithPostgres("While the next ids do not come the sources wait, and some ids are left", async (server) => {
  await withRoom(server, async ({ store, link }) => {
    link.hold();
    const { taken, waiting } = takeUntilLow(store);
    assert.ok(taken > 100);
    // For what cannot wait, as the sessions of Livecue's own sources.
    for (let count = 0; count < 30; count++) store.ids.take("session");
    assert.equal(store.isAway, false);
    link.release();
    await waiting;
    let last = store.ids.take("session");
    for (let count = 0; count < 5000; count++) {
      for (let wait = store.whenCaughtUp(); wait !== null; wait = store.whenCaughtUp()) await wait;
      const id = store.ids.take("session");
      assert.ok(id > last);
      last = id;
    }
  });
});

testWithPostgres("Ids that the server refused at first come when it gives them", async (server) => {
  await withRoom(server, async ({ store, psql }) => {
    await psql(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE 'no space left' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER full_disk BEFORE UPDATE ON id_block EXECUTE FUNCTION full_disk()`);
    const { waiting } = takeUntilLow(store);
    await store.writer.flush();
    await psql("DROP TRIGGER full_disk ON id_block");
    await waiting;
    assert.equal(store.whenCaughtUp(), null);
  });
});
