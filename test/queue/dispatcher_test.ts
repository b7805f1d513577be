import assert from "node:assert/strict";
import { EventDispatcher, type Subscription } from "../../src/queue/dispatcher.ts";
import { ServiceQueue } from "../../src/queue/service_queue.ts";
import { makeEvent, makeGift } from "../support/events.ts";

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

const both = { isAddition: true, isEnding: true };

Deno.test("An event goes to every service that subscribes to its type, with the subscription's values copied", () => {
  const dispatcher = new EventDispatcher(100);
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
  const dispatcher = new EventDispatcher(1);
  dispatcher.subscribers = [
    { serviceId: 1, queue: queue(), subscriptions: { GiftEvent: always } },
    { serviceId: 2, queue: queue(), subscriptions: { GiftEvent: { ...always, streaks: "final" } } },
  ];
  const reached = (isAddition: boolean, isEnding: boolean) =>
    dispatcher.dispatch(makeGift(), { isAddition, isEnding }).map(({ item }) => item.serviceId);
  assert.deepEqual(reached(true, false), [1]);
  assert.deepEqual(reached(false, true), [2]);
  assert.deepEqual(reached(true, true), [1, 2]);
  assert.deepEqual(reached(false, false), []);
});
