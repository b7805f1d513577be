/** Old sessions are deleted, and nothing else. */
import assert from "node:assert/strict";
import { countPrunable } from "../../src/store/prunable.ts";
import { countedUpToKey } from "../../src/store/viewers.ts";
import { overBothStores, type StoreUnderTest } from "../support/both_stores.ts";
import { dayMs, fill, now, prune, range } from "../support/old_sessions.ts";
import { sampleEvent } from "../support/stored_events.ts";

async function ids(rows: StoreUnderTest["rows"], table: string): Promise<unknown[]> {
  return (await rows(`SELECT id FROM ${table} ORDER BY id`)).map(({ id }) => id);
}

overBothStores(
  "Sessions that ended before the time go with all that is theirs; active ones and items not done stay",
  async ({ store, rows, read }) => {
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
    const announced = await read(({ query }) => countPrunable(query, { ...options, streamer: "" }));
    assert.deepEqual(announced, { sessions: 1, events: 41, items: 41, keptSessions: 1 });
    assert.deepEqual(await prune(store), announced);

    assert.deepEqual(await ids(rows, "live_session"), [2, 3, 4]);
    assert.deepEqual(await ids(rows, "live_event"), range(42, 56));
    assert.deepEqual(await ids(rows, "event_queue"), range(42, 55).map((id) => id * 2));
    const state = await rows("SELECT session_id FROM service_state ORDER BY 1");
    assert.deepEqual(state.map(({ session_id }) => session_id), [2, 3, 4]);
    assert.deepEqual(await rows("SELECT caused_by FROM live_event WHERE id = 56"), [{ caused_by: null }]);
    assert.deepEqual((await prune(store)).events, 0);
  },
);

overBothStores(
  "The last session of each source stays while Livecue runs, and so do events whose viewers are not counted",
  async ({ store, rows }) => {
    await fill(store, [{ id: 1, daysAgo: 300, events: [1, 2] }, { id: 2, daysAgo: 200, events: [3] }]);
    store.writer.add({ kind: "set_config", key: countedUpToKey(""), value: "1" });
    await store.writer.flush();
    await prune(store, { keepsLast: true });
    assert.deepEqual(await ids(rows, "live_event"), [2, 3]);
    store.writer.add({ kind: "set_config", key: countedUpToKey(""), value: "3" });
    await store.writer.flush();
    await prune(store, { keepsLast: true });
    assert.deepEqual([await ids(rows, "live_session"), await ids(rows, "live_event")], [[2], [3]]);
  },
);

overBothStores(
  "A pruning in small steps deletes all, with its items' steps and its live",
  async ({ store, rows }) => {
    await fill(store, [{ id: 1, daysAgo: 200, events: range(1, 400), as: "pending" }]);
    for (const id of range(1, 400)) {
      store.writer.add({ kind: "claim_item", id: id * 2, attempts: 1, startedAt: now });
    }
    const step = { name: "s", seq: 1, status: "completed" as const, attempts: 1, failures: 0, error: null };
    const times = { startedAt: now, finishedAt: now, notBefore: null, progress: null };
    store.writer.add({
      kind: "save_step",
      itemId: 8,
      itemAttempts: 1,
      step: { ...step, ...times },
      result: 1,
    });
    for (const id of range(1, 400)) {
      store.writer.add({
        kind: "finish_item",
        serviceId: 1,
        id: id * 2,
        attempts: 1,
        status: "completed",
        failures: 0,
        crashes: 0,
        finishedAt: now,
        error: null,
      });
    }
    store.writer.add({ kind: "insert_event", event: sampleEvent({ id: 401, causedBy: 3, depth: 1 }) });
    await store.writer.flush();
    assert.equal((await rows("SELECT name FROM item_step")).length, 1);
    assert.deepEqual(await prune(store), { sessions: 1, events: 401, items: 400, keptSessions: 0 });
    for (const table of ["live", "live_session", "live_event", "event_queue", "item_step", "service_state"]) {
      assert.deepEqual(await rows(`SELECT count(*) AS count FROM ${table}`), [{ count: 0 }], table);
    }
  },
);
