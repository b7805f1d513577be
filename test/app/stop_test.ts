/** A stop in states that could block it forever or for minutes: it ends by its deadline, and names the parts that it left. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { App } from "../../src/app/app.ts";
import type { RunResult } from "../../src/app/run_options.ts";
import type { ServiceConfig } from "../../src/service.ts";
import type { Source } from "../../src/source.ts";
import { UserError } from "../../src/user_error.ts";
import { Live, makeService } from "../support/app_on_a_live.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { type HeardLog, heardLog } from "../support/heard_log.ts";
import { configIn, withFolder } from "../support/temporary_store.ts";

const serviceClass = (name: string) =>
  fileURLToPath(new URL(`../support/services/${name}.ts`, import.meta.url));
const limitMs = 14_500;

interface Parts {
  app: App;
  live: Live;
  clock: FakeClock;
  log: HeardLog;
  folder: string;
  running: Promise<RunResult>;
  /** A config with these services, as a person would save it. */
  change(services: ServiceConfig[]): Promise<void>;
  rows(sql: string): unknown[];
}

async function withRun(
  services: ServiceConfig[],
  use: (parts: Parts) => Promise<void>,
  source?: Source,
): Promise<void> {
  await withFolder(async (folder) => {
    const [live, clock, log] = [new Live(), new FakeClock(), heardLog()];
    const config = configIn(folder, { services });
    const sources = [source ?? live.source];
    const app = await App.open({ config, clock, log, sources, processes: "all", whenIdle: "end" });
    const running = app.run();
    const rows = (sql: string) => {
      const database = new DatabaseSync(config.database, { readOnly: true });
      const found = database.prepare(sql).all().map((row) => Object.values(row)[0]);
      database.close();
      return found;
    };
    const change = (services: ServiceConfig[]) => app.applyConfig({ ...config, services });
    await use({ app, live, clock, log, folder, running, change, rows });
  });
}

/** Stops the app, and advances its clock until it has stopped. Returns how long that took by this clock. */
async function stop({ app, clock, running }: Parts): Promise<number> {
  const before = clock.monotonic();
  let isOver = false;
  void app.stop("The test stops it.");
  running.catch(() => {}).finally(() => isOver = true);
  while (!isOver) {
    // Workers use the system's time, so none may seem silent meanwhile.
    const isHeard = () => app.services.views().every(({ heartbeatMs }) => (heartbeatMs ?? 0) < 2_000);
    for (let turn = 0; turn < 5 || (turn < 10_000 && !isHeard()); turn++) await nextTurn();
    if (!isOver) clock.advance(50);
    assert.ok(clock.monotonic() - before <= limitMs, "It goes on beyond its deadline.");
  }
  return clock.monotonic() - before;
}

function textOf({ entries }: HeardLog): string {
  return entries.map(({ text }) => text).join("\n");
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await nextTurn();
}

const hangingItem = (slug: string) =>
  makeService(slug, { serviceClass: serviceClass("misbehaving"), options: { how: "never-answers" } });
const hangingStart = (slug: string, timeoutMs = 30_000) =>
  makeService(slug, { serviceClass: serviceClass("hangs_on_start"), timeoutMs });

async function beginItem({ app, live }: Parts, slug: string): Promise<void> {
  await live.say("hello");
  await until(() => (app.services.find(slug)?.runner?.inFlight.length ?? 0) > 0);
}

Deno.test("An item that never ends is cut off and pending again, and the log says so", async () => {
  await withRun([hangingItem("hung")], async (parts) => {
    await beginItem(parts, "hung");
    const tookMs = await stop(parts);
    assert.ok(tookMs >= 10_000, `It got ${tookMs} ms to end.`);
    assert.deepEqual(parts.rows("SELECT status FROM event_queue"), ["pending"]);
    assert.deepEqual(parts.rows("SELECT status FROM live_session"), ["completed"]);
    assert.match(textOf(parts.log), /the stop cut off 1 running item: it is pending again/);
  });
});

Deno.test("A stop does not wait too long for a service that was just removed and has an item that never ends", async () => {
  await withRun([hangingItem("hung"), makeService("other")], async (parts) => {
    await beginItem(parts, "hung");
    const changing = parts.change([makeService("other")]);
    await nextTurn();
    await stop(parts);
    await changing;
    assert.doesNotMatch(textOf(parts.log), /The changed config is in effect/);
    assert.deepEqual(
      parts.rows(
        "SELECT status FROM event_queue JOIN service ON service.id = service_id WHERE slug = 'hung'",
      ),
      ["pending"],
    );
  });
});

Deno.test("A changed service whose onStart never ends does not delay a stop", async () => {
  await withRun([hangingStart("hung")], async (parts) => {
    await until(() => parts.app.services.find("hung")?.phase === "starting");
    const changing = parts.change([hangingStart("hung", 20_000)]);
    await nextTurn();
    const tookMs = await stop(parts);
    await changing;
    assert.ok(tookMs < 1_000, `It took ${tookMs} ms.`);
  });
});

Deno.test("A service that a change has just added is stopped with the others, even while the change is in progress", async () => {
  await withRun([], async (parts) => {
    await parts.live.say("hello");
    await until(() => parts.rows("SELECT count(*) FROM live_event")[0] === 1);
    // So many rows that they are counted in another thread: the change waits for that after it has added the first
    // service.
    const other = new DatabaseSync(configIn(parts.folder).database);
    other.exec(`INSERT INTO service (id, slug, name, service_class, max_queue_size, is_active)
        VALUES (1, 'second', '', '', 20000, 0);
      WITH RECURSIVE numbers(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM numbers WHERE id < 10001)
      INSERT INTO event_queue (id, service_id, live_event_id, priority, is_async, is_discardable, status, created_at)
        SELECT id, 1, 1, 5, 0, 0, 'pending', 0 FROM numbers`);
    other.close();
    const first = makeService("first", { serviceClass: serviceClass("hangs_on_start") });
    const begun = Promise.withResolvers<void>();
    const { Worker } = globalThis;
    let isGone = false;
    globalThis.Worker = class extends Worker {
      readonly #isFirst: boolean;

      constructor(address: string | URL, options?: WorkerOptions) {
        super(address, options);
        this.#isFirst = options?.name === "first";
        if (this.#isFirst) begun.resolve();
      }

      override terminate(): void {
        super.terminate();
        isGone ||= this.#isFirst;
      }
    };
    const changing = parts.change([first, makeService("second")]);
    await begun.promise;
    await stop(parts);
    await changing;
    globalThis.Worker = Worker;
    assert.doesNotMatch(textOf(parts.log), /The changed config is in effect/);
    assert.ok(isGone);
  });
});

Deno.test("A stop with a removed service and a locked database ends in time, and keeps the data that was not stored", async () => {
  await withRun([hangingItem("hung"), makeService("other")], async (parts) => {
    await beginItem(parts, "hung");
    const changing = parts.change([makeService("other")]);
    await nextTurn();
    const other = new DatabaseSync(configIn(parts.folder).database);
    other.exec("BEGIN IMMEDIATE");
    await parts.live.say("not stored");
    await stop(parts);
    await changing;
    other.close();
    await assert.rejects(parts.running, (error) => {
      assert.ok(error instanceof UserError);
      assert.match(
        error.message,
        /locked by another program.*\(1 event and .*is kept in .*livecue\.db\.unsaved\.jsonl/,
      );
      return true;
    });
    assert.deepEqual(parts.rows("SELECT count(*) FROM live_event"), [1]);
  });
});

Deno.test("A source that does not stop is abandoned: its session closes, and what it still sends is ignored", async () => {
  const live = new Live();
  const deaf: Source = { ...live.source, open: () => live.source.open(new AbortController().signal) };
  await withRun([], async (parts) => {
    await live.say("hello");
    const tookMs = await stop(parts);
    assert.ok(tookMs <= 4_000, `It took ${tookMs} ms.`);
    assert.match(textOf(parts.log), /The source did not stop within 3 s, so Livecue no longer waits for it/);
    void live.say("too late");
    await nextTurn();
    assert.deepEqual(parts.rows("SELECT count(*) FROM live_event"), [1]);
    assert.deepEqual(parts.rows("SELECT end_reason FROM live_session"), ["The test stops it."]);
  }, deaf);
});
