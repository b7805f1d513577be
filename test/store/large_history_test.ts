/** Years of lives: no question about viewers and sessions walks over the events, or over the lives of all viewers. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openSqliteReader } from "../../src/store/sqlite/reading.ts";
import { lastSessionId, readReport } from "../../src/store/report.ts";
import { makeLargeHistory } from "../support/large_history.ts";
import { plansOf } from "../support/rows_read.ts";
import { withFolder } from "../support/temporary_store.ts";

const size = { viewers: 2_000, sessions: 30, events: 100 };

Deno.test("viewers, viewer, report and sessions read no table that grows with each live from its beginning to its end", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "livecue.db");
    await makeLargeHistory({ path, ...size });
    const { reader, query, close } = openSqliteReader(path);
    const plans = await plansOf(path, () => {
      assert.equal(reader.viewers.uncounted(), 0);
      assert.equal(reader.viewers.list({ limit: 20 }).length, 20);
      assert.equal(reader.viewers.list({ limit: 20, text: "ána 🦄 1998" })[0]?.uniqueId, "viewer1998");
      const [viewer] = reader.viewers.find("viewer100");
      assert.equal(reader.viewers.find("@nobody").length, 0);
      assert.equal(reader.viewers.livesOf(viewer!, 10).length, 10);
      assert.ok(reader.viewers.namesOf(viewer!).length > 1);
      assert.ok(reader.viewers.commentsOf(viewer!, 10).length >= 0);
      assert.equal(reader.sessions({ limit: 50 }).length, size.sessions);
      assert.equal(readReport(query, lastSessionId(query)!)?.events, 10 * size.events);
      assert.equal(readReport(query, 7)?.events, size.events);
    });
    close();
    const scans = plans.filter((line) =>
      /^SCAN (live_event|event|event_queue|item|viewer_live|seen|viewer_name|name|used)\b/.test(line)
    );
    assert.deepEqual(scans, []);
    assert.ok(plans.some((line) => line.startsWith("SEARCH live_event USING INTEGER PRIMARY KEY")));
  });
});
