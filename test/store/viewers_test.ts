import assert from "node:assert/strict";
import type { Store } from "../../src/store/store.ts";
import type { ViewerChange } from "../../src/viewer.ts";
import { overBothStores } from "../support/both_stores.ts";
import { makeEvent } from "../support/events.ts";

const startedAt = 1_700_000_000_000;

function seen(userId: string, uniqueId: string, nickname: string, given: Partial<ViewerChange> = {}) {
  const change: ViewerChange = {
    platform: "tiktok",
    userId,
    liveId: 1,
    firstSeen: startedAt,
    lastSeen: startedAt,
    gifts: 0,
    diamonds: 0,
    comments: 0,
    uniqueId,
    nickname,
    ...given,
  };
  return change;
}

async function write(store: Store, ...changes: ViewerChange[]): Promise<void> {
  for (const change of changes) {
    store.writer.add({ kind: "add_viewer", change });
    store.writer.add({ kind: "add_viewer_live", change });
  }
  await store.writer.flush();
}

function idsNamed(store: Store, name: string): string[] {
  return store.reader.viewers.find(name).map(({ userId }) => userId);
}

overBothStores(
  "A viewer is found by id, by handle in any case, and by name without case and accents",
  async ({ store }) => {
    await write(store, seen("1", "ana.live", "Ána 🦄"), seen("2", "bo", "'; DROP TABLE viewer; --"));
    for (const name of ["1", "tiktok:1", "ana.live", "@ANA.Live", "ana 🦄", " ÁNA 🦄 "]) {
      assert.deepEqual(idsNamed(store, name), ["1"], name);
    }
    assert.deepEqual(idsNamed(store, "'; drop table viewer; --"), ["2"]);
    for (const name of ["", "@", "ana", "%", "_", "tiktok:", "webhook:1", "\u0000"]) {
      assert.deepEqual(idsNamed(store, name), [], JSON.stringify(name));
    }
  },
);

overBothStores(
  "All viewers of one name are found, and a name with an @ is a handle only",
  async ({ store }) => {
    await write(store, seen("1", "ana", "Someone"), seen("2", "other", "ANA"), seen("3", "third", "ana"));
    assert.deepEqual(idsNamed(store, "Ana").sort(), ["1", "2", "3"]);
    assert.deepEqual(idsNamed(store, "@Ana"), ["1"]);
  },
);

overBothStores(
  "A viewer who renamed is one viewer, found by the new name, and by the old one while nobody else has it",
  async ({ store }) => {
    await write(store, seen("1", "ana", "Ana"), seen("1", "anna", "Anna", { lastSeen: startedAt + 5 }));
    assert.deepEqual(idsNamed(store, "anna"), ["1"]);
    assert.deepEqual(idsNamed(store, "ana"), ["1"]);
    await write(store, seen("2", "ana", "Ana"));
    assert.deepEqual(idsNamed(store, "ana"), ["2"]);
    const [viewer] = store.reader.viewers.find("1");
    assert.deepEqual(
      store.reader.viewers.namesOf(viewer!).map(({ nickname }) => nickname),
      ["Anna", "Ana"],
    );
    assert.deepEqual(
      store.reader.viewers.list({ limit: 9, text: "ANA" }).map(({ userId }) => userId).sort(),
      ["1", "2"],
    );
  },
);

overBothStores("A viewer who renames with each event keeps fifty names", async ({ store }) => {
  await write(store, ...Array.from({ length: 120 }, (_, index) => seen("1", `n${index}`, "X")));
  assert.equal(store.reader.viewers.namesOf({ platform: "tiktok", userId: "1" }).length, 50);
  assert.equal(store.reader.viewers.find("1")[0]?.uniqueId, "n119");
});

overBothStores("A viewer who takes an earlier name again keeps each name once", async ({ store }) => {
  const [ana, anna] = [seen("1", "ana", "Ana"), seen("1", "anna", "Anna")];
  await write(store, ana, anna, ana, anna, ana);
  const names = store.reader.viewers.namesOf({ platform: "tiktok", userId: "1" });
  assert.deepEqual(names.map(({ nickname }) => nickname).sort(), ["Ana", "Anna"]);
  assert.equal(store.reader.viewers.find("1")[0]?.uniqueId, "ana");
});

overBothStores("The same id on two platforms is two viewers", async ({ store }) => {
  await write(store, seen("1", "ana", "Ana"), seen("1", "ana", "Ana", { platform: "demo" }));
  assert.equal(store.reader.viewers.find("1").length, 2);
  assert.equal(store.reader.viewers.find("demo:1").length, 1);
});

overBothStores(
  "The last comments of a viewer come from all sessions of the last lives, the latest first",
  async ({ store }) => {
    for (const liveId of [2, 3]) {
      const live = { id: liveId, sourceType: "tiktok", roomId: "r", username: "h", title: "", startedAt };
      store.writer.add({ kind: "open_live", live, streamer: "" });
    }
    const sessions = [[1, 2], [2, 3], [3, 3]] as const;
    let id = 0;
    for (const [sessionId, liveId] of sessions) {
      const session = { id: sessionId, liveId, source: "main", username: "h", roomId: "r", startedAt };
      store.writer.add({ kind: "open_session", session, name: null, eventsFrom: 1, streamer: "" });
      for (let index = 0; index < 3; index++) {
        id++;
        const data = { comment: `${id}`, language: "", emotes: [] };
        const isFirstOfUser = index === 0 && sessionId !== 3;
        const event = makeEvent({ id, sessionId, liveId, data, isFirstOfUser });
        store.writer.add({ kind: "insert_event", event });
        id++;
        const user = { id: "43", uniqueId: "", nickname: "Bo", avatarUrl: "", roles: [] };
        store.writer.add({ kind: "insert_event", event: makeEvent({ id, sessionId, liveId, user }) });
      }
      await store.writer.flush();
    }
    const comments = (limit: number) =>
      store.reader.viewers.commentsOf({ platform: "tiktok", userId: "42" }, limit).map((event) => event.id);
    assert.deepEqual(comments(7), [17, 15, 13, 11, 9, 7, 5]);
    assert.deepEqual(comments(2), [17, 15]);
    assert.deepEqual(
      store.reader.viewers.commentsOf({ platform: "demo", userId: "42" }, 9),
      [],
    );
  },
);
