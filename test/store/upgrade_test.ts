/** Databases of an older Livecue: what was in them is there afterwards, and belongs to a live. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { openSqliteReader } from "../../src/store/sqlite/reading.ts";
import { migrations } from "../../src/store/sqlite/migrations.ts";
import { latestVersion, migrate } from "../../src/store/sqlite/schema.ts";
import { openTemporary, serviceConfig, withFolder } from "../support/temporary_store.ts";

const olderVersion = 2;

/** Two sessions of one TikTok room, one of another, two replays; events, and an item each pending and in hand. */
function makeOlder(path: string): void {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL");
  migrate(database, migrations.slice(0, olderVersion));
  database.exec(`
    INSERT INTO live_session VALUES
      (1, 'ana', NULL, '7', 'tiktok', 'completed', 10, 20, 'The live ended.', NULL),
      (2, 'ana', NULL, '7', 'tiktok', 'aborted', 30, 40, 'Cut off.', NULL),
      (3, 'ana', NULL, '8', 'tiktok', 'active', 50, NULL, NULL, NULL),
      (4, 'ana', NULL, '7', 'replay:a.jsonl', 'completed', 60, 70, 'It ended.', NULL),
      (5, 'ana', NULL, '7', 'replay:a.jsonl', 'completed', 80, 90, 'It ended.', NULL);
    INSERT INTO live_event (id, session_id, room_id, event_type, message_id, is_history, created_at, received_at,
        is_first_of_user, event_data, streak_id, streak_count, streak_delta, streak_ended)
      SELECT value, min(value, 3), '7', 'LikeEvent', value, 0, 100, 100 + value, 0, '{"total":1}', 's' || value, 1, 1,
        value < 9 FROM json_each('[1,2,3,4,5,6,7,8,9]');
    INSERT INTO service VALUES (1, 'dino', 'Dino', 'dino.ts', 50, 1);
    INSERT INTO event_queue (id, service_id, live_event_id, priority, is_async, is_discardable, status, created_at)
      VALUES (1, 1, 1, 5, 0, 1, 'pending', 100), (2, 1, 2, 5, 0, 1, 'processing', 100);
    INSERT INTO service_state VALUES (1, NULL, 'level', '3'), (1, 2, 'level', '4')`);
  database.close();
}

Deno.test("An older database's sessions become lives: a room of TikTok's is one, each other session its own", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "older.db");
    makeOlder(path);
    const { store } = openTemporary(path);
    assert.deepEqual([1, 2, 3, 4, 5].map((id) => store.session(id)?.liveId), [1, 1, 3, 4, 5]);
    assert.equal(store.liveOfRoom("tiktok", "7")?.id, 1);
    assert.equal(store.liveOfRoom("replay", "7")?.id, 5);
    assert.deepEqual([...store.eventsAfter(1, store.liveTotals(1).upTo)], []);
    assert.deepEqual(store.reader.events({ sessionId: 2, limit: 9 }).map(({ id }) => id), [2]);
    assert.equal(store.kept.value(1, { sessionId: null, liveId: null }, "level"), 3);
    assert.equal(store.kept.value(1, { sessionId: 2, liveId: null }, "level"), 4);
    await store.stop();
  });
});

Deno.test("What an older Livecue left in hand, open or pending is put in order as its own", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "older.db");
    makeOlder(path);
    const { store, clock } = openTemporary(path);
    await store.syncServices([serviceConfig("dino")]);
    const report = await store.recover(clock.now());
    assert.deepEqual(report.sessions, [{ id: 3, username: "ana", source: "tiktok", endedAt: 109 }]);
    assert.deepEqual(report.openStreaks.map(({ id }) => id), [9]);
    assert.equal(report.returnedItems, 1);
    assert.deepEqual(await store.pendingOf(1).counts(), [{ priority: 5, isDiscardable: true, count: 2 }]);
    await store.stop();
  });
});

Deno.test("Before a large database is brought up to date the log says that it may take long; of a small one nothing", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "older.db");
    makeOlder(path);
    const small = join(folder, "small.db");
    Deno.copyFileSync(path, small);
    // As long as a large one; SQLite goes by the length that its header says.
    Deno.truncateSync(path, 101 * 1024 * 1024);
    const large = openTemporary(path);
    assert.deepEqual(large.told, ["info: Bringing the database up to date. This may take a minute."]);
    await large.store.stop();
    Deno.truncateSync(path, 101 * 1024 * 1024);
    const again = openTemporary(path);
    assert.deepEqual(again.told, []);
    await again.store.stop();

    const other = openTemporary(small);
    assert.deepEqual(other.told, []);
    await other.store.stop();
  });
});

Deno.test("A kill while a database is brought up to date leaves it as it was before that step", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "older.db");
    makeOlder(path);
    const script = fileURLToPath(new URL("../support/migrate_for_ever.ts", import.meta.url));
    const args = ["run", "-A", "--quiet", "--no-check", script, path];
    const child = new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "null" }).spawn();
    const reader = child.stdout.getReader();
    assert.match(new TextDecoder().decode((await reader.read()).value), /in it/);
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();

    const database = new DatabaseSync(path);
    assert.equal(database.prepare("PRAGMA user_version").get()?.user_version, latestVersion);
    assert.equal(database.prepare("PRAGMA integrity_check").get()?.integrity_check, "ok");
    database.close();
    const looking = openSqliteReader(path);
    assert.equal(looking.reader.events({ limit: 99 }).length, 9);
    looking.close();
    await openTemporary(path).store.stop();
  });
});
