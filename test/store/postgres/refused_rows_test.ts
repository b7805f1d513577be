/** Rows that the server can never store stop nothing else. */
import assert from "node:assert/strict";
import { openStore } from "../../../src/store/open.ts";
import type { Store } from "../../../src/store/store.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { type Postgres, testWithPostgres } from "../../support/postgres.ts";
import { createTables, withClient } from "../../support/postgres_copy.ts";
import { sampleEvent } from "../../support/stored_events.ts";
import { insertItem, listLog, openSession, serviceConfig } from "../../support/temporary_store.ts";

interface Parts {
  store: Store;
  told: string[];
  /** The first column of what another program reads. */
  values(sql: string): Promise<unknown[]>;
}

async function withStore(
  server: Postgres,
  use: (parts: Parts) => Promise<void>,
  onBug?: (error: Error) => void,
): Promise<void> {
  const address = await createTables(server);
  const told: string[] = [];
  const values = (sql: string) =>
    withClient(address, async (client) => {
      const { rows } = await client.query<Record<string, unknown>>({ text: sql });
      return rows.map((row) => Object.values(row)[0]);
    });
  await values(`INSERT INTO live (id, source_type, room_id, username, title, started_at)
    VALUES (1, 'demo', '7312345678901234567', 'ana.live', '', 1700000000000)`);
  const log = listLog(told);
  const store = await openStore({ address, durability: "normal", clock: new FakeClock(), log, onBug });
  try {
    await store.syncServices(["one", "two", "three"].map((slug) => serviceConfig(slug)));
    store.writer.add(openSession(1));
    await store.writer.flush();
    await use({ store, told, values });
  } finally {
    await store.stop();
  }
}

testWithPostgres(
  "What becomes of a row that another program broke is left out, and told once",
  async (server) => {
    await withStore(server, async ({ store, told, values }) => {
      const { writer } = store;
      for (let id = 1; id <= 20; id++) {
        writer.add({ kind: "insert_event", event: sampleEvent({ id }) });
        writer.add(insertItem({ id, eventId: id }));
      }
      await writer.flush();
      const [name] = await values(
        "SELECT conname FROM pg_constraint WHERE pg_get_constraintdef(oid) LIKE '%discarded%=%discard_reason IS NOT NULL%'",
      );
      const [rule] = await values(
        `SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = '${name}'`,
      );
      await values(`ALTER TABLE event_queue DROP CONSTRAINT ${name}`);
      await values("UPDATE event_queue SET discard_reason = 'stale' WHERE id IN (7, 9)");
      await values(`ALTER TABLE event_queue ADD CONSTRAINT ${name} ${rule} NOT VALID`);
      const claimed: number[] = [];
      for (let id = 1; id <= 20; id++) {
        writer.add({ kind: "claim_item", id, attempts: 1, startedAt: 1 }, () => claimed.push(id));
      }
      await writer.flush();
      assert.deepEqual(claimed, Array.from({ length: 20 }, (_, index) => index + 1));
      assert.deepEqual(
        await values("SELECT id FROM event_queue WHERE status <> 'processing' ORDER BY id"),
        [7, 9],
      );
      assert.equal(told.length, 1);
      assert.match(told[0]!, /^error: .* does not accept a row of Livecue's.*claim_item: .*violates check/);
      assert.equal(writer.isHealthy, true);
    });
  },
);

testWithPostgres(
  "Of events that are written at once, only the one that is refused is missing",
  async (server) => {
    await withStore(server, async ({ store, told, values }) => {
      await values(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE 'not this one' USING ERRCODE = '22000'; END $$`);
      await values(`CREATE TRIGGER refuse BEFORE INSERT ON live_event FOR EACH ROW WHEN (NEW.id = 13)
      EXECUTE FUNCTION refuse()`);
      const { writer } = store;
      const committed: number[] = [];
      const add = (id: number) => {
        writer.add({ kind: "insert_event", event: sampleEvent({ id }) });
        for (const serviceId of [1, 2, 3]) {
          const row = insertItem({ id: id * 10 + serviceId, eventId: id, serviceId });
          writer.add(row, serviceId === 3 ? () => committed.push(id) : undefined);
        }
      };
      for (let id = 1; id <= 30; id++) add(id);
      await new Promise((resolve) => setImmediate(resolve));
      // Batches that are on their way behind it.
      for (let id = 31; id <= 40; id++) add(id);
      await writer.flush();
      const all = Array.from({ length: 40 }, (_, index) => index + 1);
      assert.deepEqual(committed, all);
      const stored = all.filter((id) => id !== 13);
      assert.deepEqual(await values("SELECT id FROM live_event ORDER BY id"), stored);
      assert.deepEqual(
        await values("SELECT id FROM event_queue ORDER BY id"),
        stored.flatMap((id) => [1, 2, 3].map((serviceId) => id * 10 + serviceId)),
      );
      assert.deepEqual(told.map((text) => /\((\w+):/.exec(text)?.[1]), ["insert_event"]);
      add(41);
      await writer.flush();
      assert.deepEqual(await values("SELECT max(id) FROM live_event"), [41]);
    });
  },
);

testWithPostgres(
  "A table that another program changed is no refused row: the writer stops",
  async (server) => {
    const bugs: string[] = [];
    const onBug = ({ message }: Error) => void bugs.push(message);
    const stopping = withStore(server, async ({ store, values }) => {
      await values("ALTER TABLE live_event RENAME COLUMN event_data TO data");
      store.writer.add({ kind: "insert_event", event: sampleEvent({ id: 1 }) });
      await assert.rejects(store.writer.flush(), /event_data/);
    }, onBug);
    await assert.rejects(stopping, /is lost: 1 change/);
    assert.match(bugs.join(), /insert_event .*could not be written: column "event_data"/);
  },
);
