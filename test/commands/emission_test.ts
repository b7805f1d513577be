/** A kill between an emission and the completion of its item neither loses nor duplicates the emitted events. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { livecue, query, startLivecue, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

const relay = fileURLToPath(new URL("../support/services/relay.ts", import.meta.url));
const dummy = fileURLToPath(new URL("../../services/dummy.ts", import.meta.url));
const room = { max_queue_size: 1_000_000, prefetch: 8 };

/** The number of events that each item of the relay emitted, whether completed or not. */
const emittedByItem =
  `SELECT item.status, (SELECT count(*) FROM live_event WHERE caused_by = item.live_event_id) AS emitted
  FROM event_queue AS item JOIN service ON service.id = item.service_id WHERE service.slug = 'wheel'`;

/** The number of items of each emitted event. */
const itemsOfEmitted = `SELECT (SELECT count(*) FROM event_queue WHERE live_event_id = live_event.id) AS items
  FROM live_event WHERE event_type = 'SpinEvent'`;

Deno.test("After kills at any moment, each completed item has emitted once, and no other item has emitted", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, {
      services: {
        wheel: {
          service_class: relay,
          ...room,
          options: { emits: "SpinEvent" },
          emits: ["SpinEvent"],
          subscriptions: { CommentEvent: { is_async: true }, LikeEvent: {}, JoinEvent: {} },
        },
        screen: { service_class: dummy, ...room, subscriptions: { SpinEvent: {} } },
      },
    });
    for (let kill = 0; kill < 3; kill++) {
      const running = startLivecue(
        folder,
        "demo",
        "--plain",
        "--verbose",
        "--rate",
        "400",
        "--seed",
        `${kill}`,
      );
      await running.line(/\[screen\].*completed/);
      running.kill("SIGKILL");
      await running.ended;
      check(folder);
    }
    const { code, stderr } = await livecue(folder, "work", "--drain");
    assert.equal(code, 0, stderr);
    check(folder);
    assert.deepEqual(query(folder, "PRAGMA integrity_check").map((row) => ({ ...row })), [
      { integrity_check: "ok" },
    ]);
  });
});

function check(folder: string): void {
  const items = query<{ status: string; emitted: number }>(folder, emittedByItem);
  assert.ok(items.some(({ status }) => status === "completed"));
  assert.deepEqual(items.filter(({ status, emitted }) => emitted !== (status === "completed" ? 1 : 0)), []);
  assert.ok(query<{ items: number }>(folder, itemsOfEmitted).every(({ items }) => items === 1));
}
