/** The numbers of a report, compared with a count of the events themselves. */
import assert from "node:assert/strict";
import { addedBy, countsForHost, type EventType, type LiveEvent } from "../../src/event.ts";
import { readReport } from "../../src/store/report.ts";
import type { SessionReport } from "../../src/session_report.ts";
import { Totals } from "../../src/lives/totals.ts";
import { overBothStores, type StoreUnderTest } from "../support/both_stores.ts";
import { sampleEvent } from "../support/stored_events.ts";
import { insertItem, openSession, serviceConfig } from "../support/temporary_store.ts";

const startedAt = 1_790_000_000_000;
const minuteMs = 60_000;
const types: EventType[] = [
  "GiftEvent",
  "LikeEvent",
  "CommentEvent",
  "FollowEvent",
  "JoinEvent",
  "SubscribeEvent",
];

/** Always the same sequence. */
function sequence(): (below: number) => number {
  let state = 42;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(state / 2_147_483_648 * below);
  };
}

/** Two sessions at the same time, with everything that must not count. */
function mixedEvents(count: number): LiveEvent[] {
  const any = sequence();
  return Array.from({ length: count }, (_, index) => {
    const type = any(10) === 0 ? "ViewerCountEvent" : types[any(types.length)] as EventType;
    const viewer = any(30);
    const delta = any(4);
    const isHistory = any(20) === 0;
    const at = startedAt + Math.floor(index * 20 * minuteMs / count);
    const event = sampleEvent({
      id: index + 1,
      type,
      sessionId: 1 + any(2),
      isTest: any(15) === 0,
      isForeign: any(15) === 0,
      isHistory,
      createdAt: isHistory ? at - any(40) * minuteMs : at - 700,
      receivedAt: at,
      user: {
        id: `id${viewer}`,
        uniqueId: `viewer${viewer}`,
        nickname: `Viewer ${viewer} at ${index}`,
        avatarUrl: "",
        roles: [],
      },
    });
    if (event.streak !== null) {
      event.streak = { id: `s${viewer}`, count: delta + 3, delta, hasEnded: any(2) === 0 };
    }
    if (event.type === "GiftEvent") {
      const gift = {
        id: any(5),
        name: `Gift ${any(2)}`,
        diamondCount: any(500),
        isStreakable: true,
        imageUrl: "",
      };
      const guest = { id: "9", uniqueId: "guest", nickname: "Guest" };
      event.data = { gift, repeatCount: 99, receiver: any(10) === 0 ? guest : null };
    }
    if (event.type === "ViewerCountEvent") event.data = { viewerCount: any(1_000), totalUserCount: 5_000 };
    return event;
  });
}

async function withMixed(
  { store, read }: StoreUnderTest,
  use: (events: LiveEvent[], report: SessionReport) => void,
): Promise<void> {
  const events = mixedEvents(2_000);
  store.writer.add(openSession(1, startedAt));
  store.writer.add(openSession(2, startedAt));
  for (const event of events) store.writer.add({ kind: "insert_event", event });
  await store.writer.flush();
  use(
    events.filter(({ sessionId, isTest, isForeign }) => sessionId === 1 && !isTest && !isForeign),
    await read(({ query }) => readReport(query, 1)) as SessionReport,
  );
}

function momentOf({ isHistory, createdAt, receivedAt }: LiveEvent): number {
  return isHistory ? createdAt : receivedAt;
}

function diamondsOf(event: LiveEvent): number {
  if (event.type !== "GiftEvent" || !countsForHost(event)) return 0;
  return addedBy(event) * event.data.gift.diamondCount;
}

function sumBy<Key>(
  events: LiveEvent[],
  keyOf: (event: LiveEvent) => Key,
  numberOf: (event: LiveEvent) => number,
) {
  const sums = new Map<Key, number>();
  for (const event of events) sums.set(keyOf(event), (sums.get(keyOf(event)) ?? 0) + numberOf(event));
  return sums;
}

overBothStores(
  "A report's totals are those of the live, and each number of a minute is the sum of its events",
  async (parts) => {
    await withMixed(parts, (events, report) => {
      const totals = new Totals();
      for (const event of events) totals.add(event);
      assert.deepEqual(report.totals, totals.read());
      assert.equal(report.events, events.length);
      assert.equal(report.lengthMs, Math.max(...events.map(momentOf)) - startedAt);

      const during = events.filter((event) => momentOf(event) >= startedAt);
      assert.ok(during.length < events.length);
      const minuteOf = (event: LiveEvent) => Math.floor((momentOf(event) - startedAt) / minuteMs);
      const counts = sumBy(during, minuteOf, () => 1);
      const diamonds = sumBy(during, minuteOf, diamondsOf);
      assert.deepEqual(
        new Map(report.minutes.map((each) => [each.minute, each.events])),
        new Map([...counts].sort(([a], [b]) => a - b)),
      );
      assert.deepEqual(
        report.minutes.map((each) => each.diamonds),
        report.minutes.map(({ minute }) => diamonds.get(minute)),
      );
      assert.equal(report.busiestMinute?.events, Math.max(...counts.values()));
      assert.equal(report.richestMinute?.diamonds, Math.max(...diamonds.values()));
      const inMinutes = report.minutes.reduce((sum, minute) => sum + minute.diamonds, 0);
      assert.equal(inMinutes + report.before.diamonds, report.totals.diamonds);

      const viewers = during.flatMap(({ type, data }) =>
        type === "ViewerCountEvent" ? [data.viewerCount] : []
      );
      assert.equal(report.viewers?.highest, Math.max(...viewers));
      assert.ok(Math.abs(report.viewers.average - viewers.reduce((a, b) => a + b) / viewers.length) < 1e-6);
    });
  },
);

overBothStores(
  "Gifts are summed by kind, givers by viewer under their latest name, and a follower counts once",
  async (parts) => {
    await withMixed(parts, (events, report) => {
      const gifts = events.filter((event) => event.type === "GiftEvent" && countsForHost(event));
      const kinds = sumBy(gifts, (event) => event.type === "GiftEvent" ? event.data.gift.id : -1, addedBy);
      assert.deepEqual(new Map(report.gifts.first.map(({ id, count }) => [id, count])).size, kinds.size);
      for (const { id, count } of report.gifts.first) assert.equal(count, kinds.get(id));

      const byGiver = sumBy(gifts, ({ user }) => user.id, diamondsOf);
      assert.equal(
        report.givers.count,
        [...sumBy(gifts, ({ user }) => user.id, addedBy).values()].filter((sum) => sum > 0).length,
      );
      for (const { id, name, diamonds } of report.givers.first) {
        assert.equal(diamonds, byGiver.get(id));
        assert.equal(name, gifts.findLast(({ user }) => user.id === id)?.user.nickname);
      }
      const order = report.givers.first.map(({ diamonds }) => diamonds);
      assert.deepEqual(order, order.toSorted((a, b) => b - a));

      const followers = new Set(
        events.filter(({ type }) => type === "FollowEvent").map(({ user }) => user.id),
      );
      assert.equal(report.followers.count, followers.size);
      assert.deepEqual(new Set(report.followers.first.map(({ id }) => id)), followers);
    });
  },
);

overBothStores(
  "A report says what became of each service's items, and leaves out those of other sessions",
  async ({ store, read }) => {
    const { dino, tts } = Object.fromEntries(
      await store.syncServices([serviceConfig("dino"), serviceConfig("tts")]),
    ) as { dino: number; tts: number };
    store.writer.add(openSession(1, startedAt));
    store.writer.add(openSession(2, startedAt));
    for (const id of [1, 2, 3, 4]) {
      store.writer.add({ kind: "insert_event", event: sampleEvent({ id, sessionId: id === 4 ? 2 : 1 }) });
    }
    const items = [
      insertItem({ id: 1, eventId: 1, serviceId: dino, as: "discarded" }),
      insertItem({ id: 2, eventId: 1, serviceId: tts, as: "processing" }),
      insertItem({ id: 3, eventId: 2, serviceId: dino, as: "processing" }),
      insertItem({ id: 4, eventId: 3, serviceId: dino }),
      insertItem({ id: 5, eventId: 4, serviceId: dino }),
    ];
    for (const item of items) store.writer.add(item);
    store.writer.add({
      kind: "finish_item",
      serviceId: 1,
      id: 2,
      attempts: 1,
      status: "completed",
      failures: 0,
      crashes: 0,
      finishedAt: 2,
      error: null,
    });
    await store.writer.flush();
    await read(({ query }) => {
      assert.deepEqual(readReport(query, 1)?.services, [
        { slug: "dino", completed: 0, failed: 0, open: 2, discarded: { queue_full: 1 } },
        { slug: "tts", completed: 1, failed: 0, open: 0, discarded: {} },
      ]);
      assert.equal(readReport(query, 3), null);
    });
  },
);
