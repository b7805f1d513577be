import assert from "node:assert/strict";
import { join } from "node:path";
import { openSqliteReader } from "../../src/store/sqlite/reading.ts";
import { readReport } from "../../src/store/report.ts";
import { overBothStores } from "../support/both_stores.ts";
import { makeEvent, makeGift } from "../support/events.ts";
import { makeLargeDatabase } from "../support/large_database.ts";
import { openSession, withFolder } from "../support/temporary_store.ts";

Deno.test("Sessions that are over are listed from any place on, the latest first, without the one that runs", async () => {
  await withFolder((folder) => {
    const path = join(folder, "livecue.db");
    makeLargeDatabase({ path, eventCount: 40, pendingCount: 0, now: 1_700_000_000_000 });
    const { reader, close } = openSqliteReader(path);
    const page = reader.pastSessions({ first: 0, limit: 9 });
    assert.deepEqual([page.count, page.lines.map(({ id }) => id)], [1, [1]]);
    assert.deepEqual(reader.pastSessions({ first: 1, limit: 9 }), { count: 1, lines: [] });
    assert.equal(reader.sessionSums([1])[0]?.events, 30);
    assert.equal(reader.sessionSums([7])[0]?.events, 0);
    close();
  });
});

overBothStores("The numbers and gifts of a session are those of its report", async ({ store, read }) => {
  const viewers = (id: number, viewerCount: number) =>
    makeEvent<"ViewerCountEvent">({
      id,
      type: "ViewerCountEvent",
      messageId: `v${id}`,
      data: { viewerCount } as never,
    });
  const events = [
    makeGift({ id: 1, count: 5 }),
    makeGift({
      id: 2,
      count: 2,
      messageId: "g2",
      streak: { id: "other", count: 2, delta: 2, hasEnded: true },
    }),
    makeGift({
      id: 3,
      count: 9,
      messageId: "g3",
      isTest: true,
      streak: { id: "test", count: 9, delta: 9, hasEnded: true },
    }),
    viewers(4, 12),
    viewers(5, 40),
    makeEvent({ id: 6, messageId: "c" }),
  ];
  store.writer.add(openSession(1));
  for (const event of events) store.writer.add({ kind: "insert_event", event });
  await store.writer.flush();
  const report = await read(({ query }) => readReport(query, 1));
  const [sums] = store.reader.sessionSums([1]);
  assert.ok(sums);
  assert.deepEqual(sums, {
    id: 1,
    events: 6,
    gifts: 7,
    diamonds: 7,
    viewers: report?.viewers?.highest ?? null,
  });
  assert.deepEqual([sums.gifts, sums.diamonds], [report?.totals.gifts, report?.totals.diamonds]);
  const [gift, ...others] = store.reader.sessionGifts(1);
  assert.deepEqual([gift?.name, gift?.count, gift?.diamonds, others], ["Rose", 7, 1, []]);
  assert.deepEqual(store.reader.sessionWork(1), []);
});
