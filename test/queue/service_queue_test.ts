import assert from "node:assert/strict";
import type { QueuedItem } from "../../src/item.ts";
import type { Moment } from "../../src/queue/retries.ts";
import { type QueueRules, ServiceQueue } from "../../src/queue/service_queue.ts";
import { makeItem } from "../support/events.ts";

const rules: QueueRules = {
  maxQueueSize: 3,
  maxConcurrency: 2,
  prefetch: 1,
  maxAttempts: 1,
  maxCrashes: 3,
  backoffMs: 1000,
};

/** A queue with these committed items. */
function queueOf(items: QueuedItem[], given: Partial<QueueRules> = {}): ServiceQueue {
  const queue = new ServiceQueue({ ...rules, ...given });
  for (const item of items) queue.restore(item);
  return queue;
}

/** The wall clock is far from the monotonic one. */
function momentAt(ms: number): Moment {
  return { now: 1_700_000_000_000 + ms, monotonic: ms };
}

/** Claims, confirms and starts all items that may run now. Returns their ids. */
function startAll(queue: ServiceQueue, at = 0): number[] {
  const started: number[] = [];
  const moment = momentAt(at);
  for (let item = queue.claim(moment); item; item = queue.claim(moment)) queue.confirmClaim(item);
  for (let item = queue.start(); item; item = queue.start()) started.push(item.id);
  return started;
}

Deno.test("A full queue drops a new item that outranks no discardable one", () => {
  const queue = queueOf([
    makeItem({ id: 1, priority: 1 }),
    makeItem({ id: 2, priority: 5, isDiscardable: true }),
    makeItem({ id: 3, priority: 5, isDiscardable: true }),
  ]);
  assert.deepEqual(queue.admit(makeItem({ id: 4, priority: 5 })), { outcome: "queue_full" });
  assert.equal(queue.pendingCount, 3);
});

Deno.test("A full queue evicts the lowest discardable priority, and the oldest of equal ones", () => {
  const older = makeItem({ id: 2, priority: 3, isDiscardable: true });
  const queue = queueOf([
    makeItem({ id: 3, priority: 3, isDiscardable: true }),
    older,
    makeItem({ id: 1, priority: 4, isDiscardable: true }),
  ]);
  assert.deepEqual(queue.admit(makeItem({ id: 9, priority: 4 })), { outcome: "queued", evicted: older });
});

Deno.test("A discardable item can evict another item, just as a non-discardable one can", () => {
  const lowest = makeItem({ id: 1, priority: 1, isDiscardable: true });
  const queue = queueOf([lowest, makeItem({ id: 2 }), makeItem({ id: 3 })]);
  const admission = queue.admit(makeItem({ id: 4, priority: 2, isDiscardable: true }));
  assert.deepEqual(admission, { outcome: "queued", evicted: lowest });
});

Deno.test("A reserved item counts and can be evicted, but not taken before its row is committed", () => {
  const queue = new ServiceQueue({ ...rules, maxQueueSize: 1 });
  const reserved = makeItem({ id: 1, priority: 2, isDiscardable: true });
  queue.admit(reserved);
  assert.equal(queue.pendingCount, 1);
  assert.equal(queue.claim(momentAt(0)), null);

  const winner = makeItem({ id: 2, priority: 9 });
  assert.deepEqual(queue.admit(winner), { outcome: "queued", evicted: reserved });
  queue.commit(reserved);
  queue.commit(winner);
  assert.equal(queue.claim(momentAt(0)), winner);
  assert.equal(queue.claim(momentAt(0)), null);
});

Deno.test("Items being processed neither count against the bound nor are evicted", () => {
  const queue = queueOf([makeItem({ id: 1, isDiscardable: true, priority: 1 })], { maxQueueSize: 1 });
  assert.deepEqual(startAll(queue), [1]);
  assert.deepEqual(queue.admit(makeItem({ id: 2, priority: 9 })), { outcome: "queued", evicted: null });
  assert.deepEqual(queue.admit(makeItem({ id: 3, priority: 10 })), { outcome: "queue_full" });
});

Deno.test("A queue over its limit admits a new item only by evicting one, and discards nothing on its own", () => {
  const queue = queueOf(
    [1, 2, 3, 4, 5].map((id) => makeItem({ id, priority: 2, isDiscardable: true })),
    { maxQueueSize: 2 },
  );
  assert.equal(queue.pendingCount, 5);
  assert.deepEqual(queue.admit(makeItem({ id: 6, priority: 2 })), { outcome: "queue_full" });
  assert.equal(queue.admit(makeItem({ id: 7, priority: 3 })).outcome, "queued");
  assert.equal(queue.pendingCount, 5);
});

Deno.test("Priority 10 comes first, then the oldest", () => {
  const queue = queueOf([
    makeItem({ id: 1, priority: 1 }),
    makeItem({ id: 3, priority: 10 }),
    makeItem({ id: 2, priority: 10 }),
  ]);
  const taken: number[] = [];
  for (let item = queue.claim(momentAt(0)); item; item = queue.claim(momentAt(0))) {
    queue.confirmClaim(item);
    assert.equal(queue.start(), item);
    queue.settle(item, "completed", momentAt(0));
    taken.push(item.id);
  }
  assert.deepEqual(taken, [2, 3, 1]);
});

Deno.test("A sync item blocks its queue until it ends, even for async items", () => {
  const sync = makeItem({ id: 1, priority: 9 });
  const queue = queueOf([sync, makeItem({ id: 2, isAsync: true })]);
  assert.deepEqual(startAll(queue), [1]);
  assert.deepEqual(startAll(queue), []);
  queue.settle(sync, "completed", momentAt(0));
  assert.deepEqual(startAll(queue), [2]);
});

Deno.test("Async items run concurrently up to the limit, and a sync one does not wait for them", () => {
  const queue = queueOf([
    makeItem({ id: 1, isAsync: true, priority: 9 }),
    makeItem({ id: 2, isAsync: true, priority: 9 }),
    makeItem({ id: 3, isAsync: true, priority: 9 }),
  ]);
  assert.deepEqual(startAll(queue), [1, 2]);
  queue.restore(makeItem({ id: 4, priority: 10 }));
  assert.deepEqual(startAll(queue), [4]);
});

Deno.test("Items claimed ahead run in the order of their claim and are not overtaken", () => {
  const first = makeItem({ id: 1 });
  const queue = queueOf([first, makeItem({ id: 2 }), makeItem({ id: 3 })], { prefetch: 2 });
  assert.deepEqual(startAll(queue), [1, 2]);
  assert.equal(queue.processingCount, 2);
  queue.restore(makeItem({ id: 9, priority: 10 }));
  assert.deepEqual(startAll(queue), []);
  queue.settle(first, "completed", momentAt(0));
  assert.deepEqual(startAll(queue), [9]);
});

Deno.test("An item with a crash waits until it can run alone, and nothing starts while it runs", () => {
  const running = makeItem({ id: 1, isAsync: true });
  const suspect = makeItem({ id: 2, isAsync: true, crashes: 1, priority: 9 });
  const queue = queueOf([running]);
  assert.deepEqual(startAll(queue), [1]);
  queue.restore(suspect);
  queue.restore(makeItem({ id: 3, isAsync: true }));
  assert.deepEqual(startAll(queue), []);
  queue.settle(running, "completed", momentAt(0));
  assert.deepEqual(startAll(queue), [2]);
  assert.deepEqual(startAll(queue), []);
  queue.settle(suspect, "crashed", momentAt(0));
  assert.equal(suspect.crashes, 2);
});

Deno.test("A failed item waits for its backoff, which doubles each time, and blocks nobody meanwhile", () => {
  const item = makeItem({ id: 1, priority: 10 });
  const other = makeItem({ id: 2 });
  const queue = queueOf([item, other], { maxAttempts: 3 });
  assert.deepEqual(startAll(queue, 0), [1]);
  assert.equal(queue.settle(item, "failed", momentAt(0)), "pending");
  assert.equal(queue.nextDueAt, 1000);
  assert.equal(queue.pendingCount, 2);
  assert.deepEqual(startAll(queue, 999), [2]);
  queue.settle(other, "completed", momentAt(999));
  assert.deepEqual(startAll(queue, 1000), [1]);
  queue.settle(item, "failed", momentAt(1000));
  assert.equal(queue.nextDueAt, 3000);
  assert.deepEqual(startAll(queue, 3000), [1]);
  assert.equal(queue.settle(item, "failed", momentAt(3000)), "failed");
  assert.equal(item.attempts, 3);
  assert.equal(queue.pendingCount, 0);
});

Deno.test("Counters: a failure counts a failure, a crash a crash, a release nothing", () => {
  const item = makeItem({ id: 1 });
  const queue = queueOf([item], { maxAttempts: 2, maxCrashes: 2 });
  startAll(queue);
  assert.equal(queue.settle(item, "released", momentAt(0)), "pending");
  assert.deepEqual([item.attempts, item.failures, item.crashes], [1, 0, 0]);
  startAll(queue);
  assert.equal(queue.settle(item, "crashed", momentAt(0)), "pending");
  startAll(queue);
  assert.equal(queue.settle(item, "crashed", momentAt(0)), "failed");
  assert.deepEqual([item.attempts, item.failures, item.crashes], [3, 0, 2]);
});

Deno.test("Emptying a queue removes all pending items, oldest first, and leaves running ones", () => {
  const queue = queueOf([makeItem({ id: 3 }), makeItem({ id: 1 }), makeItem({ id: 2, priority: 10 })]);
  startAll(queue);
  assert.deepEqual([...queue.empty().chunks].flat(), [1, 3]);
  assert.equal(queue.pendingCount, 0);
  assert.equal(queue.processingCount, 1);
});

/**
 * An item of priority 1 waits while an item of priority 9 arrives each second and takes a second. Returns when it is
 * taken, if ever.
 */
function waitOfLowest(agingMs: number | null): number | null {
  const queue = queueOf([], { agingMs, maxQueueSize: 1000 });
  const event = (at: number) => ({ ...makeItem({ id: 1 }).event, receivedAt: momentAt(at).now });
  const come = (id: number, priority: number, at: number) => {
    const item = makeItem({ id, priority, event: event(at) });
    queue.admit(item);
    queue.commit(item);
  };
  come(1, 1, 0);
  for (let second = 0; second < 600; second++) {
    const at = second * 1000;
    come(second + 2, 9, at);
    const item = queue.claim(momentAt(at)) as QueuedItem;
    if (item.id === 1) return second;
    queue.confirmClaim(item);
    queue.start();
    queue.settle(item, "completed", momentAt(at));
  }
  return null;
}

Deno.test("With aging, an item of low priority is taken after enough steps, however many higher ones arrive", () => {
  assert.equal(waitOfLowest(null), null);
  assert.equal(waitOfLowest(5_000), 40);
  assert.equal(waitOfLowest(60_000), 480);
});
