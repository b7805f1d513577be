import assert from "node:assert/strict";
import { describeEvent } from "../../src/describe.ts";
import type { LiveEvent } from "../../src/event.ts";
import type { Operation } from "../../src/operation.ts";
import type { Reader } from "../../src/store/reader.ts";
import { overBothStores, type StoreUnderTest } from "../support/both_stores.ts";
import { everyEvent, sampleEvent } from "../support/stored_events.ts";
import { insertItem, openSession, serviceConfig } from "../support/temporary_store.ts";

const now = 1_700_000_100_000;

/** Runs `use` with a reader of its own on a database holding what `operations` wrote. */
async function withReader(
  { store, read }: StoreUnderTest,
  operations: Operation[],
  use: (reader: Reader) => void,
): Promise<void> {
  await store.syncServices([serviceConfig("dino"), serviceConfig("overlays")]);
  for (const operation of operations) store.writer.add(operation);
  await store.writer.flush();
  await read(({ reader }) => use(reader));
}

function comments(...texts: string[]): Operation[] {
  return [
    openSession(1),
    ...texts.map((comment, index): Operation => {
      const event = sampleEvent({ id: index + 1, data: { comment, language: "en", emotes: [] } });
      return { kind: "insert_event", event };
    }),
  ];
}

overBothStores("Events of every type are read as they were written", async (parts) => {
  const events = everyEvent();
  await withReader(parts, [
    openSession(1),
    ...events.map((event): Operation => ({ kind: "insert_event", event })),
  ], (reader) => {
    assert.deepEqual(reader.events({ limit: 100 }).reverse(), events);
    assert.deepEqual([...reader.exportSession(1)], events);
  });
});

overBothStores(
  "Events without a message id, of history, and of nobody are read as they were written",
  async (parts) => {
    const event = sampleEvent({ id: 1, messageId: null, isHistory: true, type: "ViewerCountEvent" });
    await withReader(parts, [openSession(1), { kind: "insert_event", event }], (reader) => {
      assert.deepEqual(reader.events({ limit: 1 }), [event]);
    });
  },
);

overBothStores("A session is read with all that became of it, newest first, page by page", async (parts) => {
  await withReader(parts, [
    openSession(1),
    { kind: "update_shed", id: 1, shed: { JoinEvent: 12 } },
    {
      kind: "close_session",
      id: 1,
      status: "completed",
      endedAt: now,
      reason: "The live ended.",
      eventsTo: 1_000_000,
    },
    openSession(2),
    openSession(3),
  ], (reader) => {
    assert.deepEqual(reader.sessions({ limit: 2 }).map(({ id }) => id), [3, 2]);
    assert.deepEqual(reader.sessions({ limit: 2, before: 2 }), [{
      id: 1,
      username: "ana.live",
      name: null,
      roomId: "7312345678901234567",
      source: "demo",
      status: "completed",
      startedAt: 1_700_000_000_000,
      endedAt: now,
      endReason: "The live ended.",
      shed: { JoinEvent: 12 },
    }]);
    assert.equal(reader.session(9), null);
  });
});

overBothStores("Pages of events join without gap or repetition", async (parts) => {
  await withReader(parts, comments(..."abcdefg"), (reader) => {
    const ids: number[] = [];
    let page = reader.events({ limit: 3 });
    while (page.length > 0) {
      ids.push(...page.map(({ id }) => id));
      page = reader.events({ limit: 3, before: page.at(-1)!.id });
    }
    assert.deepEqual(ids, [7, 6, 5, 4, 3, 2, 1]);
  });
});

overBothStores("Events are chosen by session and type", async (parts) => {
  await withReader(parts, [
    openSession(1),
    { kind: "insert_event", event: sampleEvent({ id: 1 }) },
    { kind: "insert_event", event: sampleEvent({ id: 2, type: "GiftEvent" }) },
    openSession(2),
    { kind: "insert_event", event: sampleEvent({ id: 3, sessionId: 2, type: "GiftEvent" }) },
  ], (reader) => {
    assert.deepEqual(reader.events({ type: "GiftEvent", limit: 9 }).map(({ id }) => id), [3, 2]);
    assert.deepEqual(reader.events({ sessionId: 1, limit: 9 }).map(({ id }) => id), [2, 1]);
    assert.deepEqual(reader.events({ sessionId: 2, type: "JoinEvent", limit: 9 }), []);
  });
});

overBothStores("A search takes every character as it is, and small letters for capitals", async (parts) => {
  const texts = [
    "100% sure",
    "100 percent",
    "under_score",
    "underscore",
    'a "quote"',
    "back\\slash",
    "Gracias 🌹",
  ];
  await withReader(parts, comments(...texts), (reader) => {
    const found = (text: string) => reader.events({ text, limit: 99 }).map(({ id }) => texts[id - 1]);
    assert.deepEqual(found("100%"), ["100% sure"]);
    assert.deepEqual(found("R_S"), ["under_score"]);
    assert.deepEqual(found('"quote"'), ['a "quote"']);
    assert.deepEqual(found("k\\s"), ["back\\slash"]);
    assert.deepEqual(found("gracias 🌹"), ["Gracias 🌹"]);
    assert.deepEqual(found("nothing of this"), []);
  });
});

overBothStores(
  "A search finds names and handles, but neither names of fields nor addresses of images",
  async (parts) => {
    const gift = sampleEvent({ id: 1, type: "GiftEvent" });
    await withReader(parts, [openSession(1), { kind: "insert_event", event: gift }], (reader) => {
      const isFound = (text: string) => reader.events({ text, limit: 1 }).length === 1;
      assert.ok(isFound("ROSE"));
      assert.ok(isFound("ana.l"));
      assert.ok(isFound("🦄"));
      assert.ok(!isFound("diamond"));
      assert.ok(!isFound("webp"));
    });
  },
);

const queued: Operation[] = [
  openSession(1),
  { kind: "insert_event", event: sampleEvent({ id: 1, type: "GiftEvent" }) },
  insertItem({ id: 1, eventId: 1, serviceId: 1 }),
  insertItem({ id: 2, eventId: 1, serviceId: 2 }),
  { kind: "insert_event", event: sampleEvent({ id: 2 }) },
  insertItem({ id: 3, eventId: 2, serviceId: 1 }),
  insertItem({ id: 4, eventId: 2, serviceId: 2, as: "discarded" }),
  { kind: "claim_item", id: 3, attempts: 1, startedAt: now },
];

overBothStores(
  "The queue is read with its service and its event, chosen by service and status",
  async (parts) => {
    await withReader(parts, queued, (reader) => {
      const [newest] = reader.queue({ limit: 1 });
      assert.deepEqual(
        [
          newest?.id,
          newest?.serviceSlug,
          newest?.event.type,
          newest?.event.user.nickname,
          newest?.discardReason,
        ],
        [4, "overlays", "CommentEvent", "Ána 🦄", "queue_full"],
      );
      const ids = (
        options: { serviceSlug?: string; status?: "pending" | "processing" | "discarded"; before?: number },
      ) => reader.queue({ limit: 9, ...options }).map(({ id }) => id);
      assert.deepEqual(ids({}), [4, 3, 2, 1]);
      assert.deepEqual(ids({ serviceSlug: "dino" }), [3, 1]);
      assert.deepEqual(ids({ status: "pending" }), [2, 1]);
      assert.deepEqual(ids({ status: "pending", before: 2 }), [1]);
      assert.deepEqual(ids({ status: "processing", serviceSlug: "dino" }), [3]);
      assert.deepEqual(ids({ status: "discarded" }), [4]);
      assert.deepEqual(ids({ serviceSlug: "none" }), []);
    });
  },
);

overBothStores("What became of one event is read over all services", async (parts) => {
  await withReader(parts, queued, (reader) => {
    assert.deepEqual(reader.itemsOf(2).map(({ id, serviceSlug, status }) => [id, serviceSlug, status]), [
      [3, "dino", "processing"],
      [4, "overlays", "discarded"],
    ]);
    assert.equal(reader.item(99), null);
  });
});

overBothStores("Items are counted by service and status", async (parts) => {
  await withReader(parts, queued, (reader) => {
    assert.deepEqual(reader.itemCounts(), [
      { serviceSlug: "dino", status: "pending", count: 1 },
      { serviceSlug: "dino", status: "processing", count: 1 },
      { serviceSlug: "overlays", status: "discarded", count: 1 },
      { serviceSlug: "overlays", status: "pending", count: 1 },
    ]);
  });
});

overBothStores("An export goes over its pages' ends, and holds only its session", async (parts) => {
  const count = 2_000;
  const operations = [openSession(1), openSession(2)];
  for (let id = 1; id <= count; id += 1) {
    operations.push({ kind: "insert_event", event: sampleEvent({ id, sessionId: 1 + id % 2 }) });
  }
  await withReader(parts, operations, (reader) => {
    const ids = [...reader.exportSession(1)].map(({ id }) => id);
    assert.equal(ids.length, count / 2);
    assert.ok(ids.every((id, index) => id === 2 * (index + 1)));
  });
});

overBothStores(
  "Events that an older Livecue stored have what is new of their type",
  async ({ store, run }) => {
    store.writer.add(openSession(1));
    const types = ["GiftEvent", "CommentEvent", "SubscribeEvent"] as const;
    for (const [index, type] of types.entries()) {
      store.writer.add({ kind: "insert_event", event: sampleEvent({ id: index + 1, type }) });
    }
    await store.writer.flush();
    for (const { id, data } of store.reader.events({ limit: 3 })) {
      const { receiver: _, emotes: __, count: ___, isSuperFan: ____, ...older } = data as Record<
        string,
        unknown
      >;
      await run(`UPDATE live_event SET event_data = '${JSON.stringify(older)}' WHERE id = ${id}`);
    }
    const [subscribe, comment, gift] = store.reader.events({ limit: 3 });
    assert.equal(subscribe?.type === "SubscribeEvent" && subscribe.data.count, 1);
    assert.deepEqual(comment?.type === "CommentEvent" && comment.data.emotes, []);
    assert.equal(gift?.type === "GiftEvent" && gift.data.receiver, null);
    for (const event of [subscribe, comment, gift]) assert.ok(describeEvent(event as LiveEvent));
  },
);

overBothStores(
  "A row that cannot be read is an unknown event, and its neighbors are read",
  async ({ store, run }) => {
    store.writer.add(openSession(1));
    for (let id = 1; id <= 4; id++) {
      const type = id === 3 ? "GiftEvent" : "CommentEvent";
      store.writer.add({ kind: "insert_event", event: sampleEvent({ id, type }) });
    }
    await store.writer.flush();
    await run("UPDATE live_event SET event_data = '{ half' WHERE id = 1");
    await run("UPDATE live_event SET user_roles = 'moderator' WHERE id = 2");
    await run(
      "UPDATE live_event SET streak_id = NULL, streak_delta = NULL, streak_ended = NULL WHERE id = 3",
    );
    const events = store.reader.events({ limit: 4 }).reverse();
    assert.deepEqual(events.map(({ type }) => type), [
      "UnknownEvent",
      "CommentEvent",
      "UnknownEvent",
      "CommentEvent",
    ]);
    assert.deepEqual(events[1]?.user.roles, []);
    for (const event of events) assert.ok(describeEvent(event));
  },
);

overBothStores(
  "A streak is read with the items of each of its events; of a long one only the last events",
  async ({ store }) => {
    await store.syncServices([serviceConfig("dino")]);
    store.writer.add(openSession(1));
    store.writer.add(openSession(2));
    for (const [id, sessionId, streakId, count] of streakRows) {
      const streak = { id: streakId, count, delta: 1, hasEnded: false };
      store.writer.add({
        kind: "insert_event",
        event: sampleEvent({ id, sessionId, type: "GiftEvent", messageId: String(id), streak }),
      });
    }
    store.writer.add(insertItem({ id: 1, eventId: 1 }));
    store.writer.add(insertItem({ id: 2, eventId: 3, as: "discarded" }));
    await store.writer.flush();
    const read = (limit: number) => {
      const { count, events } = store.reader.streak({ sessionId: 1, streakId: "s", limit });
      return [count, events.map(({ event, items }) => [event.id, items.map(({ item }) => item.status)])];
    };
    assert.deepEqual(read(9), [3, [[1, ["pending"]], [3, ["discarded"]], [5, []]]]);
    assert.deepEqual(read(2), [3, [[3, ["discarded"]], [5, []]]]);
    assert.deepEqual(store.reader.streak({ sessionId: 1, streakId: "none", limit: 9 }), {
      count: 0,
      events: [],
    });
  },
);

/** Id, session, streak, count: another streak, and one of the same name in another session, are between. */
const streakRows = [[1, 1, "s", 1], [2, 1, "other", 1], [3, 1, "s", 2], [4, 2, "s", 1], [
  5,
  1,
  "s",
  3,
]] as const;
