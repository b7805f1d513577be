/** Old sessions are deleted, and nothing else. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { checkDatabase } from "../../../src/store/sqlite/check.ts";
import { openForReading } from "../../../src/store/sqlite/open.ts";
import type { Store } from "../../../src/store/store.ts";
import type { PruneCounts, PruneOptions } from "../../../src/store/pruner.ts";
import { countPrunable } from "../../../src/store/sqlite/prune.ts";
import { countedUpToKey } from "../../../src/store/viewers.ts";
import { sampleEvent } from "../../support/stored_events.ts";
import {
  insertItem,
  nextIdsOf,
  openAsItIs,
  openSession,
  serviceConfig,
  withStore,
} from "../../support/temporary_store.ts";

const now = 1_700_000_000_000;
const dayMs = 86_400_000;
const pace = { stepMs: 1_000, mostEvents: 7 };

/** Ended so many days ago, with events and their items from these ids on. */
function addSession(store: Store, { id, daysAgo, events, as }: AddedSession): void {
  const endedAt = now - daysAgo * dayMs;
  store.writer.add(openSession(id, endedAt - 1));
  for (const eventId of events) {
    store.writer.add({
      kind: "insert_event",
      event: sampleEvent({ id: eventId, sessionId: id, createdAt: endedAt }),
    });
    store.writer.add(insertItem({ id: eventId * 2, eventId, as: as ?? "discarded" }));
  }
  store.writer.add({ kind: "set_state", serviceId: 1, sessionId: id, liveId: null, key: "k", value: 1 });
  if (daysAgo === 0) return;
  store.writer.add({
    kind: "close_session",
    id,
    status: "completed",
    endedAt,
    reason: "over",
    eventsTo: 1_000_000,
  });
}

interface AddedSession {
  id: number;
  /** 0: it is active. */
  daysAgo: number;
  events: number[];
  as?: "pending" | "discarded";
}

async function fill(store: Store, sessions: AddedSession[]): Promise<void> {
  await store.syncServices([serviceConfig("dino")]);
  for (const session of sessions) {
    addSession(store, session);
    await store.writer.flush();
  }
  store.writer.add({ kind: "set_config", key: countedUpToKey(""), value: "1000000" });
  await store.writer.flush();
}

async function prune(store: Store, options: Partial<PruneOptions> = {}): Promise<PruneCounts> {
  const steps = store.pruner.prune({ before: now - 90 * dayMs, keepsLast: false, ...options }, pace);
  let step = await steps.next();
  while (!step.done) step = await steps.next();
  return step.value;
}

function ids(path: string, table: string): unknown[] {
  using database = new DatabaseSync(path, { readOnly: true });
  return database.prepare(`SELECT id FROM ${table} ORDER BY id`).all().map(({ id }) => id);
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

Deno.test("Sessions that ended before the time go with all that is theirs; active ones and items not done stay", async () => {
  await withStore(async ({ store, path }) => {
    await fill(store, [
      { id: 1, daysAgo: 200, events: range(1, 40) },
      { id: 2, daysAgo: 100, events: [41, 42], as: "pending" },
      { id: 3, daysAgo: 10, events: range(43, 50) },
      { id: 4, daysAgo: 0, events: range(51, 55) },
    ]);
    const emitted = sampleEvent({ id: 56, sessionId: 4, causedBy: 5, depth: 1 });
    store.writer.add({ kind: "insert_event", event: emitted });
    store.writer.add({ kind: "discard_item", serviceId: 1, id: 82, reason: "emptied", at: now });
    await store.writer.flush();

    const options = { before: now - 90 * dayMs, keepsLast: false };
    using database = openForReading(path);
    const announced = countPrunable(database, options);
    assert.deepEqual(announced, { sessions: 1, events: 41, items: 41, keptSessions: 1 });
    assert.deepEqual(await prune(store), announced);

    assert.deepEqual(ids(path, "live_session"), [2, 3, 4]);
    assert.deepEqual(ids(path, "live_event"), range(42, 56));
    assert.deepEqual(ids(path, "event_queue"), range(42, 55).map((id) => id * 2));
    const state = database.prepare("SELECT session_id FROM service_state ORDER BY 1").all();
    assert.deepEqual(state.map(({ session_id }) => session_id), [2, 3, 4]);
    assert.equal(database.prepare("SELECT caused_by FROM live_event WHERE id = 56").get()?.caused_by, null);
    assert.deepEqual(checkDatabase(path).faults, []);
    assert.deepEqual((await prune(store)).events, 0);
  });
});

Deno.test("Ids never come back, even when everything was deleted", async () => {
  await withStore(async ({ store, path }) => {
    await fill(store, [{ id: 1, daysAgo: 200, events: range(1, 30) }]);
    await prune(store);
    assert.deepEqual([...ids(path, "live_event"), ...ids(path, "live_session"), ...ids(path, "live")], []);
    await store.stop();
    const again = openAsItIs(path);
    assert.deepEqual(nextIdsOf(again.store), { live: 2, session: 2, event: 31, item: 61 });
    await again.store.stop();
  });
});

Deno.test("The last session of each source stays while Livecue runs, and so do events whose viewers are not counted", async () => {
  await withStore(async ({ store, path }) => {
    await fill(store, [{ id: 1, daysAgo: 300, events: [1, 2] }, { id: 2, daysAgo: 200, events: [3] }]);
    store.writer.add({ kind: "set_config", key: countedUpToKey(""), value: "1" });
    await store.writer.flush();
    await prune(store, { keepsLast: true });
    assert.deepEqual(ids(path, "live_event"), [2, 3]);
    store.writer.add({ kind: "set_config", key: countedUpToKey(""), value: "3" });
    await store.writer.flush();
    await prune(store, { keepsLast: true });
    assert.deepEqual([ids(path, "live_session"), ids(path, "live_event")], [[2], [3]]);
  });
});

Deno.test("The file shrinks in steps; one of an older Livecue shrinks once it was rewritten", async () => {
  await withStore(async ({ store, path }) => {
    await fill(store, [{ id: 1, daysAgo: 200, events: range(1, 2_000) }, {
      id: 2,
      daysAgo: 0,
      events: [2_001],
    }]);
    assert.ok(store.pruner.shrinksInSteps);
    await prune(store);
    for await (const _ of store.pruner.shrink());
    await store.stop();
    const shrunk = Deno.statSync(path).size;

    const older = new DatabaseSync(path);
    older.exec("PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM");
    older.close();
    const again = openAsItIs(path);
    assert.ok(!again.store.pruner.shrinksInSteps);
    again.store.pruner.rewrite();
    assert.ok(again.store.pruner.shrinksInSteps);
    again.store.writer.add({ kind: "insert_event", event: sampleEvent({ id: 2_002, sessionId: 2 }) });
    await again.store.stop();
    assert.ok(shrunk < 400_000, String(shrunk));
    assert.deepEqual(ids(path, "live_event"), [2_001, 2_002]);
    assert.deepEqual(checkDatabase(path).faults, []);
  });
});
