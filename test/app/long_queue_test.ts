/** Queues that are longer than their window in memory, with real workers and a real database. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { App } from "../../src/app/app.ts";
import type { AppOptions } from "../../src/app/run_options.ts";
import type { ServiceConfig } from "../../src/service.ts";
import type { Subscription } from "../../src/subscription.ts";
import type { CapturedEvent, Source } from "../../src/source.ts";
import { commentOf, sampleOf } from "../support/captured_events.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { query } from "../support/livecue.ts";
import { silentLog } from "../support/silent_log.ts";
import { traitsOf } from "../support/sources.ts";
import { configIn, serviceConfig, withFolder } from "../support/temporary_store.ts";

const often: Subscription = {
  isEnabled: true,
  priority: 3,
  isAsync: false,
  isDiscardable: true,
  streaks: "each",
};
const eventCount = 60;

function service(name: string, given: Partial<ServiceConfig> = {}): ServiceConfig {
  const serviceClass = fileURLToPath(new URL(`../../services/${name}.ts`, import.meta.url));
  const subscriptions = { CommentEvent: often, FollowEvent: { ...often, priority: 9, isDiscardable: false } };
  return serviceConfig("it", { serviceClass, maxQueueSize: 1_000, subscriptions, ...given });
}

/** Comments, and a follow after every third. */
function events(): CapturedEvent[] {
  return Array.from({ length: eventCount }, (_, index) => {
    const event = index % 4 === 3 ? sampleOf("FollowEvent") : commentOf("hello");
    return { ...event, messageId: String(index) };
  });
}

function liveOf(given: CapturedEvent[]): Source {
  return {
    name: "demo",
    traits: traitsOf(),
    async *open() {
      yield { kind: "session", username: "host", roomId: "700" };
      for (const event of given) yield { kind: "event", event, raw: null };
      yield { kind: "end", status: "completed", reason: "The live ended." };
    },
  };
}

interface Folder {
  open(service: ServiceConfig, more?: Partial<AppOptions>): Promise<App>;
  rows(sql: string): Record<string, unknown>[];
}

/** Runs `use` with a database in which all events wait for the service. */
async function withWaiting(window: number, use: (folder: Folder) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const open: Folder["open"] = (service, more = {}) =>
      App.open({
        config: configIn(folder, { services: [service] }),
        clock: new FakeClock(),
        log: silentLog(),
        sources: [],
        processes: "all",
        whenIdle: "end",
        queueWindow: window,
        ...more,
      });
    await (await open(service("dummy"), { sources: [liveOf(events())], processes: "none" })).run();
    await use({ open, rows: (sql) => query(folder, sql).map((row) => ({ ...row })) });
  });
}

for (const window of [1, 2, 1000]) {
  Deno.test(`With ${window} in memory a queue is worked off in its order, the highest priority first`, async () => {
    await withWaiting(window, async ({ open, rows }) => {
      const ended: number[] = [];
      const app = await open(service("dummy"), { onItemEnded: (_slug, { id }) => ended.push(id) });
      assert.equal(app.services.views()[0]?.pending, eventCount);
      await app.run();
      const inOrder = rows("SELECT id FROM event_queue ORDER BY priority DESC, id").map(({ id }) => id);
      assert.deepEqual(ended, inOrder);
      assert.deepEqual(rows("SELECT DISTINCT status FROM event_queue"), [{ status: "completed" }]);
    });
  });
}

Deno.test("A queue longer than its window in memory is emptied completely, and can be put back", async () => {
  await withWaiting(2, async ({ open, rows }) => {
    const app = await open(service("dummy"), { whenIdle: "stay" });
    app.services.pause(null);
    const running = app.run();
    assert.equal(await app.services.empty("it"), eventCount);
    assert.equal(app.services.views()[0]?.pending, 0);
    const asked = { count: eventCount, upToId: eventCount };
    assert.equal(await app.services.retryAsked("it", "discarded", asked), eventCount);
    await app.idle();
    assert.equal(app.services.views()[0]?.pending, eventCount);
    assert.deepEqual(rows("SELECT status, count(*) AS count FROM event_queue GROUP BY status"), [
      { status: "pending", count: eventCount },
    ]);
    app.services.resume(null);
    await app.idle();
    app.stop("The test is over.");
    await running;
    assert.deepEqual(rows("SELECT DISTINCT status FROM event_queue"), [{ status: "completed" }]);
  });
});

Deno.test("An emptying takes exactly the items up to the confirmed one, however many are only stored", async () => {
  await withWaiting(2, async ({ open, rows }) => {
    const app = await open(service("dummy"), { whenIdle: "stay" });
    app.services.pause(null);
    const running = app.run();
    const upToId = eventCount - 30;
    assert.equal(await app.services.empty("it", upToId), upToId);
    assert.equal(app.services.views()[0]?.pending, 30);
    await app.idle();
    await app.services.discardsWritten();
    assert.deepEqual(
      rows("SELECT status, count(*) AS count, min(id) AS first FROM event_queue GROUP BY status"),
      [
        { status: "discarded", count: upToId, first: 1 },
        { status: "pending", count: 30, first: upToId + 1 },
      ],
    );
    app.services.resume(null);
    await app.idle();
    app.stop("The test is over.");
    await running;
    assert.deepEqual(rows("SELECT count(*) AS count FROM event_queue WHERE status = 'completed'"), [{
      count: 30,
    }]);
  });
});
