/**
 * The dispatcher and its queues against a model that keeps one plain list of rows a service and searches it
 * anew for every decision, as the rules are written.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { EventType, LiveEvent } from "../../src/event.ts";
import { EventDispatcher } from "../../src/live/dispatcher.ts";
import type { Outcome } from "../../src/item.ts";
import type { Subscription } from "../../src/subscription.ts";
import type { QueuedItem } from "../../src/item.ts";
import { type QueueRules, ServiceQueue } from "../../src/queue/service_queue.ts";
import { makeEvent, makeGift } from "../support/events.ts";

interface Row {
  id: number;
  priority: number;
  isAsync: boolean;
  isDiscardable: boolean;
  status:
    | "reserved"
    | "pending"
    | "processing"
    | "completed"
    | "failed"
    | "evicted"
    | "queue_full"
    | "emptied";
  failures: number;
  crashes: number;
  notBefore: number;
}

class ModelService {
  readonly rows: Row[] = [];

  constructor(readonly rules: QueueRules, readonly subscriptions: Partial<Record<EventType, Subscription>>) {}

  waiting(): Row[] {
    return this.rows.filter((row) => row.status === "pending" || row.status === "reserved");
  }

  running(): Row[] {
    return this.rows.filter((row) => row.status === "processing");
  }

  admit(row: Row): void {
    this.rows.push(row);
    if (this.waiting().length <= this.rules.maxQueueSize) return;
    const victim = this.waiting()
      .filter((other) => other !== row && other.isDiscardable)
      .sort((a, b) => a.priority - b.priority || a.id - b.id)[0];
    if (victim && victim.priority < row.priority) victim.status = "evicted";
    else row.status = "queue_full";
  }

  take(now: number): Row | null {
    const next = this.rows
      .filter((row) => row.status === "pending" && row.notBefore <= now)
      .sort((a, b) => b.priority - a.priority || a.id - b.id)[0];
    if (!next) return null;
    const running = this.running();
    if (running.some((row) => !row.isAsync || row.crashes > 0)) return null;
    if (next.crashes > 0 && running.length > 0) return null;
    if (next.isAsync && running.length >= this.rules.maxConcurrency) return null;
    next.status = "processing";
    return next;
  }

  settle(row: Row, ending: Outcome["kind"], now: number): void {
    row.status = "pending";
    if (ending === "completed") row.status = "completed";
    if (ending === "failed") {
      row.failures++;
      row.notBefore = now + this.rules.backoffMs * 2 ** (row.failures - 1);
      if (row.failures >= this.rules.maxAttempts) row.status = "failed";
    }
    if (ending === "crashed" && ++row.crashes >= this.rules.maxCrashes) row.status = "failed";
  }
}

const types = ["GiftEvent", "CommentEvent", "JoinEvent"] as const;

const subscription: fc.Arbitrary<Subscription> = fc.record({
  isEnabled: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, {
    weight: 1,
    arbitrary: fc.constant(false),
  }),
  priority: fc.integer({ min: 1, max: 10 }),
  isAsync: fc.boolean(),
  isDiscardable: fc.boolean(),
  streaks: fc.constantFrom("each" as const, "final" as const),
});

const service = fc.record({
  rules: fc.record({
    maxQueueSize: fc.integer({ min: 1, max: 5 }),
    maxConcurrency: fc.integer({ min: 1, max: 3 }),
    prefetch: fc.constant(1),
    maxAttempts: fc.integer({ min: 1, max: 3 }),
    maxCrashes: fc.integer({ min: 1, max: 3 }),
    backoffMs: fc.constant(10),
  }),
  subscriptions: fc.record(
    { GiftEvent: subscription, CommentEvent: subscription, JoinEvent: subscription },
    { requiredKeys: [] },
  ),
});

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("dispatch" as const),
      type: fc.constantFrom(...types),
      added: fc.option(fc.nat(9)),
      ended: fc.option(fc.nat(9)),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("commit" as const) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("take" as const), service: fc.nat(2) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("settle" as const),
      service: fc.nat(2),
      which: fc.nat(5),
      ending: fc.constantFrom<Outcome["kind"]>("completed", "failed", "crashed", "released"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(40) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("resize" as const),
      service: fc.nat(2),
      size: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("empty" as const), service: fc.nat(2) }) },
);

function eventOf(type: typeof types[number]): LiveEvent {
  if (type === "GiftEvent") return makeGift();
  return type === "JoinEvent" ? makeEvent({ type, data: { memberCount: 1 } }) : makeEvent();
}

Deno.test("Dispatcher and queues decide as the written rules do, over any sequence of what can happen", () => {
  fc.assert(
    fc.property(
      fc.array(service, { minLength: 1, maxLength: 3 }),
      fc.array(step, { minLength: 10, maxLength: 120, size: "max" }),
      (services, steps) => {
        const models = services.map(({ rules, subscriptions }) =>
          new ModelService({ ...rules }, subscriptions)
        );
        const queues = services.map(({ rules }) => new ServiceQueue({ ...rules }));
        const dispatcher = new EventDispatcher(1);
        dispatcher.subscribers = services.map(({ subscriptions }, index) => ({
          serviceId: index + 1,
          queue: queues[index] as ServiceQueue,
          subscriptions,
        }));
        /** What the code under test said of each item. */
        const said = new Map<number, Row["status"]>();
        const items = new Map<number, QueuedItem>();
        let uncommitted: { queue: ServiceQueue; item: QueuedItem }[] = [];
        let nextId = 1;
        let now = 0;

        for (const given of steps) {
          const index = "service" in given ? given.service % services.length : 0;
          const queue = queues[index] as ServiceQueue;
          const model = models[index] as ModelService;
          switch (given.kind) {
            case "dispatch": {
              for (const each of models) {
                const setting = each.subscriptions[given.type];
                if (!setting?.isEnabled) continue;
                if ((setting.streaks === "each" ? given.added : given.ended) === null) continue;
                const { priority, isAsync, isDiscardable } = setting;
                const id = nextId++;
                each.admit({
                  id,
                  priority,
                  isAsync,
                  isDiscardable,
                  status: "reserved",
                  failures: 0,
                  crashes: 0,
                  notBefore: 0,
                });
              }
              for (const decision of dispatcher.dispatch(eventOf(given.type), given)) {
                items.set(decision.item.id, decision.item);
                if (decision.outcome === "queue_full") {
                  said.set(decision.item.id, "queue_full");
                  continue;
                }
                if (decision.evicted) said.set(decision.evicted.id, "evicted");
                said.set(decision.item.id, "reserved");
                uncommitted.push(decision);
              }
              break;
            }
            case "commit":
              for (const each of models) {
                for (const row of each.rows) if (row.status === "reserved") row.status = "pending";
              }
              for (const { queue, item } of uncommitted) {
                queue.commit(item);
                if (said.get(item.id) === "reserved") said.set(item.id, "pending");
              }
              uncommitted = [];
              break;
            case "take": {
              const expected = model.take(now);
              const claimed = queue.claim(now);
              assert.equal(claimed?.id, expected?.id);
              if (!claimed) break;
              assert.equal(queue.start(), null, "nothing is handed out before its claim is committed");
              queue.confirmClaim(claimed);
              assert.equal(queue.start(), claimed);
              said.set(claimed.id, "processing");
              break;
            }
            case "settle": {
              const running = model.running();
              const row = running[given.which % Math.max(1, running.length)];
              if (!row) break;
              model.settle(row, given.ending, now);
              said.set(row.id, queue.settle(items.get(row.id) as QueuedItem, given.ending, now));
              break;
            }
            case "wait":
              now += given.ms;
              break;
            case "resize":
              model.rules.maxQueueSize = given.size;
              queue.rules.maxQueueSize = given.size;
              break;
            case "empty":
              for (const row of model.waiting()) row.status = "emptied";
              for (const item of queue.empty()) said.set(item.id, "emptied");
              break;
          }
          for (const [position, each] of models.entries()) {
            assert.equal(queues[position]?.pendingCount, each.waiting().length);
            assert.equal(queues[position]?.processingCount, each.running().length);
          }
        }
        const rows = models.flatMap((each) => each.rows).sort((a, b) => a.id - b.id);
        assert.deepEqual([...said].sort(([a], [b]) => a - b), rows.map((row) => [row.id, row.status]));
        for (const row of rows) {
          const item = items.get(row.id) as QueuedItem;
          assert.deepEqual([item.failures, item.crashes], [row.failures, row.crashes]);
        }
      },
    ),
    { numRuns: 1000 },
  );
});
