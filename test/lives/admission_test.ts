/**
 * Capture into a real database, over several runs, batch sizes and queue sizes: every row of `event_queue`
 * against a model that is given nothing but the stored events and the subscriptions.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { App } from "../../src/app/app.ts";
import type { CapturedEvent, Source } from "../../src/source.ts";
import { cleanText } from "../../src/clean_text.ts";
import type { ServiceConfig } from "../../src/service.ts";
import type { Subscription } from "../../src/subscription.ts";
import { mainEventTypes, nobody } from "../../src/event.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { query } from "../support/livecue.ts";
import { silentLog } from "../support/silent_log.ts";
import { configIn, serviceConfig, withFolder } from "../support/temporary_store.ts";
import { traitsOf } from "../support/sources.ts";

const subscription: fc.Arbitrary<Subscription> = fc.record({
  isEnabled: fc.oneof({ weight: 6, arbitrary: fc.constant(true) }, {
    weight: 1,
    arbitrary: fc.constant(false),
  }),
  priority: fc.integer({ min: 1, max: 10 }),
  isAsync: fc.boolean(),
  isDiscardable: fc.boolean(),
  streaks: fc.constant("each" as const),
});

const services = fc.array(
  fc.record({
    maxQueueSize: fc.integer({ min: 1, max: 12 }),
    subscriptions: fc.record(
      Object.fromEntries(mainEventTypes.map((type) => [type, subscription])),
      { requiredKeys: [] },
    ),
  }),
  { minLength: 1, maxLength: 3 },
);

const run = fc.record({
  batchSize: fc.constantFrom(1, 2, 7, 1000),
  eventCount: fc.integer({ min: 5, max: 120 }),
  /** Items of a class in memory; the others are in the database alone. */
  queueWindow: fc.constantFrom(1, 2, 1000),
  seed: fc.integer(),
  /** Queue sizes of this run, by service; the config may have changed since the last. */
  sizes: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 3, maxLength: 3 }),
});

interface EventRow {
  id: number;
  event_type: typeof mainEventTypes[number];
  streak_delta: number | null;
}

interface ItemRow {
  id: number;
  service_id: number;
  live_event_id: number;
  priority: number;
  status: string;
  discard_reason: string | null;
}

/** Events of all main types, gifts with repeated and backward counts, from a seed. */
function* makeEvents(seed: number, count: number): Generator<CapturedEvent> {
  const random = fc.sample(fc.tuple(fc.nat(6), fc.nat(3), fc.nat(4), fc.nat(5)), { seed, numRuns: count });
  for (const [index, [type, user, streak, amount]] of random.entries()) {
    const shared = {
      roomId: "700",
      messageId: `${seed}${index}`,
      createdAt: 1_700_000_000_000 + index * 400,
      user: { ...nobody, id: String(user + 1), nickname: `viewer ${user}` },
    };
    const eventType = mainEventTypes[type] as typeof mainEventTypes[number];
    yield { ...shared, type: eventType, ...contentOf(eventType, streak, amount) } as CapturedEvent;
  }
}

function contentOf(type: typeof mainEventTypes[number], streak: number, amount: number) {
  switch (type) {
    case "GiftEvent": {
      const gift = { id: 5655, name: "Rose", diamondCount: 1, isStreakable: true, imageUrl: "" };
      return {
        data: { gift, repeatCount: amount, receiver: null },
        streak: { kind: "gift", groupId: String(streak), count: amount, isEnd: amount === 5 },
      };
    }
    case "LikeEvent":
      return { data: { total: amount }, streak: { kind: "like", count: amount } };
    case "CommentEvent":
      return { data: { comment: cleanText("hi", 10), language: "en", emotes: [] }, streak: null };
    case "SubscribeEvent":
      return { data: { months: 1, isGifted: false, count: 1, isSuperFan: false }, streak: null };
    case "FollowEvent":
      return { data: { followerCount: 1 }, streak: null };
    case "ShareEvent":
      return { data: { shareCount: 1 }, streak: null };
    case "JoinEvent":
      return { data: { memberCount: 1 }, streak: null };
  }
}

function sourceOf(events: Iterable<CapturedEvent>): Source {
  return {
    name: "replay:test",
    traits: traitsOf({ isLive: false }),
    async *open() {
      yield { kind: "session", username: "host", roomId: "700" };
      for (const event of events) yield { kind: "event", event, raw: null };
      yield { kind: "end", status: "completed", reason: "The recording ended." };
    },
  };
}

/** What the rules make of stored events, one service after the other, with a list searched for each. */
class Model {
  readonly rows: ItemRow[] = [];

  add(events: EventRow[], services: { id: number; config: ServiceConfig }[]): void {
    for (const event of events) {
      for (const { id: serviceId, config } of services) {
        const subscription = config.subscriptions[event.event_type];
        if (!subscription?.isEnabled || event.streak_delta === 0) continue;
        const row: ItemRow = {
          id: this.rows.length + 1,
          service_id: serviceId,
          live_event_id: event.id,
          priority: subscription.priority,
          status: "pending",
          discard_reason: null,
        };
        this.#admit(row, config);
        this.rows.push(row);
        if (subscription.isDiscardable) this.#discardable.add(row.id);
      }
    }
  }

  readonly #discardable = new Set<number>();

  #admit(row: ItemRow, { maxQueueSize }: ServiceConfig): void {
    const pending = this.rows.filter(({ service_id, status }) =>
      service_id === row.service_id && status === "pending"
    );
    if (pending.length < maxQueueSize) return;
    const lowest = pending.filter(({ id }) => this.#discardable.has(id))
      .sort((a, b) => a.priority - b.priority || a.id - b.id)[0];
    const loser = lowest && lowest.priority < row.priority ? lowest : row;
    loser.status = "discarded";
    loser.discard_reason = loser === row ? "queue_full" : "evicted";
  }
}

Deno.test("Every queue item is as the admission rules say, over batch sizes, restarts, windows and other queue sizes", async () => {
  await fc.assert(
    fc.asyncProperty(services, fc.array(run, { minLength: 1, maxLength: 3 }), async (given, runs) => {
      await withFolder(async (folder) => {
        const model = new Model();
        let lastEventId = 0;
        for (const { batchSize, eventCount, queueWindow, seed, sizes } of runs) {
          const configs = given.map((each, index) =>
            serviceConfig(`service_${index}`, { ...each, maxQueueSize: sizes[index] as number })
          );
          const app = await App.open({
            config: configIn(folder, { services: configs }),
            clock: new FakeClock(),
            log: silentLog(),
            sources: [sourceOf(makeEvents(seed, eventCount))],
            processes: "none",
            whenIdle: "end",
            batchSize,
            queueWindow,
          });
          await app.run();
          const events = query<EventRow>(
            folder,
            "SELECT id, event_type, streak_delta FROM live_event WHERE id > ? ORDER BY id",
            lastEventId,
          );
          lastEventId = events.at(-1)?.id ?? lastEventId;
          const ids = query<{ id: number; slug: string }>(folder, "SELECT id, slug FROM service");
          model.add(
            events,
            configs.map((config) => ({
              id: ids.find(({ slug }) => slug === config.slug)?.id as number,
              config,
            })),
          );
          const rows = query<ItemRow>(
            folder,
            `SELECT id, service_id, live_event_id, priority, status, discard_reason FROM event_queue ORDER BY id`,
          );
          assert.deepEqual(rows.map((row) => ({ ...row })), model.rows);
        }
      });
    }),
    { numRuns: 60 },
  );
});
