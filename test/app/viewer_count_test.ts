import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { ViewerCount } from "../../src/app/viewer_count.ts";
import type { LiveEvent } from "../../src/event.ts";
import type { OperationLog } from "../../src/operation.ts";
import { DatabaseAway } from "../../src/store/postgres/trouble.ts";
import type { Store } from "../../src/store/store.ts";
import type { ChangesAsked } from "../../src/store/viewers.ts";
import { makeEvent, makeGift } from "../support/events.ts";
import { silentLog } from "../support/silent_log.ts";
import { listLog, openAsItIs, openSession, withFolder, withStore } from "../support/temporary_store.ts";
import { FakeClock } from "../support/fake_clock.ts";

const startedAt = 1_700_000_000_000;

async function pass(clock: FakeClock, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    clock.advance(1_000);
    await nextTurn();
  }
}

/** Everything is committed as soon as it is added. */
const doneAtOnce: OperationLog = {
  add: (_operation, onCommitted) => onCommitted?.(),
  together: (add) => add(),
  flush: () => Promise.resolve(),
};

function openLives(store: Store, count: number): void {
  for (let id = 1; id <= count; id++) {
    const live = { id, sourceType: "tiktok", roomId: `${id}`, username: "ana", title: "", startedAt };
    const session = { id, liveId: id, source: "main", username: "ana", roomId: `${id}`, startedAt };
    store.writer.add({ kind: "open_live", live, streamer: "" });
    store.writer.add({ kind: "open_session", session, name: null, eventsFrom: 1, streamer: "" });
  }
}

function countOf(store: Store, lastEventId: number, clock = new FakeClock()): ViewerCount {
  return ViewerCount.of(store, { clock, log: silentLog(), lastEventId: () => lastEventId });
}

/** The sums of all viewers, and how many lives each was in, as one can add them up from the events. */
function addedUp(events: readonly LiveEvent[]): unknown[] {
  const sums = new Map<
    string,
    { gifts: number; diamonds: number; comments: number; lives: Set<number>; name: string }
  >();
  for (const event of events) {
    if (event.isTest || event.user.id === "") continue;
    const { user: { id, nickname } } = event;
    const sum = sums.get(id) ?? { gifts: 0, diamonds: 0, comments: 0, lives: new Set(), name: "" };
    sums.set(id, sum);
    sum.lives.add(event.liveId);
    sum.name = nickname;
    if (event.type === "CommentEvent") sum.comments += 1;
    if (event.type === "GiftEvent") {
      sum.gifts += event.streak.delta;
      sum.diamonds += event.streak.delta * event.data.gift.diamondCount;
    }
  }
  return [...sums].map(([userId, { lives, ...sum }]) => ({ userId, ...sum, lives: lives.size }))
    .sort((a, b) => a.userId.localeCompare(b.userId));
}

function counted(store: Store): unknown[] {
  return store.reader.viewers.list({ limit: 1_000 })
    .map(({ userId, gifts, diamonds, comments, lives, nickname: name }) => ({
      userId,
      gifts,
      diamonds,
      comments,
      name,
      lives,
    })).sort((a, b) => a.userId.localeCompare(b.userId));
}

const anyEvent = fc.record({
  viewer: fc.integer({ min: 0, max: 4 }),
  liveId: fc.integer({ min: 1, max: 3 }),
  name: fc.constantFrom("Ana", "ana", "ÁNA", "'; DROP TABLE viewer; --"),
  delta: fc.integer({ min: 0, max: 9 }),
  isGift: fc.boolean(),
  isTest: fc.boolean(),
});

Deno.test("Each event counts once for its viewer, however often Livecue crashes between two batches", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(anyEvent, { maxLength: 12 }), { maxLength: 4 }), async (runs) => {
      await withFolder(async (folder) => {
        const path = join(folder, "a.db");
        const all: LiveEvent[] = [];
        for (const [run, given] of runs.entries()) {
          const { store } = openAsItIs(path);
          if (run === 0) openLives(store, 3);
          for (const each of given) {
            const event = eventOf(all.length + 1, each);
            all.push(event);
            store.writer.add({ kind: "insert_event", event });
          }
          await store.writer.flush();
          // Every second run ends as a crash does: nothing of it is counted.
          if (run % 2 === 1) await countOf(store, all.length).countAll();
          await store.stop();
        }
        const { store } = openAsItIs(path);
        await countOf(store, all.length).countAll();
        await countOf(store, all.length).countAll();
        assert.deepEqual(counted(store), addedUp(all));
        await store.stop();
      });
    }),
    { numRuns: 8 },
  );
});

function eventOf(
  id: number,
  { viewer, liveId, name, delta, isGift, isTest }: typeof anyEvent extends fc.Arbitrary<infer Given> ? Given
    : never,
): LiveEvent {
  const user = {
    id: viewer === 0 ? "" : `u${viewer}`,
    uniqueId: "",
    nickname: name,
    avatarUrl: "",
    roles: [],
  };
  const base = { id, liveId, sessionId: liveId, user, isTest };
  if (!isGift) return makeEvent(base);
  return makeGift({ ...base, streak: { id: `s${id}`, count: 100, delta, hasEnded: false } });
}

Deno.test("A streak of gifts counts its final total once, and its diamonds with it", async () => {
  await withStore(async ({ store }) => {
    store.writer.add(openSession(1));
    for (const [index, [count, delta]] of [[1, 1], [5, 4], [5, 0], [7, 2]].entries()) {
      const streak = { id: "s", count: count!, delta: delta!, hasEnded: count === 7 };
      store.writer.add({ kind: "insert_event", event: makeGift({ id: index + 1, streak }) });
    }
    await store.writer.flush();
    await countOf(store, 4).countAll();
    const [viewer] = store.reader.viewers.list({ limit: 9 });
    assert.deepEqual([viewer?.gifts, viewer?.diamonds], [7, 7]);
  });
});

Deno.test("Gifts to a guest, tests and messages of another room add nothing, and a guest's giver was there", async () => {
  await withStore(async ({ store }) => {
    store.writer.add(openSession(1));
    const user = (id: string) => ({ id, uniqueId: id, nickname: id, avatarUrl: "", roles: [] });
    const gift = makeGift({ id: 1, user: user("giver") }) as LiveEvent & { type: "GiftEvent" };
    const receiver = { id: "9", uniqueId: "gil", nickname: "Gil" };
    const events = [
      { ...gift, data: { ...gift.data, receiver } },
      makeGift({ id: 2, user: user("tester"), isTest: true }),
      makeGift({ id: 3, user: user("foreigner"), isForeign: true }),
    ];
    for (const event of events) store.writer.add({ kind: "insert_event", event });
    await store.writer.flush();
    await countOf(store, 3).countAll();
    assert.deepEqual(counted(store), [
      { userId: "giver", gifts: 0, diamonds: 0, comments: 0, name: "giver", lives: 1 },
    ]);
  });
});

Deno.test("A backlog of many batches is counted behind the run, which says so, and a stop counts the last events", async () => {
  await withStore(async ({ store, clock }) => {
    store.writer.add(openSession(1));
    for (let id = 1; id <= 12_500; id++) store.writer.add({ kind: "insert_event", event: makeEvent({ id }) });
    await store.writer.flush();
    const told: string[] = [];
    const log = { ...silentLog(), info: (text: string) => void told.push(text) };
    log.named = () => log;
    const count = ViewerCount.of(store, { clock, log, lastEventId: () => 12_500 });
    count.start();
    assert.match(told[0]!, /The viewers of 12500 earlier events are counted in the background/);
    await count.stop();
    assert.equal(store.reader.viewers.countedUpTo(), 12_500);
    assert.equal(store.reader.viewers.list({ limit: 1 })[0]?.comments, 12_500);
  });
});

Deno.test("Rows that another program spoilt stop no count", async () => {
  await withStore(async ({ store, path }) => {
    store.writer.add(openSession(1));
    for (let id = 1; id <= 4; id++) store.writer.add({ kind: "insert_event", event: makeGift({ id }) });
    await store.writer.flush();
    const other = new DatabaseSync(path);
    other.exec(`UPDATE live_event SET event_data = '{' WHERE id = 1;
      UPDATE live_event SET event_data = replace(event_data, '"diamondCount":1', '"diamondCount":1e300') WHERE id = 2;
      UPDATE live_event SET event_data = replace(event_data, '"diamondCount":1', '"diamondCount":-7.5') WHERE id = 3`);
    other.close();
    await countOf(store, 4).countAll();
    const [viewer] = store.reader.viewers.list({ limit: 1 });
    assert.equal(store.reader.viewers.countedUpTo(), 4);
    assert.ok(viewer!.diamonds >= 0 && viewer!.diamonds <= Number.MAX_SAFE_INTEGER);
  });
});

Deno.test("A room in which nothing happens is not asked for again, though ids have gaps", async () => {
  const clock = new FakeClock();
  let last = 5_000;
  const asked: ChangesAsked[] = [];
  const count = new ViewerCount({
    clock,
    log: silentLog(),
    operations: doneAtOnce,
    streamer: "ana",
    idsHaveGaps: true,
    upTo: 0,
    lastEventId: () => last,
    read: (question) => {
      asked.push(question);
      return { changes: [], upTo: Math.max(question.after, last > 5_000 ? last : 0), hasMore: false };
    },
  });
  count.start();
  await pass(clock, 60);
  assert.deepEqual(asked, [{ after: 0, limit: 200 }]);
  last = 5_001;
  await pass(clock, 60);
  assert.deepEqual(asked.slice(1), [{ after: 5_000, limit: 200 }]);
  assert.equal(count.upTo, 5_001);
  await count.stop();
});

Deno.test("Viewers whom a server does not give at present are counted when it is back", async () => {
  const clock = new FakeClock();
  const told: string[] = [];
  let isAway = true;
  const count = new ViewerCount({
    clock,
    log: listLog(told),
    operations: doneAtOnce,
    streamer: "",
    idsHaveGaps: true,
    upTo: 0,
    lastEventId: () => 7,
    read: () => {
      if (isAway) throw new DatabaseAway();
      return { changes: [], upTo: 7, hasMore: false };
    },
  });
  count.start();
  await pass(clock, 10);
  assert.equal(count.upTo, 0);
  isAway = false;
  await pass(clock, 2);
  assert.equal(count.upTo, 7);
  assert.deepEqual(told, []);
  await count.stop();
});
