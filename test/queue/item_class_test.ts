/** Queues with a part that is only in the database. */
import assert from "node:assert/strict";
import type { QueuedItem } from "../../src/item.ts";
import { type QueueRules, ServiceQueue } from "../../src/queue/service_queue.ts";
import type { PendingRows } from "../../src/queue/item_class.ts";
import { makeItem } from "../support/events.ts";

const rules: QueueRules = {
  maxQueueSize: 1_000,
  maxConcurrency: 2,
  prefetch: 1,
  maxAttempts: 9,
  maxCrashes: 3,
  backoffMs: 1000,
};
const now = 1_700_000_000_000;

/** Rows that are all pending. Records the requested pages. */
class Rows implements PendingRows {
  readonly pages: { afterId: number; limit: number }[] = [];
  readonly #items: readonly QueuedItem[];

  constructor(items: readonly QueuedItem[]) {
    this.#items = items;
  }

  counts() {
    const classes = Map.groupBy(this.#items, ({ priority, isDiscardable }) => `${priority} ${isDiscardable}`);
    return Promise.resolve([...classes.values()].map((items) => {
      const [{ priority, isDiscardable }] = items as [QueuedItem];
      return { priority, isDiscardable, count: items.length };
    }));
  }

  page(given: Parameters<PendingRows["page"]>[0]): QueuedItem[] {
    const { afterId, limit } = given;
    this.pages.push({ afterId, limit });
    return this.#above(given).slice(0, limit).map((item) => ({ ...item }));
  }

  ids(given: Parameters<PendingRows["ids"]>[0]): number[] {
    return this.#above(given).map(({ id }) => id).filter((id) => id < given.beforeId).slice(0, given.limit);
  }

  #above({ priority, isDiscardable, afterId }: Parameters<PendingRows["page"]>[0]): QueuedItem[] {
    return this.#items.filter((item) =>
      item.priority === priority && item.isDiscardable === isDiscardable && item.id > afterId
    );
  }
}

async function loaded(
  items: readonly QueuedItem[],
  window: number,
): Promise<{ queue: ServiceQueue; rows: Rows }> {
  const rows = new Rows(items);
  const queue = new ServiceQueue(rules, { rows, window });
  await queue.load();
  return { queue, rows };
}

function items(count: number, given: Partial<QueuedItem> = {}): QueuedItem[] {
  return Array.from({ length: count }, (_, index) => makeItem({ id: index + 1, ...given }));
}

/** Takes and completes the next item. Returns its id. */
function takeNext(queue: ServiceQueue, monotonic = 0): number | undefined {
  const moment = { now, monotonic };
  const item = queue.claim(moment);
  if (item === null) return undefined;
  queue.confirmClaim(item);
  queue.start();
  queue.settle(item, "completed", moment);
  return item.id;
}

Deno.test("A long queue holds a page in memory, and reads the next one when it is used up", async () => {
  const { queue, rows } = await loaded(items(10), 3);
  assert.equal(queue.pendingCount, 10);
  assert.deepEqual(queue.pendingItems(0).map(({ id }) => id), [1, 2, 3]);
  for (const id of [1, 2, 3, 4]) assert.equal(takeNext(queue), id);
  assert.deepEqual(rows.pages, [{ afterId: 0, limit: 3 }, { afterId: 3, limit: 3 }]);
  assert.equal(queue.pendingCount, 6);
});

Deno.test("A new item that exceeds the window in memory is taken in its turn", () => {
  const all = items(5);
  const rows = new Rows(all);
  const queue = new ServiceQueue(rules, { rows, window: 2 });
  for (const item of all) {
    queue.admit(item);
    queue.commit(item);
  }
  assert.equal(queue.pendingCount, 5);
  assert.deepEqual(queue.pendingItems(0), all.slice(0, 2));
  assert.deepEqual([1, 2, 3, 4, 5].map(() => takeNext(queue)), [1, 2, 3, 4, 5]);
  assert.equal(takeNext(queue), undefined);
});

Deno.test("The oldest item is evicted even if it is only in the database", async () => {
  const old = items(3, { priority: 2, isDiscardable: true });
  const rows = new Rows(old);
  const queue = new ServiceQueue({ ...rules, maxQueueSize: 3 }, { rows, window: 1 });
  await queue.load();
  const evicted = [4, 5].map((id) => queue.admit(makeItem({ id, priority: 5 })));
  assert.deepEqual(
    evicted.map((admission) => admission.outcome === "queued" ? admission.evicted?.id : null),
    [1, 2],
  );
  assert.deepEqual(queue.admit(makeItem({ id: 6, priority: 2 })), { outcome: "queue_full" });
  assert.equal(queue.pendingCount, 3);
});

Deno.test("An item that was put back comes before younger ones, wherever they are", () => {
  const [second, fifth] = [makeItem({ id: 2 }), makeItem({ id: 5 })];
  const queue = new ServiceQueue(rules, { rows: new Rows([second, fifth]), window: 1 });
  const third = makeItem({ id: 3 });
  queue.admit(third);
  queue.commit(third);
  queue.restoreRow(fifth);
  queue.restoreRow(second);
  assert.equal(queue.pendingCount, 3);
  assert.deepEqual([1, 2, 3].map(() => takeNext(queue)), [2, 3, 5]);
});

Deno.test("A stored wait continues after a start, but never longer than the longest backoff", async () => {
  const waiting = [
    makeItem({ id: 1, notBefore: now + 1_000 }),
    makeItem({ id: 2, notBefore: now - 1_000 }),
    // The wall clock was a year ahead when this row was stored.
    makeItem({ id: 3, notBefore: now + 365 * 24 * 60 * 60_000 }),
  ];
  const { queue } = await loaded(waiting, 1);
  assert.equal(takeNext(queue, 50), 2);
  assert.equal(takeNext(queue, 50), undefined);
  assert.equal(queue.nextDueAt, 1_050);
  assert.equal(takeNext(queue, 1_050), 1);
  assert.equal(queue.nextDueAt, 5 * 60_000 + 50);
  assert.equal(takeNext(queue, 5 * 60_000 + 50), 3);
});

Deno.test("A wait follows the monotonic clock, however the wall clock is changed", () => {
  const queue = new ServiceQueue(rules);
  const item = makeItem({ id: 1 });
  queue.restore(item);
  queue.claim({ now, monotonic: 0 });
  queue.confirmClaim(item);
  queue.start();
  queue.settle(item, "failed", { now, monotonic: 0 });
  assert.equal(item.notBefore, now + 1_000);
  assert.equal(queue.claim({ now: now + 3_600_000, monotonic: 999 }), null);
  assert.equal(queue.claim({ now: now - 3_600_000, monotonic: 1_000 }), item);
});

Deno.test("Rows that another program removed are no longer counted once the queue notices", async () => {
  const rows = new Rows(items(2));
  const counts = () => Promise.resolve([{ priority: 5, isDiscardable: false, count: 9 }]);
  const queue = new ServiceQueue(rules, {
    rows: { counts, page: (given) => rows.page(given), ids: (given) => rows.ids(given) },
    window: 3,
  });
  await queue.load();
  assert.equal(queue.pendingCount, 2);
  assert.deepEqual([takeNext(queue), takeNext(queue), takeNext(queue)], [1, 2, undefined]);
});
