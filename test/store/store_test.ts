import assert from "node:assert/strict";
import type { Operation, StateOwner } from "../../src/operation.ts";
import type { Store } from "../../src/store/store.ts";
import { overBothStores, type StoreUnderTest } from "../support/both_stores.ts";
import { sampleEvent } from "../support/stored_events.ts";
import {
  insertItem,
  nextIdsOf,
  openSession,
  openTemporary,
  pendingItems,
  serviceConfig,
  withStore,
} from "../support/temporary_store.ts";

const now = 1_700_000_100_000;

async function write(store: Store, ...operations: Operation[]): Promise<void> {
  for (const operation of operations) store.writer.add(operation);
  await store.writer.flush();
}

function likes(id: number, streakId: string, hasEnded = false): Operation {
  const streak = { id: streakId, count: id, delta: 1, hasEnded };
  return { kind: "insert_event", event: sampleEvent({ id, type: "LikeEvent", data: { total: id }, streak }) };
}

const gift = {
  isEnabled: true,
  priority: 10,
  isAsync: false,
  isDiscardable: false,
  streaks: "each",
} as const;
const comment = {
  isEnabled: true,
  priority: 6,
  isAsync: true,
  isDiscardable: true,
  streaks: "final",
} as const;

overBothStores(
  "The service tables follow the config by slug; what it lacks is switched off, not deleted",
  async ({ store, rows }) => {
    const first = await store.syncServices([
      serviceConfig("dino", { subscriptions: { GiftEvent: gift, CommentEvent: comment } }),
      serviceConfig("overlays"),
    ]);
    const second = await store.syncServices([
      serviceConfig("gmod"),
      serviceConfig("dino", { name: "Dino", maxQueueSize: 7, subscriptions: { GiftEvent: comment } }),
    ]);
    assert.equal(second.get("dino"), first.get("dino"));
    assert.deepEqual([...second.keys()], ["gmod", "dino"]);
    assert.deepEqual(
      await rows("SELECT slug, name, max_queue_size, is_active FROM service ORDER BY slug"),
      [
        { slug: "dino", name: "Dino", max_queue_size: 7, is_active: 1 },
        { slug: "gmod", name: "GMOD", max_queue_size: 50, is_active: 1 },
        { slug: "overlays", name: "OVERLAYS", max_queue_size: 50, is_active: 0 },
      ],
    );
    const columns = "event_type, is_enabled, priority, is_async, is_discardable, streaks";
    assert.deepEqual(await rows(`SELECT ${columns} FROM service_event_config ORDER BY event_type`), [
      {
        event_type: "CommentEvent",
        is_enabled: 0,
        priority: 6,
        is_async: 1,
        is_discardable: 1,
        streaks: "final",
      },
      {
        event_type: "GiftEvent",
        is_enabled: 1,
        priority: 6,
        is_async: 1,
        is_discardable: 1,
        streaks: "final",
      },
    ]);
  },
);

Deno.test("The next ids go on from the highest there are", async () => {
  await withStore(async ({ store, path }) => {
    assert.deepEqual(nextIdsOf(store), { live: 1, session: 1, event: 1, item: 1 });
    await store.syncServices([serviceConfig("dino")]);
    await write(
      store,
      openSession(4),
      { kind: "insert_event", event: sampleEvent({ id: 9, sessionId: 4 }) },
      insertItem({ id: 17, eventId: 9, count: 7 }),
    );
    await store.stop();
    const again = openTemporary(path).store;
    assert.deepEqual(nextIdsOf(again), { live: 2, session: 5, event: 10, item: 18 });
    assert.deepEqual(pendingItems(again, 1).map(({ id, count }) => [id, count]), [[17, 7]]);
    await again.stop();
  });
});

overBothStores(
  "Recovery closes a dead process's session at the time of its last event",
  async ({ store }) => {
    await write(
      store,
      openSession(1),
      {
        kind: "close_session",
        id: 1,
        status: "completed",
        endedAt: 5,
        reason: "The live ended.",
        eventsTo: 1_000_000,
      },
      openSession(2),
      { kind: "insert_event", event: sampleEvent({ id: 1, sessionId: 2, receivedAt: 77 }) },
      openSession(3),
    );
    const report = await store.recover(now);
    store.abortSessions(report);
    await store.writer.flush();
    assert.deepEqual(report.sessions.map(({ id }) => id), [2, 3]);
    const ends = store.reader.sessions({ limit: 9 }).map(({ status, endedAt }) => [status, endedAt]);
    assert.deepEqual(ends, [["aborted", now], ["aborted", 77], ["completed", 5]]);
    assert.match(store.reader.session(2)?.endReason ?? "", /without closing the session/);
    assert.deepEqual((await store.recover(now)).sessions, []);
  },
);

overBothStores(
  "Recovery returns items in hand with a crash more, and fails those that crashed too often",
  async ({ store }) => {
    const ids = await store.syncServices([
      serviceConfig("dino", { maxCrashes: 2 }),
      serviceConfig("overlays"),
    ]);
    const [dino, overlays] = [ids.get("dino")!, ids.get("overlays")!];
    await write(
      store,
      openSession(1),
      { kind: "insert_event", event: sampleEvent({ id: 1 }) },
      ...[1, 2, 3].map((id) => insertItem({ id, eventId: 1, serviceId: dino })),
      insertItem({ id: 4, eventId: 1, serviceId: overlays }),
      { kind: "claim_item", id: 1, attempts: 1, startedAt: now },
      { kind: "claim_item", id: 4, attempts: 1, startedAt: now },
    );
    const first = await store.recover(now);
    assert.deepEqual([first.returnedItems, first.failedItems], [2, 0]);
    assert.deepEqual(pendingItems(store, dino).map(({ id, crashes }) => [id, crashes]), [[1, 1], [2, 0], [
      3,
      0,
    ]]);

    await write(
      store,
      { kind: "claim_item", id: 1, attempts: 2, startedAt: now },
      { kind: "claim_item", id: 4, attempts: 2, startedAt: now },
    );
    const second = await store.recover(now);
    assert.deepEqual([second.returnedItems, second.failedItems], [1, 1]);
    const failed = store.reader.item(1);
    assert.deepEqual([failed?.status, failed?.crashes, failed?.attempts], ["failed", 2, 2]);
    assert.match(failed?.error ?? "", /crashed or was killed while .* crash 2 of at most 2 \(max_crashes\)/);
    assert.deepEqual(pendingItems(store, overlays).map(({ crashes }) => crashes), [2]);
  },
);

overBothStores(
  "Recovery names the last stored event of each open streak, until their ends are committed",
  async ({ store, rows }) => {
    await write(
      store,
      openSession(1),
      likes(1, "left open in a closed session"),
      {
        kind: "close_session",
        id: 1,
        status: "completed",
        endedAt: 5,
        reason: "The live ended.",
        eventsTo: 1_000_000,
      },
      openSession(2),
      ...[likes(2, "a"), likes(3, "b"), likes(4, "a"), likes(5, "b", true), likes(6, "b"), likes(7, "c")]
        .map((operation) =>
          operation.kind === "insert_event"
            ? { ...operation, event: { ...operation.event, sessionId: 2 } }
            : operation
        ),
    );
    const report = await store.recover(now);
    assert.deepEqual(report.openStreaks.map(({ id, streak }) => [id, streak?.id]), [[4, "a"], [7, "c"]]);

    // Nothing is committed yet: a death here leaves all of it to the next start.
    const [session] = await rows("SELECT status FROM live_session WHERE id = 2");
    assert.equal(session?.status, "active");

    store.abortSessions(report);
    await write(store, { kind: "end_streak", eventId: 4 }, { kind: "end_streak", eventId: 7 });
    assert.equal(store.reader.events({ limit: 1 })[0]?.streak?.hasEnded, true);
    assert.deepEqual((await store.recover(now)).openStreaks, []);
  },
);

overBothStores("Pending items come back oldest first, with their whole event", async ({ store }) => {
  await store.syncServices([serviceConfig("dino")]);
  const event = sampleEvent({ id: 1, type: "GiftEvent" });
  await write(
    store,
    openSession(1),
    { kind: "insert_event", event },
    insertItem({ id: 2, eventId: 1 }),
    insertItem({ id: 1, eventId: 1 }),
    insertItem({ id: 3, eventId: 1, as: "discarded" }),
    insertItem({ id: 4, eventId: 1 }),
    { kind: "claim_item", id: 4, attempts: 1, startedAt: now },
  );
  const items = pendingItems(store, 1);
  assert.deepEqual(items.map(({ id }) => id), [1, 2]);
  assert.deepEqual(items[0]?.event, event);
});

/** A database with one pending item of an earlier run for each of two services, created at these times. */
async function withLeftovers(
  { store, again }: StoreUnderTest,
  use: (store: Store) => void | Promise<void>,
): Promise<void> {
  await store.syncServices([serviceConfig("dino"), serviceConfig("overlays")]);
  await write(
    store,
    openSession(1),
    { kind: "insert_event", event: sampleEvent({ id: 1 }) },
    insertItem({ id: 1, eventId: 1, serviceId: 1, createdAt: now - 61_000 }),
    insertItem({ id: 2, eventId: 1, serviceId: 1, createdAt: now - 60_000 }),
    insertItem({ id: 3, eventId: 1, serviceId: 2, createdAt: now - 61_000 }),
    openSession(2),
  );
  await store.stop();
  const next = await again();
  try {
    await use(next);
  } finally {
    await next.stop();
  }
}

overBothStores(
  "What earlier runs left for too long is discarded as stale; without a setting it is counted",
  async (parts) => {
    await withLeftovers(parts, async (store) => {
      await store.syncServices([serviceConfig("dino", { staleAfterSeconds: 60 }), serviceConfig("overlays")]);
      assert.deepEqual(await store.discardStale({ now, all: false }), { discarded: 1, leftOver: 1 });
      assert.deepEqual(pendingItems(store, 1).map(({ id }) => id), [2]);
      await store.staleDiscarded();
      await store.writer.flush();
      const stale = store.reader.item(1);
      assert.deepEqual([stale?.status, stale?.discardReason, stale?.finishedAt], ["discarded", "stale", now]);
    });
  },
);

overBothStores(
  "All that earlier runs left can be discarded, but not what waits for an inactive service",
  async (parts) => {
    await withLeftovers(parts, async (store) => {
      await store.syncServices([serviceConfig("dino"), serviceConfig("overlays", { isActive: false })]);
      assert.deepEqual(await store.discardStale({ now, all: true }), { discarded: 2, leftOver: 0 });
      assert.deepEqual(pendingItems(store, 2).map(({ id }) => id), [3]);
    });
  },
);

overBothStores("What this run has queued is never stale", async ({ store }) => {
  await store.syncServices([serviceConfig("dino", { staleAfterSeconds: 1 })]);
  await write(
    store,
    openSession(1),
    { kind: "insert_event", event: sampleEvent({ id: 1 }) },
    insertItem({ id: 1, eventId: 1 }),
  );
  assert.deepEqual(await store.discardStale({ now, all: true }), { discarded: 0, leftOver: 0 });
});

overBothStores(
  "A service's state is kept by key, apart for each session, each live and the service itself",
  async ({ store }) => {
    await store.syncServices([serviceConfig("dino")]);
    const own = { sessionId: null, liveId: null };
    const first = { ...own, sessionId: 1 };
    const second = { ...own, sessionId: 2 };
    const live = { ...own, liveId: 1 };
    const set = (owner: StateOwner, key: string, value: unknown): Operation => {
      return { kind: "set_state", serviceId: 1, ...owner, key, value };
    };
    await write(
      store,
      openSession(1),
      openSession(2),
      set(own, "high", 1),
      set(own, "high", { score: 10 }),
      set(first, "high", null),
      set(second, "high", "ten"),
      set(live, "high", 7),
      set(second, "gone", 1),
      set(second, "gone", undefined),
      set(own, "gone", undefined),
    );
    assert.deepEqual(store.kept.value(1, own, "high"), { score: 10 });
    assert.equal(store.kept.value(1, first, "high"), null);
    assert.equal(store.kept.value(1, second, "high"), "ten");
    assert.equal(store.kept.value(1, live, "high"), 7);
    assert.equal(store.kept.value(1, second, "gone"), undefined);
    assert.equal(store.kept.value(2, own, "high"), undefined);
  },
);

overBothStores("An id is known to its owner until it is forgotten, the oldest first", async ({ store }) => {
  const know = (owner: string, id: string, at: number): Operation => ({
    kind: "add_known_id",
    owner,
    id,
    at,
  });
  await write(store, know("service:a", "1", 10), know("service:a", "2", 20), know("source:a", "1", 30));
  await write(store, know("service:a", "1", 25));
  assert.equal(store.knownIdAt("service:a", "1"), 25);
  assert.equal(store.knownIdAt("service:b", "1"), null);
  await write(store, { kind: "forget_known_ids", before: 26 });
  assert.deepEqual(
    [
      store.knownIdAt("service:a", "1"),
      store.knownIdAt("service:a", "2"),
      store.knownIdAt("source:a", "1"),
    ],
    [null, null, 30],
  );
});

overBothStores("Livecue's own values are kept by key", async ({ store }) => {
  assert.equal(store.configValue("last_user"), null);
  await write(store, { kind: "set_config", key: "last_user", value: "ana" });
  await write(store, { kind: "set_config", key: "last_user", value: "ben" });
  assert.equal(store.configValue("last_user"), "ben");
});
