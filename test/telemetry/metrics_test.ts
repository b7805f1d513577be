/** The whole program, with a collector of OpenTelemetry. */
import assert from "node:assert/strict";
import { FakeCollector } from "../support/fake_collector.ts";
import { query, startProgramWith, writeConfig } from "../support/livecue.ts";
import { probe } from "../support/telemetry_probes.ts";
import { withFolder } from "../support/temporary_store.ts";

const demo = ["demo", "--plain", "--seed", "4", "--rate", "300", "--for", "2", "--database", "livecue.db"];

interface Rows {
  name: string;
  what: string;
  count: number;
}

Deno.test("The metrics add up to the rows of the database: events by type, items by service, end and reason", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, {
      services: {
        done: probe("succeed", { CommentEvent: {}, GiftEvent: {} }),
        failing: probe("fail", { LikeEvent: {}, FollowEvent: {} }),
        full: {
          ...probe("wait", { JoinEvent: { is_discardable: true }, CommentEvent: { priority: 9 } }),
          max_queue_size: 1,
          is_active: true,
        },
      },
    });
    await using collector = new FakeCollector();
    const { code, stderr } = await startProgramWith(collector.env, folder, ...demo).ended;
    assert.equal(code, 0, stderr);

    const events = query<Rows>(
      folder,
      "SELECT 'demo' AS name, event_type AS what, count(*) AS count FROM live_event GROUP BY 2",
    );
    assert.ok(events.length > 10);
    for (const { name, what, count } of events) {
      const labels = { "livecue.source": name, "livecue.event.type": what };
      assert.equal(collector.sum("livecue.events", labels), count, what);
    }
    const items = query<Rows>(
      folder,
      `SELECT slug AS name, coalesce(discard_reason, status) AS what, count(*) AS count
        FROM event_queue JOIN service ON service.id = service_id GROUP BY 1, 2`,
    );
    for (const { name, what, count } of items) {
      const key = ["completed", "failed"].includes(what) ? "livecue.item.end" : "livecue.discard.reason";
      assert.equal(
        collector.sum("livecue.items", { "livecue.service": name, [key]: what }),
        count,
        name + what,
      );
    }
    const ends = new Set(items.map(({ what }) => what));
    assert.deepEqual([...ends].sort(), ["completed", "evicted", "failed", "queue_full"]);
    const sum = (rows: Rows[]) => rows.reduce((sum, { count }) => sum + count, 0);
    assert.equal(collector.sum("livecue.events"), sum(events));
    assert.equal(collector.sum("livecue.items"), sum(items));
    const ran = items.filter(({ what }) => what === "completed" || what === "failed");
    assert.equal(collector.sum("messaging.process.duration"), sum(ran));
    assert.equal(collector.sum("livecue.queue.wait.duration"), sum(ran));
    assert.equal(
      collector.sum("messaging.process.duration", { "error.type": "failed" }),
      sum(
        items.filter(({ what }) => what === "failed"),
      ),
    );
    assert.ok(collector.sum("livecue.store.commit.duration") > 0);
    assert.equal(
      collector.sum("livecue.store.commit.size"),
      collector.sum("livecue.store.commit.duration"),
    );
  });
});

Deno.test("While a run goes on, the collector sees queues, workers and the connection of each source", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, {
      services: { done: { ...probe("succeed", { CommentEvent: {} }), max_queue_size: 70 } },
    });
    await using collector = new FakeCollector();
    const env = { ...collector.env, OTEL_METRIC_EXPORT_INTERVAL: "100" };
    const run = startProgramWith(env, folder, ...demo.toSpliced(demo.indexOf("--for"), 2));
    const service = { "livecue.service": "done" };
    await collector.until(() =>
      collector.sum("livecue.source.state", { "livecue.source": "demo", "livecue.state": "live" }) === 1 &&
      collector.sum("livecue.service.state", { ...service, "livecue.state": "running" }) === 1
    );
    assert.equal(collector.sum("livecue.queue.limit", service), 70);
    // One state at a time.
    assert.equal(collector.sum("livecue.source.state", { "livecue.source": "demo" }), 1);
    assert.equal(collector.sum("livecue.service.state", service), 1);
    const names = collector.points.map(({ name }) => name);
    for (const name of ["livecue.queue.depth", "livecue.worker.items", "livecue.worker.restarts"]) {
      assert.ok(names.includes(name), name);
    }
    run.kill("SIGKILL");
    await run.ended;
  });
});

Deno.test("No metric, span or log line has a viewer's name or text", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, { services: { done: probe("succeed", { CommentEvent: {}, GiftEvent: {} }) } });
    await using collector = new FakeCollector();
    await startProgramWith(collector.env, folder, ...demo).ended;
    const sent = collector.bodies.map(({ text }) => text).join("\n");
    assert.ok(sent.includes("receive CommentEvent"));
    const rows = query<{ user_nickname: string; user_unique_id: string; comment: string | null }>(
      folder,
      `SELECT DISTINCT user_nickname, user_unique_id, json_extract(event_data, '$.comment') AS comment FROM live_event
        WHERE length(user_nickname) > 3`,
    );
    assert.ok(rows.length > 50);
    for (const { user_nickname, user_unique_id, comment } of rows) {
      for (const text of [user_nickname, user_unique_id, comment]) {
        if ((text?.length ?? 0) > 3) assert.ok(!sent.includes(text as string), text as string);
      }
    }
  });
});
