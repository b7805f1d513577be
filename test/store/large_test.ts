/** A start and a live's memory with much in the database: how many rows are read, not how long it takes. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { ServiceQueue } from "../../src/queue/service_queue.ts";
import type { Store } from "../../src/store/store.ts";
import {
  largeLiveId,
  type LargeOptions,
  largeRoom,
  makeLargeDatabase,
  openStreakCount,
} from "../support/large_database.ts";
import { plansOf, rowsRead } from "../support/rows_read.ts";
import { openTemporary, serviceConfig, withFolder } from "../support/temporary_store.ts";

const eventCount = 200_000;
const pendingCount = 50_000;
const now = 1_700_000_000_000;
const rules = serviceConfig("dino", { maxQueueSize: 5_000_000 });

async function withLarge(
  options: Partial<LargeOptions>,
  use: (store: Store, path: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const path = `${folder}/large.db`;
    makeLargeDatabase({ path, eventCount, pendingCount, now, ...options });
    const { store } = openTemporary(path);
    try {
      await store.syncServices([rules]);
      await use(store, path);
    } finally {
      await store.stop();
    }
  });
}

Deno.test("Recovery after a kill reads only what came after the streaks' last mark", async () => {
  await withLarge({}, async (store, path) => {
    const rows = await rowsRead(path, async () => {
      const report = await store.recover(now);
      assert.deepEqual(
        report.openStreaks.map(({ id }) => id),
        Array.from({ length: openStreakCount }, (_, index) => eventCount - openStreakCount + 1 + index),
      );
      assert.deepEqual(report.sessions, [{ id: 2, username: "ana", source: "main", endedAt: now }]);
    });
    assert.ok(rows < 200, `${rows} rows`);
  });
});

Deno.test("An item in hand is found behind 50,000 that wait, and they are not read for it", async () => {
  await withLarge({}, async (store, path) => {
    store.writer.add({ kind: "claim_item", id: pendingCount - 1, attempts: 1, startedAt: now });
    await store.writer.flush();
    const rows = await rowsRead(path, async () => {
      assert.equal((await store.recover(now)).returnedItems, 1);
    });
    assert.ok(rows < 200, `${rows} rows`);
    assert.equal(store.reader.statusOf(pendingCount - 1), "pending");
  });
});

Deno.test("Without such a mark recovery looks at the last 100,000 events and no more", async () => {
  await withLarge({ eventCount: 600_000, marksStreaks: false }, async (store, path) => {
    const rows = await rowsRead(path, async () => {
      assert.equal((await store.recover(now)).openStreaks.length, openStreakCount);
    });
    assert.ok(rows < 101_000, `${rows} rows`);
  });
});

Deno.test("A queue of 50,000 is counted elsewhere, begins with a page, and is in order to its end", async () => {
  await withLarge({}, async (store, path) => {
    const queue = new ServiceQueue(rules, { rows: store.pendingOf(1), window: 2_000 });
    const started = await rowsRead(path, async () => {
      const { leftOver } = await store.discardStale({ now, all: false });
      assert.equal(leftOver, pendingCount);
      await queue.load();
    });
    assert.ok(started < 2_000, `${started} rows`);
    assert.equal(queue.pendingCount, pendingCount);

    // Due at the end of their wait, which is as long as it was stored.
    let last = { priority: 10, id: 0 };
    for (let taken = 0; taken < pendingCount; taken++) {
      const item = queue.claim({ now: now + 60_000, monotonic: 60_000 });
      assert.ok(item !== null, `nothing after ${taken}`);
      const { priority, id } = item;
      assert.ok(
        priority < last.priority || (priority === last.priority && id > last.id),
        `${id} is out of order`,
      );
      last = { priority, id };
      queue.confirmClaim(item);
      queue.start();
      queue.settle(item, "completed", { now, monotonic: 0 });
    }
    assert.equal(queue.pendingCount, 0);
  });
});

Deno.test("A queue of 50,000 is emptied a page a turn, and what comes meanwhile stays", async () => {
  await withLarge({}, async (store, path) => {
    const queue = new ServiceQueue(rules, { rows: store.pendingOf(1) });
    await queue.load();
    const { count, chunks } = queue.empty();
    assert.equal(count, pendingCount);
    assert.equal(queue.pendingCount, 0);
    for (const ids of chunks) {
      assert.ok(ids.length <= 500);
      for (const id of ids) {
        store.writer.add({ kind: "discard_item", serviceId: 1, id, reason: "emptied", at: now });
      }
      await store.writer.flush();
    }
    const database = new DatabaseSync(path, { readOnly: true });
    const row = database.prepare("SELECT count(*) AS count FROM event_queue WHERE discard_reason = 'emptied'")
      .get();
    database.close();
    assert.equal(row?.count, pendingCount);
  });
});

Deno.test("What is stale is found without reading it, is in no queue, and is discarded little by little", async () => {
  await withLarge({}, async (store, path) => {
    // Created a millisecond apart, so the last 10,000 are young enough.
    await store.syncServices([{ ...rules, staleAfterSeconds: 10 }]);
    const queue = new ServiceQueue(rules, { rows: store.pendingOf(1) });
    let discarded = 0;
    const rows = await rowsRead(path, async () => {
      ({ discarded } = await store.discardStale({ now, all: false }));
    });
    assert.ok(rows < 1_200, `${rows} rows`);
    assert.equal(discarded, 39_999);
    const loaded = new ServiceQueue(rules, { rows: store.pendingOf(1) });
    await loaded.load();
    assert.equal(loaded.pendingCount, 10_001);
    await store.staleDiscarded();
    await store.writer.flush();
    await queue.load();
    assert.equal(queue.pendingCount, 10_001);
    assert.equal(store.reader.item(39_999)?.discardReason, "stale");
    assert.equal(store.reader.item(40_000)?.status, "pending");
  });
});

Deno.test("A stop while stale items are discarded leaves the rest to the next start", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/large.db`;
    makeLargeDatabase({ path, eventCount, pendingCount, now });
    const stale = { ...rules, staleAfterSeconds: 10 };
    const first = openTemporary(path).store;
    await first.syncServices([stale]);
    assert.equal((await first.discardStale({ now, all: false })).discarded, 39_999);
    await first.stop();

    const second = openTemporary(path).store;
    await second.syncServices([stale]);
    const { discarded } = await second.discardStale({ now, all: false });
    assert.ok(discarded > 0 && discarded < 39_999, `${discarded} were left`);
    const queue = new ServiceQueue(rules, { rows: second.pendingOf(1) });
    await queue.load();
    assert.equal(queue.pendingCount, 10_001);
    await second.stop();
  });
});

Deno.test("A live's memory is read from its own end, however much came before it and after it", async () => {
  await withLarge({}, async (store, path) => {
    const rows = await rowsRead(path, () => {
      assert.equal(store.liveOfRoom("tiktok", largeRoom)?.id, largeLiveId);
      const { totals, upTo } = store.liveTotals(largeLiveId);
      assert.equal(totals.likes, 7);
      assert.equal([...store.eventsAfter(largeLiveId, upTo)].length, 50);
      assert.equal([...store.recentMessages(largeLiveId, 1_000)].length, 1_000);
      // The other live ended 50,000 events ago.
      const [newest] = store.recentMessages(1, 1);
      assert.equal(newest?.messageId, String(7400000000000000000n + BigInt(eventCount * 3 / 4)));
      assert.equal(store.firstOf(largeLiveId, "user1", "LikeEvent"), null);
      assert.deepEqual(store.top(largeLiveId, 10), []);
    });
    assert.ok(rows < 1_200, `${rows} rows`);
  });
});

Deno.test("The latest detections are found without a look at the events around them", async () => {
  await withLarge({}, async (store, path) => {
    const database = new DatabaseSync(path);
    database.exec(
      "UPDATE live_event SET event_type = 'DetectionEvent', event_data = '{}' WHERE id IN (7, 90000)",
    );
    database.close();
    const plans = await plansOf(path, () => {
      const found = store.reader.events({ type: "DetectionEvent", limit: 500 });
      assert.deepEqual(found.map(({ id }) => id), [90_000, 7]);
    });
    // Before the first read, a look at the schema says whether the file has many rooms.
    const [plan = ""] = plans.filter((each) => !each.includes("sqlite_schema"));
    assert.match(plan, /^SEARCH event USING INDEX live_event_detection/);
  });
});
