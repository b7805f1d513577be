/** A service's queue, its feed and the database: items that are stored as `processing` at once, and their outcomes. */
import { idsFrom } from "../support/ids.ts";
import { newViewers } from "../support/no_lives.ts";
import { noViewer } from "../../src/viewer.ts";
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ItemFolders } from "../../src/app/item_folders.ts";
import { ItemSteps } from "../../src/app/item_steps.ts";
import { QueueFeed } from "../../src/app/queue_feed.ts";
import type { LiveAccess } from "../../src/app/live_access.ts";
import { ServiceReadings } from "../../src/app/service_readings.ts";
import { StoredState } from "../../src/app/stored_state.ts";
import { EventDispatcher } from "../../src/lives/dispatcher.ts";
import { Pipeline } from "../../src/lives/pipeline.ts";
import { ServiceQueue } from "../../src/queue/service_queue.ts";
import { comments } from "../support/app_on_a_live.ts";
import { silentLog } from "../support/silent_log.ts";
import { sampleEvent } from "../support/stored_events.ts";
import { openSession, serviceConfig, type TemporaryStore, withStore } from "../support/temporary_store.ts";

interface Parts extends TemporaryStore {
  queue: ServiceQueue;
  feed: QueueFeed;
  /** What is told of the work of the service. */
  work: string[];
  /** Whether the viewer of all events is blocked. */
  viewer: { isBlocked: boolean };
  /** An event arrives, with an item for the service. */
  take(): void;
  rows(): Record<string, unknown>[];
  /** Locks the database as another writer would. */
  lock(): () => void;
}

function notAsked(): never {
  throw new Error("nobody asks for readings here");
}

async function withFeed(use: (parts: Parts) => Promise<void>): Promise<void> {
  await withStore(async (store) => {
    const { writer } = store.store;
    const work: string[] = [];
    const viewer = { isBlocked: false };
    const serviceId = (await store.store.syncServices([serviceConfig("a")])).get("a") as number;
    const queue = new ServiceQueue({ ...serviceConfig("a"), prefetch: 4 });
    queue.isTaking = () => true;
    const ids = idsFrom();
    const dispatcher = new EventDispatcher(ids);
    dispatcher.subscribers = [{ serviceId, queue, subscriptions: { CommentEvent: comments } }];
    const pipeline = new Pipeline({
      ids,
      clock: store.clock,
      log: silentLog(),
      operations: writer,
      dispatcher,
      viewers: newViewers(),
    });
    writer.add(openSession(1));
    await writer.flush();
    const feed = new QueueFeed({
      whenReadable: (read) => read(),
      queue,
      log: writer,
      beforeCommit: (work) => writer.beforeCommit(work),
      clock: store.clock,
      state: new StoredState({ serviceId, operations: writer, kept: store.store.kept }),
      steps: new ItemSteps({
        queue,
        log: writer,
        clock: store.clock,
        stored: store.store.reader,
        databaseId: "a",
        timeoutMs: () => 30_000,
        warn() {},
      }),
      folders: new ItemFolders({
        dataFolder: () => join(dirname(store.path), "data"),
        databaseId: "a",
        statusOf: (id) => store.store.reader.statusOf(id),
        log: silentLog(),
      }),
      lives: { viewer: () => noViewer, isBlocked: () => viewer.isBlocked } as unknown as LiveAccess,
      emitFrom() {},
      emit() {},
      readings: new ServiceReadings({ query: notAsked, news: notAsked }, () => {}),
      show() {},
      trouble() {},
      wake: () => {},
      onStarted: ({ id }) => void work.push(`started ${id}`),
      onSettled: ({ id }) => void work.push(`settled ${id}`),
      onEnded: ({ id }, { isBlocked }) => void work.push(`ended ${id}${isBlocked ? ", blocked" : ""}`),
      onChange() {},
    });
    await use({
      ...store,
      queue,
      feed,
      work,
      viewer,
      take: () =>
        pipeline.take({
          event: sampleEvent({ id: pipeline.takeEventId(), type: "CommentEvent" }),
          memory: null,
        }),
      rows: () => rowsOf(store.path),
      lock: () => lock(store.path),
    });
  });
}

function rowsOf(path: string): Record<string, unknown>[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const sql = "SELECT id, status, attempts, failures, crashes FROM event_queue ORDER BY id";
    return database.prepare(sql).all().map((row) => ({ ...row }));
  } finally {
    database.close();
  }
}

function lock(path: string): () => void {
  const database = new DatabaseSync(path);
  database.exec("BEGIN IMMEDIATE");
  return () => {
    database.exec("ROLLBACK");
    database.close();
  };
}

const nothingCounted = { failures: 0, crashes: 0 };

Deno.test("An item that may be handed out at once is stored as processing, and handed out when that is committed", async () => {
  await withFeed(async ({ feed, take, rows, store }) => {
    take();
    assert.equal(feed.next(), null);
    await store.writer.flush();
    assert.deepEqual(rows(), [{ id: 1, status: "processing", attempts: 1, ...nothingCounted }]);
    assert.equal(feed.next()?.item.id, 1);
    assert.equal(feed.next(), null);
  });
});

Deno.test("While nobody takes items, a new item is pending, and so is the next one even if a taker has come", async () => {
  await withFeed(async ({ queue, feed, take, rows, store }) => {
    queue.isTaking = () => false;
    take();
    queue.isTaking = () => true;
    take();
    await store.writer.flush();
    assert.deepEqual(rows().map(({ status, attempts }) => [status, attempts]), [["pending", 0], [
      "pending",
      0,
    ]]);
    feed.claim();
    await store.writer.flush();
    assert.deepEqual([feed.next()?.item.id, feed.next()?.item.id, feed.next()], [1, 2, null]);
  });
});

Deno.test("An item whose viewer was blocked while it waited fails, and is no work of the service", async () => {
  await withFeed(async ({ queue, feed, take, rows, store, work, viewer }) => {
    queue.isTaking = () => false;
    take();
    queue.isTaking = () => true;
    await store.writer.flush();
    feed.claim();
    await store.writer.flush();
    viewer.isBlocked = true;
    assert.equal(feed.next(), null);
    await store.writer.flush();
    assert.deepEqual(rows().map(({ status }) => status), ["failed"]);
    assert.deepEqual(work, ["ended 1, blocked"]);
  });
});

Deno.test("An item stored as processing whose service stops before the commit is pending again, and nothing is counted", async () => {
  await withFeed(async ({ queue, feed, take, rows, store }) => {
    take();
    queue.isTaking = () => false;
    feed.stop();
    assert.equal(queue.pendingCount, 1);
    await store.writer.flush();
    assert.deepEqual(rows(), [{ id: 1, status: "pending", attempts: 1, ...nothingCounted }]);
    assert.equal(feed.next(), null);
    feed.claim();
    await store.writer.flush();
    assert.deepEqual(rows(), [{ id: 1, status: "processing", attempts: 2, ...nothingCounted }]);
    assert.equal(feed.next()?.item.attempt, 2);
    feed.settle([{ itemId: 1, runMs: 1, outcome: { kind: "completed", emitted: [] } }]);
    await store.writer.flush();
    assert.deepEqual(rows(), [{ id: 1, status: "completed", attempts: 2, ...nothingCounted }]);
  });
});

Deno.test("An item stored as processing in a batch that is written again is handed out once, after the commit", async () => {
  await withFeed(async ({ queue, feed, take, rows, lock, store, clock }) => {
    const unlock = lock();
    take();
    for (let tries = 0; tries < 2; tries++) {
      await nextTurn();
      clock.advance(5_000);
      assert.equal(feed.next(), null);
    }
    assert.equal(store.writer.isHealthy, false);
    unlock();
    clock.advance(5_000);
    await store.writer.flush();
    assert.deepEqual([feed.next()?.item.id, feed.next()], [1, null]);
    assert.deepEqual(rows(), [{ id: 1, status: "processing", attempts: 1, ...nothingCounted }]);
    assert.deepEqual([queue.pendingCount, queue.processingCount], [0, 1]);
  });
});

Deno.test("As many items are stored as processing as may be claimed ahead, and they are handed out in order", async () => {
  await withFeed(async ({ queue, feed, take, rows, store }) => {
    for (let count = 0; count < 6; count++) take();
    assert.deepEqual([queue.processingCount, queue.pendingCount], [4, 2]);
    await store.writer.flush();
    assert.deepEqual(rows().map(({ status }) => status), [
      ...Array(4).fill("processing"),
      "pending",
      "pending",
    ]);
    assert.deepEqual([1, 2, 3, 4, 5].map(() => feed.next()?.item.id), [1, 2, 3, 4, undefined]);
  });
});
