/** The gifts that were seen: kept with their events, over all lives, and taken over from an older database. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Gift } from "../../src/event.ts";
import { openSqliteReader } from "../../src/store/sqlite/reading.ts";
import { migrations } from "../../src/store/sqlite/migrations.ts";
import { migrate } from "../../src/store/sqlite/schema.ts";
import { overBothStores } from "../support/both_stores.ts";
import { openTemporary, withFolder } from "../support/temporary_store.ts";

function gift(given: Partial<Gift> = {}): Gift {
  return { id: 5655, name: "Rose", diamondCount: 1, isStreakable: true, imageUrl: "", ...given };
}

overBothStores(
  "Each gift is there with how often it was seen, when, and its latest name, price and picture",
  async ({ store }) => {
    const add = (count: number, at: number, given: Partial<Gift> = {}) =>
      store.writer.add({ kind: "add_gift", gift: gift(given), count, at });
    add(3, 100, { imageUrl: "https://p16/1" });
    add(2, 200, { imageUrl: "https://p16/2" });
    add(1, 150);
    add(4, 300, { name: "Red Rose", diamondCount: 2 });
    add(1, 250, { id: 0, name: "وردة 🌹" });
    await store.writer.flush();
    assert.deepEqual(store.reader.gifts(), [
      {
        id: 5655,
        name: "Red Rose",
        diamonds: 2,
        imageUrl: "https://p16/2",
        count: 10,
        firstAt: 100,
        lastAt: 300,
        earlier: [{ name: "Rose", diamonds: 1, lastAt: 200 }],
      },
      { id: 0, name: "وردة 🌹", diamonds: 1, imageUrl: "", count: 1, firstAt: 250, lastAt: 250, earlier: [] },
    ]);
  },
);

overBothStores("Numbers that no gift has are stored as the nearest that one can have", async ({ store }) => {
  const odd = gift({ id: -7, diamondCount: -5 });
  store.writer.add({ kind: "add_gift", gift: odd, count: 1e300, at: 100 });
  store.writer.add({ kind: "add_gift", gift: odd, count: 2.5, at: 100 });
  await store.writer.flush();
  const [found] = store.reader.gifts();
  assert.deepEqual([found?.id, found?.diamonds, found?.count], [0, 0, Number.MAX_SAFE_INTEGER]);
});

/** Rows of an older Livecue: type, data, streak_delta, is_test, is_foreign. */
const older: [type: string, data: unknown, delta: number | null, isTest: number, isForeign: number][] = [
  ["GiftEvent", { gift: gift({ imageUrl: "https://p16/1" }), repeatCount: 3 }, 3, 0, 0],
  ["GiftEvent", { gift: gift(), repeatCount: 5 }, 2, 0, 0],
  ["GiftEvent", { gift: gift(), repeatCount: 5 }, 0, 0, 0],
  ["GiftEvent", { gift: gift({ diamondCount: 2 }), repeatCount: 1 }, 1, 0, 0],
  ["GiftEvent", { gift: gift(), repeatCount: 99 }, 99, 1, 0],
  ["GiftEvent", { gift: gift(), repeatCount: 99 }, 99, 0, 1],
  ["GiftEvent", { gift: gift({ id: 1e300 }), repeatCount: 1 }, 99, 0, 0],
  ["GiftEvent", { gift: gift({ diamondCount: -1 }), repeatCount: 1 }, 99, 0, 0],
  ["GiftEvent", { gift: { id: "5655", name: 7 } }, 99, 0, 0],
  ["GiftEvent", [], 99, 0, 0],
  ["CommentEvent", { comment: "a rose" }, null, 0, 0],
];

Deno.test("The gifts of an older database are taken over; rows that cannot be read are left out", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "older.db");
    const database = new DatabaseSync(path);
    migrate(database, migrations.slice(0, 4));
    database.exec(`INSERT INTO live VALUES (1, 'tiktok', '7', 'ana', '', 10, NULL, 0);
      INSERT INTO live_session (id, live_id, username, room_id, source, status, started_at)
        VALUES (1, 1, 'ana', '7', 'tiktok', 'active', 10)`);
    const insert = database.prepare(`INSERT INTO live_event (id, session_id, room_id, event_type, is_history,
      created_at, received_at, is_first_of_user, event_data, streak_id, streak_count, streak_delta, streak_ended,
      is_test, is_foreign) VALUES (?, 1, '7', ?, 0, 1, ?, 0, ?, ?, 1, ?, ?, ?, ?)`);
    for (const [index, [type, data, delta, isTest, isForeign]] of older.entries()) {
      const id = index + 1;
      const isStreak = delta !== null;
      insert.run(
        id,
        type,
        100 + id,
        JSON.stringify(data),
        isStreak ? `s${id}` : null,
        delta,
        isStreak ? 1 : null,
        isTest,
        isForeign,
      );
    }
    database.exec("UPDATE live_event SET event_data = '{\"broken' WHERE id = 10");
    database.close();

    assert.throws(() => openSqliteReader(path), /older Livecue\. Run "init" or "start" first/);
    const { store } = openTemporary(path);
    assert.deepEqual(store.reader.gifts(), [{
      id: 5655,
      name: "Rose",
      diamonds: 2,
      imageUrl: "https://p16/1",
      count: 6,
      firstAt: 101,
      lastAt: 104,
      earlier: [{ name: "Rose", diamonds: 1, lastAt: 102 }],
    }]);
    await store.stop();
  });
});
