/** What a run reads from a large database, and holds in memory. Every read counts, so that no later change reads more. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { App } from "../../src/app/app.ts";
import type { Source } from "../../src/source.ts";
import { commentOf } from "../support/captured_events.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { largeRoom, makeLargeDatabase } from "../support/large_database.ts";
import { rowsRead } from "../support/rows_read.ts";
import { silentLog } from "../support/silent_log.ts";
import { roomTraits } from "../support/sources.ts";
import { configIn, serviceConfig, withFolder } from "../support/temporary_store.ts";

const dummy = fileURLToPath(new URL("../../services/dummy.ts", import.meta.url));
const now = 1_700_000_000_000;

/** Continues the interrupted live with one comment. */
const live: Source = {
  name: "main",
  traits: roomTraits,
  async *open(signal) {
    yield { kind: "session", username: "ana", roomId: largeRoom };
    yield {
      kind: "event",
      event: { ...commentOf("hello", largeRoom), messageId: "1", createdAt: now },
      raw: null,
    };
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  },
};

Deno.test("A whole run with an event and an item reads a bounded number of rows", async () => {
  await withFolder(async (folder) => {
    const database = `${folder}/large.db`;
    makeLargeDatabase({
      path: database,
      eventCount: 200_000,
      pendingCount: 50_000,
      now,
      hasCompletedItems: true,
    });
    const subscription = { isEnabled: true, priority: 5, isAsync: false, isDiscardable: true } as const;
    const service = serviceConfig("dino", {
      serviceClass: dummy,
      maxQueueSize: 5_000_000,
      subscriptions: { CommentEvent: { ...subscription, streaks: "each" } },
    });
    const rows = await rowsRead(database, async () => {
      const firstEvent = Promise.withResolvers<void>();
      const firstItem = Promise.withResolvers<void>();
      const app = await App.open({
        config: { ...configIn(folder, { services: [service] }), database },
        clock: new FakeClock(now),
        log: silentLog(),
        sources: [live],
        processes: "all",
        whenIdle: "stay",
        onEvent: ({ type }) => type === "CommentEvent" && firstEvent.resolve(),
        onItemEnded: () => firstItem.resolve(),
      });
      const running = app.run();
      await Promise.all([firstEvent.promise, firstItem.promise]);
      await app.stop("The test is over.");
      await running;
    });
    // 10,000 message ids of the live, which detect duplicates, and a page of the queue for each class.
    assert.ok(rows < 20_000, `${rows} rows`);
  });
});
