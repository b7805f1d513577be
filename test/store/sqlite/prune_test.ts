/** What the pruning of a file does. See also test/store/prune_test.ts. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { checkDatabase } from "../../../src/store/sqlite/check.ts";
import { fill, prune, range } from "../../support/old_sessions.ts";
import { sampleEvent } from "../../support/stored_events.ts";
import { nextIdsOf, openAsItIs, withStore } from "../../support/temporary_store.ts";

function ids(path: string, table: string): unknown[] {
  using database = new DatabaseSync(path, { readOnly: true });
  return database.prepare(`SELECT id FROM ${table} ORDER BY id`).all().map(({ id }) => id);
}

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
