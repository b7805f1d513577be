/** `retention` of the config, while a live goes on. */
import assert from "node:assert/strict";
import { Retention } from "../../src/app/retention.ts";
import { countedUpToKey } from "../../src/store/viewers.ts";
import { type HeardLog, heardLog } from "../support/heard_log.ts";
import { sampleEvent } from "../support/stored_events.ts";
import { configIn, openSession, type TemporaryStore, withStore } from "../support/temporary_store.ts";
import { whileTimePasses } from "../support/passing_time.ts";

const dayMs = 86_400_000;

async function withOldAndNew(
  use: (parts: TemporaryStore & { retention: Retention; heard: HeardLog }) => Promise<void>,
): Promise<void> {
  await withStore(async (parts) => {
    const { store, clock } = parts;
    const session = (id: number, daysAgo: number, eventId: number) => {
      const at = clock.now() - daysAgo * dayMs;
      store.writer.add(openSession(id, at - 1));
      store.writer.add({
        kind: "insert_event",
        event: sampleEvent({ id: eventId, sessionId: id, createdAt: at }),
      });
      store.writer.add({
        kind: "close_session",
        id,
        status: "completed",
        endedAt: at,
        reason: "over",
        eventsTo: 1_000_000,
      });
    };
    session(1, 100, 1);
    session(2, 10, 2);
    store.writer.add({ kind: "set_config", key: countedUpToKey(""), value: "2" });
    await store.writer.flush();
    const config = configIn("/", { retention: { keepDays: 60 } });
    const heard = heardLog();
    const retention = new Retention({ config, store, clock, log: heard });
    await use({ ...parts, retention, heard });
    await retention.stop();
  });
}

Deno.test("A while after the start, sessions that are too old are deleted, and the log says so", async () => {
  await withOldAndNew(async ({ store, clock, retention, heard }) => {
    retention.start();
    assert.equal(store.reader.sessions({ limit: 9 }).length, 2);
    await whileTimePasses(clock, heard.heard(/older than 60 days, now deleted: 1\. .*: 1\.$/), 1_000);
    assert.deepEqual(store.reader.sessions({ limit: 9 }).map(({ id }) => id), [2]);
  });
});

Deno.test("A computer's clock that is set wrong makes nothing old", async () => {
  await withOldAndNew(async ({ store, clock, retention }) => {
    clock.shiftWall(3_650 * dayMs);
    await whileTimePasses(clock, retention.round(95));
    assert.equal(store.reader.sessions({ limit: 9 }).length, 2);
  });
});
