/** The longest texts that a source passes on fit wherever they are stored and looked up. */
import assert from "node:assert/strict";
import { cleanName, cleanText } from "../../src/clean_text.ts";
import { overBothStores } from "../support/both_stores.ts";
import { sampleEvent } from "../support/stored_events.ts";
import { openSession } from "../support/temporary_store.ts";

/** As many bytes as a name may have: syllables of eight letters each. */
function longest(seed: number): string {
  let state = seed;
  const random = (count: number) =>
    (state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 12_345 >>> 0) % count;
  const letter = (first: number, count: number) => String.fromCodePoint(first + random(count));
  // Any number of Hangul's leading consonants belong to one syllable.
  const syllable = () => Array.from({ length: 7 }, () => letter(0x1100, 95)).join("") + letter(0x1161, 60);
  return Array.from({ length: 64 }, syllable).join("");
}

overBothStores("The longest names and ids are stored, counted and found", async ({ store, told }) => {
  const [id, uniqueId, nickname, later] = [1, 2, 3, 4].map((seed) => cleanName(longest(seed))) as [
    string,
    string,
    string,
    string,
  ];
  assert.equal(cleanText(longest(1), 64), id);
  assert.ok(new TextEncoder().encode(nickname).length > 1_400);
  const { writer } = store;
  writer.add(openSession(1));
  const user = { id, uniqueId, nickname, avatarUrl: "", roles: [] };
  writer.add({
    kind: "insert_event",
    event: sampleEvent({ id: 1, roomId: id, messageId: id, user, isFirstOfUser: true }),
  });
  const gift = { id: 1, name: nickname, diamondCount: 1, isStreakable: true, imageUrl: "" };
  writer.add({ kind: "add_gift", gift, count: 1, at: 1 });
  writer.add({
    kind: "add_giver",
    liveId: 1,
    giver: { userId: id, uniqueId, nickname, diamonds: 1, gifts: 1 },
  });
  writer.add({ kind: "add_known_id", owner: `${"streamer".repeat(8)} service:${"s".repeat(64)}`, id, at: 1 });
  writer.add({ kind: "mark_viewer", mark: { platform: "tiktok", userId: id, note: nickname } });
  for (const name of [nickname, later, nickname]) {
    const change = {
      ...{ platform: "tiktok", userId: id, liveId: 1, uniqueId, nickname: name },
      ...{ firstSeen: 1, lastSeen: 1, gifts: 1, diamonds: 1, comments: 1 },
    };
    writer.add({ kind: "add_viewer", change });
    writer.add({ kind: "add_viewer_live", change });
  }
  await writer.flush();
  const [viewer] = store.reader.viewers.find(id);
  assert.deepEqual(
    store.reader.viewers.namesOf(viewer!).map((name) => name.nickname).sort(),
    [nickname, later].sort(),
  );
  assert.equal(store.knownIdAt(`${"streamer".repeat(8)} service:${"s".repeat(64)}`, id), 1);
  assert.deepEqual(store.top(1, 1).map(({ userId }) => userId), [id]);
  assert.ok(store.firstOf(1, id, "CommentEvent") !== null);
  assert.deepEqual(told, []);
});
