/** A kill between an emission and the completion of its item neither loses nor duplicates the emitted events. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { livecue, query, startLivecue, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

const relay = fileURLToPath(new URL("../support/services/relay.ts", import.meta.url));
const requester = fileURLToPath(new URL("../support/services/requester.ts", import.meta.url));
const dummy = fileURLToPath(new URL("../../services/dummy.ts", import.meta.url));
const room = { max_queue_size: 1_000_000, prefetch: 8 };

/** The number of events that each item of the relay emitted, whether completed or not. */
const emittedByItem =
  `SELECT item.status, (SELECT count(*) FROM live_event WHERE caused_by = item.live_event_id) AS emitted
  FROM event_queue AS item JOIN service ON service.id = item.service_id WHERE service.slug = 'wheel'`;

/** The number of items of each request of the first three sessions, and of those that are completed. */
const itemsOfRequests =
  `SELECT count(item.id) AS items, coalesce(sum(item.status = 'completed'), 0) AS done FROM live_event
  LEFT JOIN event_queue AS item ON item.live_event_id = live_event.id
  WHERE event_type = 'RequestEvent' AND session_id <= 3 GROUP BY live_event.id`;

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

Deno.test("Without any live, a service's requests to itself survive kills, in a session per run", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, {
      services: {
        sampler: {
          service_class: requester,
          ...room,
          emits: ["RequestEvent"],
          subscriptions: { RequestEvent: {} },
        },
      },
    });
    for (let kill = 0; kill < 2; kill++) {
      const running = startLivecue(folder, "work");
      await running.line(/did 10$/m);
      running.kill("SIGKILL");
      await running.ended;
    }
    const running = startLivecue(folder, "work");
    await running.line(/did 10$/m);
    running.kill("SIGTERM");
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Session 2 \(services\) was open when Livecue crashed or was killed/);
    // The summary has nothing to say of a live.
    assert.doesNotMatch(stdout, /gifts|1 session/);
    assert.match((await livecue(folder, "work", "--drain")).stdout, /0 pending/);
    const rows = query(
      folder,
      "SELECT source, username, status, live_id FROM live_session WHERE id <= 3 ORDER BY id",
    ).map((row) => ({ ...row }));
    const own = { source: "services", username: "" };
    assert.deepEqual(rows, [
      { ...own, status: "aborted", live_id: 1 },
      { ...own, status: "aborted", live_id: 2 },
      { ...own, status: "completed", live_id: 3 },
    ]);
    // Also the events that came while the queues were emptied and the services stopped.
    assert.deepEqual(query(folder, "SELECT id FROM live_session WHERE status = 'active'"), []);
    const requests = query<{ items: number; done: number }>(folder, itemsOfRequests);
    assert.ok(requests.length > 3);
    assert.deepEqual(requests.filter(({ items, done }) => items !== 1 || done !== 1), []);
    assert.match(
      (await livecue(folder, "sessions")).stdout,
      /^3 +services +completed .* Stopped by the user\.$/m,
    );
  });
});
