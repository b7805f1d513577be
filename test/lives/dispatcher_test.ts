import assert from "node:assert/strict";
import { EventDispatcher } from "../../src/lives/dispatcher.ts";
import type { Subscription } from "../../src/subscription.ts";
import { ServiceQueue } from "../../src/queue/service_queue.ts";
import { makeEvent, makeGift } from "../support/events.ts";
import { idsFrom } from "../support/ids.ts";

const always: Subscription = {
  isEnabled: true,
  priority: 7,
  isAsync: true,
  isDiscardable: true,
  streaks: "each",
};

function queue(): ServiceQueue {
  return new ServiceQueue({
    maxQueueSize: 10,
    maxConcurrency: 1,
    prefetch: 1,
    maxAttempts: 1,
    maxCrashes: 1,
    backoffMs: 1,
  });
}

const both = { added: 1, ended: 1 };

Deno.test("An event goes to every service that subscribes to its type, with the subscription's values copied", () => {
  const dispatcher = new EventDispatcher(idsFrom({ item: 100 }));
  dispatcher.subscribers = [
    { serviceId: 1, queue: queue(), subscriptions: { CommentEvent: always } },
    { serviceId: 2, queue: queue(), subscriptions: { GiftEvent: always } },
    { serviceId: 3, queue: queue(), subscriptions: { CommentEvent: { ...always, isEnabled: false } } },
    {
      serviceId: 4,
      queue: queue(),
      subscriptions: { CommentEvent: { ...always, priority: 2, isAsync: false } },
    },
  ];
  const decisions = dispatcher.dispatch(makeEvent(), both);
  assert.deepEqual(
    decisions.map(({ item }) => [item.id, item.serviceId, item.priority, item.isAsync, item.isDiscardable]),
    [[100, 1, 7, true, true], [101, 4, 2, false, true]],
  );
});

Deno.test("A subscription to each of a streak gets what adds, one to its final gets what ends it", () => {
  const dispatcher = new EventDispatcher(idsFrom());
  dispatcher.subscribers = [
    { serviceId: 1, queue: queue(), subscriptions: { GiftEvent: always } },
    { serviceId: 2, queue: queue(), subscriptions: { GiftEvent: { ...always, streaks: "final" } } },
  ];
  const reached = (added: number | null, ended: number | null) =>
    dispatcher.dispatch(makeGift(), { added, ended }).map(({ item }) => [item.serviceId, item.count]);
  assert.deepEqual(reached(3, null), [[1, 3]]);
  assert.deepEqual(reached(null, 10), [[2, 10]]);
  assert.deepEqual(reached(3, 10), [[1, 3], [2, 10]]);
  assert.deepEqual(reached(null, 0), [[2, 0]]);
  assert.deepEqual(reached(null, null), []);
});
