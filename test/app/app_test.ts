/** The app with real workers and a real database, with a clock that the test advances. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { App } from "../../src/app/app.ts";
import type { AppOptions } from "../../src/app/run_options.ts";
import type { CapturedEvent, Source, SourceItem } from "../../src/source.ts";
import type { ServiceConfig } from "../../src/service.ts";
import type { Subscription } from "../../src/subscription.ts";
import { ana, commentOf, sampleEvents } from "../support/captured_events.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { type HeardLog, heardLog } from "../support/heard_log.ts";
import { query } from "../support/livecue.ts";
import { configIn, serviceConfig, withFolder } from "../support/temporary_store.ts";
import { traitsOf } from "../support/sources.ts";

const always: Subscription = {
  isEnabled: true,
  priority: 5,
  isAsync: false,
  isDiscardable: false,
  streaks: "each",
};

/** The service in `test/support/services/NAME.ts`, which gets comments. */
function service(name: string, given: Partial<ServiceConfig> = {}): ServiceConfig {
  const serviceClass = fileURLToPath(new URL(`../support/services/${name}.ts`, import.meta.url));
  return serviceConfig(name, { serviceClass, subscriptions: { CommentEvent: always }, ...given });
}

/** A live that consists of these events. */
function liveOf(events: CapturedEvent[], roomId = "700"): Source {
  async function* open(): AsyncGenerator<SourceItem> {
    yield { kind: "session", username: "host", roomId };
    for (const event of events) yield { kind: "event", event: { ...event, roomId }, raw: null };
    yield { kind: "end", status: "completed", reason: "The live ended." };
  }
  return {
    name: "demo",
    traits: traitsOf(),
    open,
  };
}

interface Folder {
  log: HeardLog;
  open(services: ServiceConfig[], source: Source | null, more?: Partial<AppOptions>): Promise<App>;
  rows(sql: string): Record<string, unknown>[];
}

/** Runs `use` with a database for any number of runs. */
async function withDatabase(use: (folder: Folder) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const log = heardLog();
    const config = configIn(folder);
    await use({
      log,
      open: (services, source, more = {}) =>
        App.open({
          config: { ...config, services },
          clock: new FakeClock(),
          log,
          sources: source === null ? [] : [source],
          processes: "all",
          whenIdle: "end",
          ...more,
        }),
      rows: (sql) => query(folder, sql).map((row) => ({ ...row })),
    });
  });
}

Deno.test("A service's error is stored without control characters that could harm a terminal", async () => {
  await withDatabase(async ({ open, rows }) => {
    const app = await open([service("rude")], liveOf([commentOf("hello")]));
    await app.run();
    const error = String(rows("SELECT error FROM event_queue")[0]?.error);
    assert.match(error, /^Error: red and\n +at .*rude\.ts:\d+:\d+/);
    assert.doesNotMatch(error, /(?!\n)\p{Cc}/u);
  });
});

/** The service's log lines, in order. */
function said(log: HeardLog, slug: string): string[] {
  return log.entries.filter(({ from }) => from === slug).map(({ text }) => text);
}

Deno.test("A service gets the session's totals and top givers, and learns whether an event is a viewer's first", async () => {
  await withDatabase(async ({ open, log }) => {
    const gift = (index: number) => sampleEvents().filter(({ type }) => type === "GiftEvent")[index];
    const [roses, galaxy] = [gift(0), gift(2)];
    assert.ok(roses && galaxy);
    const events = [roses, galaxy, commentOf("one"), { ...commentOf("two"), user: ana }, commentOf("three")];
    const app = await open([service("visitors")], liveOf(events));
    const { sources } = await app.run();
    const sums = "gifts 8, diamonds 1007, top ben 1000, ana.live 7";
    assert.deepEqual(said(log, "visitors"), [
      `ben (first): service 1, session 1, ${sums}`,
      `ana.live (first): service 2, session 2, ${sums}`,
      `ben: service 3, session 3, ${sums}`,
    ]);
    const totals = sources[0]?.totals;
    assert.deepEqual([totals?.gifts, totals?.diamonds, totals?.comments], [8, 1007, 3]);
  });
});

Deno.test("A service's state survives a restart: its own state for good, session state until the session ends", async () => {
  await withDatabase(async ({ open, log }) => {
    const visitors = [service("visitors")];
    const first = await open(visitors, liveOf([commentOf("one"), commentOf("two")]), { processes: "none" });
    await first.run();
    await (await open(visitors, null)).run();
    await (await open(visitors, liveOf([commentOf("three")], "701"))).run();
    assert.deepEqual(
      said(log, "visitors").map((text) => /service \d+, session \d+/.exec(text)?.[0]),
      ["service 1, session 1", "service 2, session 2", "service 3, session 1"],
    );
  });
});

Deno.test("The report counts the outcome of every item, as the database does", async () => {
  await withDatabase(async ({ open, rows }) => {
    const events = ["succeed", "refuse", "throw", "succeed"].map((words) => commentOf(words));
    const app = await open(
      [service("scripted"), service("visitors", { maxQueueSize: 1 }), service("rude", { slug: "other" })],
      liveOf(events),
      { processes: ["scripted"] },
    );
    const { services, failure } = await app.run();
    assert.equal(failure, null);
    const counts = services.map((
      { slug, phase, pending, inFlight, completed, failed, discarded },
    ) => `${slug} ${phase}: ${pending}, ${inFlight}, ${completed}, ${failed}, ${discarded}`);
    assert.deepEqual(counts, [
      "scripted running: 0, 0, 2, 2, 0",
      "visitors not processed: 1, 0, 0, 0, 3",
      "other not processed: 4, 0, 0, 0, 0",
    ]);
    const stored = rows(
      "SELECT slug, status, count(*) AS count FROM event_queue JOIN service ON service.id = service_id " +
        "GROUP BY slug, status ORDER BY slug, status",
    );
    assert.deepEqual(stored, [
      { slug: "other", status: "pending", count: 4 },
      { slug: "scripted", status: "completed", count: 2 },
      { slug: "scripted", status: "failed", count: 2 },
      { slug: "visitors", status: "discarded", count: 3 },
      { slug: "visitors", status: "pending", count: 1 },
    ]);
  });
});

Deno.test("When the capture's time is up, the session closes and the remaining items are processed", async () => {
  await withDatabase(async ({ open, rows }) => {
    async function* goOn(signal: AbortSignal): AsyncGenerator<SourceItem> {
      yield { kind: "session", username: "host", roomId: "700" };
      for (const words of ["succeed", "succeed later"]) {
        yield { kind: "event", event: commentOf(words), raw: null };
      }
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
    }
    const endless: Source = {
      name: "demo",
      traits: traitsOf(),
      open: goOn,
    };
    const { promise: lastEvent, resolve: onLast } = Promise.withResolvers<void>();
    const app = await open([service("scripted")], endless, {
      onEvent: ({ id }) => {
        if (id === 2) onLast();
      },
    });
    const ended = app.run();
    await lastEvent;
    app.endCapture();
    const { services } = await ended;
    assert.equal(services[0]?.completed, 2);
    assert.deepEqual(rows("SELECT status, end_reason FROM live_session"), [
      { status: "completed", end_reason: "The capture's time was up." },
    ]);
  });
});

Deno.test("A failed item is retried after its backoff, and fails for good after its last attempt", async () => {
  await withDatabase(async ({ open, rows }) => {
    const clock = new FakeClock();
    const services = [service("scripted", { maxAttempts: 3, backoffMs: 4000 })];
    const app = await open(services, liveOf([commentOf("refuse")]), { clock });
    const ended = app.run();
    const read = () => rows("SELECT status, attempts, failures, not_before FROM event_queue")[0];
    for (const [failures, waitMs] of [[1, 4000], [2, 8000]] as const) {
      while (read()?.failures !== failures) await setImmediate();
      const waiting = { status: "pending", attempts: failures, failures, not_before: clock.now() + waitMs };
      assert.deepEqual(read(), waiting);
      clock.advance(waitMs - 1);
      await setImmediate();
      assert.deepEqual(read(), waiting);
      clock.advance(1);
    }
    await ended;
    assert.deepEqual(rows("SELECT status, attempts, failures, crashes, error FROM event_queue"), [
      { status: "failed", attempts: 3, failures: 3, crashes: 0, error: "processEvent returned false" },
    ]);
  });
});

Deno.test("At the start, items older than the service's limit are discarded, and no younger ones", async () => {
  await withDatabase(async ({ open, rows }) => {
    const clock = new FakeClock();
    const services = [service("scripted", { staleAfterSeconds: 60 })];
    for (const words of ["refuse", "succeed"]) {
      await (await open(services, liveOf([commentOf(words)]), { clock, processes: "none" })).run();
      clock.advance(40_000);
    }
    await (await open(services, null, { clock })).run();
    assert.deepEqual(rows("SELECT status, discard_reason FROM event_queue ORDER BY id"), [
      { status: "discarded", discard_reason: "stale" },
      { status: "completed", discard_reason: null },
    ]);
  });
});
