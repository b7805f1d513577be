/** What a live reads of its database while it goes on, where pages of it are damaged. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { sampleEvent } from "../support/stored_events.ts";
import { openAsItIs, openSession, openTemporary, withFolder } from "../support/temporary_store.ts";
import { spoilPages } from "../support/spoilt_pages.ts";

const room = "7312345678901234567";

Deno.test("A live goes on without what lies on damaged pages, wherever they are, and it is told once", async () => {
  await withFolder(async (folder) => {
    const whole = join(folder, "whole.db");
    const { store } = openTemporary(whole);
    store.writer.add(openSession(1));
    for (let id = 1; id <= 500; id += 1) {
      store.writer.add({ kind: "insert_event", event: sampleEvent({ id, messageId: `m${id}` }) });
    }
    await store.stop();
    for (const name of ["live_room", "live_session_live", "live_event_first", "live_event"]) {
      const path = join(folder, `${name}.db`);
      Deno.copyFileSync(whole, path);
      // A start is refused where the last events cannot be read.
      assert.ok(spoilPages(path, name, (index) => name !== "live_event" || index === 3) > 0);
      const { store, told } = openAsItIs(path);
      const live = store.liveOfRoom("demo", room);
      assert.equal(live?.id ?? null, name === "live_room" ? null : 1, name);
      const recent = [...store.recentMessages(1, 10_000)].length;
      const later = [...store.eventsAfter(1, 0)].length;
      assert.ok(recent <= 500 && later <= 500 && store.liveTotals(1).upTo === 0, name);
      store.firstOf(1, "42", "CommentEvent");
      assert.equal(
        told.filter((text) => text.includes("Some of this live's data in the database cannot be read"))
          .length,
        1,
        `${name}: ${told.join("\n")}`,
      );
      await store.stop();
    }
  });
});
