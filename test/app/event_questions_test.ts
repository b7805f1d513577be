import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { EventQuestions } from "../../src/app/event_questions.ts";
import type { EventsShown } from "../../src/event_view.ts";
import { makeLargeDatabase } from "../support/large_database.ts";
import { openTemporary, withFolder } from "../support/temporary_store.ts";

/** Three quarters of its events are of session 1, which is over; the others of session 2. One in four is a like. */
const eventCount = 4_000;
const last = 3_000;
const now = new Date(2026, 10, 27, 21, 0).getTime();

async function withQuestions(use: (questions: EventQuestions) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const path = join(folder, "livecue.db");
    makeLargeDatabase({ path, eventCount, pendingCount: 0, now });
    const database = new DatabaseSync(path);
    database.exec(
      `UPDATE live_session SET started_at = ${now - eventCount}, ended_at = ${now - 1_000} WHERE id = 1`,
    );
    database.close();
    const { store } = openTemporary(path);
    try {
      await use(new EventQuestions({ liveIds: () => [2], questions: store.questions }));
    } finally {
      await store.stop();
    }
  });
}

const past: EventsShown = { session: 1, source: null, types: null, text: "" };
const present: EventsShown = { ...past, session: null };

Deno.test("Pages of a past session go both ways, and end with the session", async () => {
  await withQuestions(async (questions) => {
    const ask = async (given: { before?: number; after?: number }, shown = past) => {
      const query = { kind: "events", before: null, after: null, limit: 3, ...given, ...shown } as const;
      const page = await questions.answer(query);
      assert.ok(page.kind === "events");
      return [page.events.map(({ id }) => id), page.hasMore];
    };
    assert.deepEqual(await ask({ after: 0 }), [[1, 2, 3], true]);
    assert.deepEqual(await ask({ after: last - 2 }), [[last - 1, last], false]);
    assert.deepEqual(await ask({}), [[last - 2, last - 1, last], true]);
    assert.deepEqual(await ask({ before: 3 }), [[1, 2], false]);
    assert.deepEqual(await ask({ after: 0 }, present), [[last + 1, last + 2, last + 3], true]);
    const types = { types: ["LikeEvent"], isAllBut: false };
    assert.deepEqual(await ask({ after: 0 }, { ...past, types }), [[4, 8, 12], true]);
    assert.deepEqual(await ask({ after: 0 }, { ...past, types: { ...types, isAllBut: true } }), [
      [1, 2, 3],
      true,
    ]);
  });
});

Deno.test("A place is the same whichever way the cursor came to it", async () => {
  await withQuestions(async (questions) => {
    const place = async (firstId: number, id: number, shown = past) => {
      const found = await questions.answer({ kind: "event_place", firstId, id, ...shown });
      assert.ok(found.kind === "event_place");
      return [found.first, found.last, found.count];
    };
    for (const id of [1, 2, last, 1_500, 1_499, 1_501, 3]) {
      assert.deepEqual(await place(id, id), [id, id, last]);
    }
    assert.deepEqual(await place(last + 1, last + 5, present), [1, 5, eventCount - last]);
    const likes = { ...past, types: { types: ["LikeEvent"], isAllBut: false } };
    assert.deepEqual(await place(4, 12, likes), [1, 3, last / 4]);
    assert.deepEqual(await place(1_500, 1_500), [1_500, 1_500, last]);
  });
});

Deno.test("A search finds the next and the previous hit, goes around, and counts the hits", async () => {
  await withQuestions(async (questions) => {
    const search = async (wanted: string, from: number, isForward: boolean, shown = past) => {
      const hit = await questions.answer({ kind: "event_search", wanted, from, isForward, ...shown });
      assert.ok(hit.kind === "event_search");
      return [hit.id, hit.number, hit.count];
    };
    // The handles count up, and those of session 1 end before 3000.
    assert.deepEqual(await search("ana12", 11, true), [12, 1, 111]);
    assert.deepEqual(await search("ana12", 12, true), [120, 2, 111]);
    assert.deepEqual(await search("ana12", 12, false), [1_299, 111, 111]);
    assert.deepEqual(await search("ANA1299", 2_000, true), [1_299, 1, 1]);
    assert.deepEqual(await search("ana3500", 1, true), [null, 0, 0]);
    assert.deepEqual(await search("ana3500", 1, true, present), [3_500, 1, 1]);
    assert.deepEqual(await search("ana120", 1, true, { ...past, text: "hello" }), [1_201, 1, 7]);
  });
});

Deno.test("A time leads to the first event of then or later, and a wrong one to a sentence", async () => {
  await withQuestions(async (questions) => {
    const at = async (typed: string, shown: EventsShown) => {
      const found = await questions.answer({ kind: "event_time", typed, ...shown });
      assert.ok(found.kind === "event_time");
      return [found.id, found.said] as const;
    };
    // The events come a millisecond apart, from 20:59:56 on.
    assert.deepEqual(await at("@20:59:57", past), [1_000, "20:59:57 is understood as the time of day."]);
    assert.deepEqual(await at("+2", past), [2_000, "This is 2 s after the start."]);
    const likes = { ...past, types: { types: ["LikeEvent"], isAllBut: false } };
    assert.deepEqual((await at("+1", { ...likes }))[0], 1_000);
    const [id, said] = await at("+1", { ...past, text: "nobody said this" });
    assert.equal(id, null);
    assert.match(said, /No event that is shown came then or later/);
    assert.match(
      (await at("19:00", past))[1],
      /19:00 is outside of the session: it went from 20:59:56 to 20:59:59/,
    );
    assert.match((await at("soon", past))[1], /"soon" is not a time/);
  });
});
