import assert from "node:assert/strict";
import type { LiveEvent } from "../../src/event.ts";
import type { Live } from "../../src/live.ts";
import type { Operation } from "../../src/operation.ts";
import type { Store } from "../../src/store/store.ts";
import { overBothStores } from "../support/both_stores.ts";
import { makeGift } from "../support/events.ts";
import { sampleEvent } from "../support/stored_events.ts";

const startedAt = 1_700_000_000_000;

function live(id: number, given: Partial<Live> = {}): Live {
  return {
    id,
    sourceType: "tiktok",
    roomId: `room ${id}`,
    username: "ana",
    title: "Hi",
    startedAt,
    ...given,
  };
}

function openLive(given: Live): Operation {
  return { kind: "open_live", live: given, streamer: "" };
}

function openSession(id: number, liveId: number, eventsFrom = 1): Operation {
  const session = { id, liveId, source: "main", username: "ana", roomId: `room ${liveId}`, startedAt };
  return { kind: "open_session", session, name: null, eventsFrom, streamer: "" };
}

function closeSession(id: number, eventsTo = 1_000_000): Operation {
  const reason = "The live ended.";
  return { kind: "close_session", id, status: "completed", endedAt: startedAt, reason, eventsTo };
}

function comment(id: number, sessionId: number, receivedAt = startedAt): Operation {
  return { kind: "insert_event", event: sampleEvent({ id, sessionId, receivedAt }) };
}

async function write(store: Store, ...operations: Operation[]): Promise<void> {
  for (const operation of operations) store.writer.add(operation);
  await store.writer.flush();
}

function recentIds(store: Store, liveId: number, limit: number): (string | null)[] {
  return [...store.recentMessages(liveId, limit)].map(({ messageId }) =>
    messageId?.replace("message-", "") ?? null
  );
}

overBothStores(
  "The last session and live before a run are found behind those of events that services emitted",
  async ({ store }) => {
    assert.equal(store.lastExcept("services").sessionId, null);
    const own = { id: 2, liveId: 3, source: "services", username: "", roomId: "", startedAt };
    await write(
      store,
      openLive(live(2)),
      openSession(1, 2),
      openLive(live(3, { sourceType: "services", roomId: "" })),
      { kind: "open_session", session: own, name: null, eventsFrom: 1, streamer: "" },
    );
    assert.deepEqual(store.lastExcept("services"), { sessionId: 1, liveId: 2 });
  },
);

overBothStores(
  "A live is found by its id, and the newest of a room by its source's type and its room",
  async ({ store }) => {
    await write(
      store,
      openLive(live(2, { roomId: "7" })),
      openLive(live(3, { roomId: "7" })),
      openLive(live(4, { roomId: "7", sourceType: "replay" })),
      openLive(live(5, { roomId: "" })),
    );
    assert.deepEqual(store.live(3), live(3, { roomId: "7" }));
    assert.equal(store.live(9), null);
    assert.equal(store.liveOfRoom("tiktok", "7")?.id, 3);
    assert.equal(store.liveOfRoom("replay", "7")?.id, 4);
    assert.equal(store.liveOfRoom("tiktok", "8"), null);
    assert.equal(store.liveOfRoom("tiktok", ""), null);
  },
);

overBothStores(
  "A live's sums are as they were saved last, and its events after them come in order",
  async ({ store }) => {
    await write(store, openLive(live(2)), openLive(live(3)), openSession(1, 2), openSession(2, 3));
    assert.deepEqual(store.liveTotals(2).upTo, 0);
    const totals = { ...store.liveTotals(2).totals, likes: 7 };
    await write(
      store,
      comment(1, 1),
      { kind: "save_totals", liveId: 2, upTo: 1, totals },
      comment(2, 2),
      comment(3, 1),
      closeSession(1),
      openSession(3, 2),
      comment(4, 2),
      comment(5, 3),
    );
    assert.deepEqual(store.liveTotals(2), { totals, upTo: 1 });
    assert.deepEqual([...store.eventsAfter(2, 1)].map(({ id }) => id), [3, 5]);
    assert.deepEqual([...store.eventsAfter(3, 0)].map(({ id }) => id), [2, 4]);
    assert.deepEqual([...store.eventsAfter(9, 0)], []);
  },
);

overBothStores(
  "A live's recent messages are its own over all its sessions, the newest first, as many as asked",
  async ({ store }) => {
    await write(store, openLive(live(2)), openLive(live(3)), openSession(1, 2), openSession(2, 3));
    await write(store, comment(1, 1), comment(2, 2), comment(3, 1), closeSession(1, 3));
    // Another live goes on for long: the first one is found past it.
    await write(store, ...Array.from({ length: 100 }, (_, index) => comment(4 + index, 2)));
    assert.deepEqual(recentIds(store, 2, 5), ["3", "1"]);
    await write(store, openSession(3, 2, 104), comment(104, 3), comment(105, 2));
    assert.deepEqual(recentIds(store, 2, 5), ["104", "3", "1"]);
    assert.deepEqual(recentIds(store, 2, 2), ["104", "3"]);
    assert.deepEqual(recentIds(store, 3, 3), ["105", "103", "102"]);
  },
);

overBothStores(
  "Of messages among those of other lives four rows are looked at for each, but in PostgreSQL all are found; none is older than a day",
  async ({ store, isPostgres, clock }) => {
    const dayAgo = clock.now() - 24 * 60 * 60_000;
    await write(store, openLive(live(2)), openLive(live(3)), openSession(1, 2), openSession(2, 3));
    await write(store, comment(1, 1, dayAgo - 1), comment(2, 1, dayAgo), comment(3, 1));
    assert.deepEqual(recentIds(store, 2, 5), ["3", "2"]);
    await write(store, ...Array.from({ length: 8 }, (_, index) => comment(4 + index, 2)));
    assert.deepEqual(recentIds(store, 2, 2), isPostgres ? ["3", "2"] : []);
    assert.deepEqual(recentIds(store, 2, 3), ["3", "2"]);
  },
);

overBothStores(
  "The events of sessions that were open at the same time come in the order of their ids",
  async ({ store }) => {
    await write(store, openLive(live(2)), openLive(live(3)), openSession(1, 2), openSession(2, 2));
    await write(store, openSession(3, 3), ...[1, 4, 5, 9].map((id) => comment(id, 1)));
    await write(store, ...[2, 6, 7].map((id) => comment(id, 2)), ...[3, 8, 10].map((id) => comment(id, 3)));
    await write(store, closeSession(1, 9), openSession(4, 2, 11), comment(11, 3), comment(12, 4));
    assert.deepEqual([...store.eventsAfter(2, 1)].map(({ id }) => id), [2, 4, 5, 6, 7, 9, 12]);
    assert.deepEqual(recentIds(store, 2, 6), ["12", "9", "7", "6", "5", "4"]);
    assert.deepEqual([...store.eventsAfter(2, 12)], []);
  },
);

overBothStores(
  "Who gave most comes first, equal ones by their id; what is given adds up",
  async ({ store }) => {
    const give = (userId: string, diamonds: number): Operation => {
      const giver = { userId, uniqueId: userId, nickname: userId.toUpperCase(), diamonds, gifts: 1 };
      return { kind: "add_giver", liveId: 2, giver };
    };
    await write(
      store,
      openLive(live(2)),
      give("b", 5),
      give("a", 5),
      give("c", 3),
      give("c", 4),
      give("d", 1),
    );
    assert.deepEqual(
      store.top(2, 3).map(({ userId, diamonds, gifts }) => [userId, diamonds, gifts]),
      [["c", 7, 2], ["a", 5, 1], ["b", 5, 1]],
    );
    assert.deepEqual(store.top(1, 3), []);
  },
);

overBothStores(
  "A user's first event of a type in a live is found in whichever of its sessions it came, with its streak",
  async ({ store }) => {
    const first = (id: number, sessionId: number, userId: string, streakId: string): Operation => {
      const { user, ...gift } = makeGift();
      const streak = { id: streakId, count: 1, delta: 1, hasEnded: true };
      const event = { ...gift, id, sessionId, user: { ...user, id: userId }, streak, isFirstOfUser: true };
      return { kind: "insert_event", event: event as LiveEvent };
    };
    const later = { ...makeGift(), id: 4, sessionId: 3, isFirstOfUser: false };
    await write(store, openLive(live(2)), openLive(live(3)), openSession(1, 2), openSession(2, 2));
    await write(
      store,
      first(1, 1, "a", "s1"),
      openSession(3, 3),
      first(2, 3, "a", "s2"),
      first(3, 2, "b", "s3"),
    );
    await write(store, {
      kind: "insert_event",
      event: { ...later, user: { ...later.user, id: "c" } } as LiveEvent,
    });
    assert.deepEqual(store.firstOf(2, "a", "GiftEvent"), { streakId: "s1" });
    assert.deepEqual(store.firstOf(3, "a", "GiftEvent"), { streakId: "s2" });
    assert.deepEqual(store.firstOf(2, "b", "GiftEvent"), { streakId: "s3" });
    assert.equal(store.firstOf(3, "b", "GiftEvent"), null);
    assert.equal(store.firstOf(2, "b", "LikeEvent"), null);
    assert.equal(store.firstOf(3, "c", "GiftEvent"), null);
  },
);

overBothStores(
  "An event that comes to a session after its close is found in the session and after the live's sums",
  async ({ store }) => {
    await write(store, openLive(live(2)), openSession(1, 2), comment(1, 1), closeSession(1), comment(2, 1));
    await write(store, { kind: "extend_session", id: 1, eventId: 2 });
    assert.deepEqual([...store.reader.exportSession(1)].map(({ id }) => id), [1, 2]);
    assert.deepEqual([...store.eventsAfter(2, 1)].map(({ id }) => id), [2]);
  },
);

overBothStores(
  "The live of a source's last session is found where that is open or ended lately",
  async ({ store }) => {
    assert.equal(store.lastLiveOf("main", startedAt), null);
    await write(store, openLive(live(2)), openLive(live(3)), openSession(1, 2));
    assert.equal(store.lastLiveOf("main", startedAt), 2);
    await write(store, closeSession(1), openSession(2, 3));
    assert.equal(store.lastLiveOf("main", startedAt), 3);
    assert.equal(store.lastLiveOf("other", startedAt), null);
    await write(store, closeSession(2));
    assert.equal(store.lastLiveOf("main", startedAt), 3);
    assert.equal(store.lastLiveOf("main", startedAt + 1), null);
  },
);
