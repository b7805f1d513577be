import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { App } from "../../src/app/app.ts";
import type { CapturedEvent, Source, SourceItem } from "../../src/capture/source.ts";
import type { Config, ServiceConfig, Subscription } from "../../src/config/config.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { query } from "../support/livecue.ts";
import { silentLog } from "../support/silent_log.ts";
import { commentOf } from "../support/captured_events.ts";
import { serviceConfig, withFolder } from "../support/temporary_store.ts";

const dummy = fileURLToPath(new URL("../../services/dummy.ts", import.meta.url));
const comments: Subscription = {
  isEnabled: true,
  priority: 5,
  isAsync: false,
  isDiscardable: false,
  streaks: "each",
};

function makeService(slug: string, given: Partial<ServiceConfig> = {}): ServiceConfig {
  return serviceConfig(slug, { serviceClass: dummy, subscriptions: { CommentEvent: comments }, ...given });
}

/** An app on a live that the test tells what happens. */
class Live {
  readonly #items: SourceItem[] = [{ kind: "session", username: "host", roomId: "700" }];
  #wake = () => {};
  #count = 0;
  readonly #taken: { upTo: number; resolve: () => void }[] = [];
  #takenCount = 0;

  readonly source: Source = { name: "demo", isLive: true, open: (signal) => this.#open(signal) };

  /** Resolves when it has been taken in. */
  async say(text: string): Promise<void> {
    const event: CapturedEvent = { ...commentOf(text), messageId: String(++this.#count) };
    this.#items.push({ kind: "event", event, raw: null });
    // The session is an item, too.
    const upTo = this.#count + 1;
    this.#wake();
    await new Promise<void>((resolve) => this.#taken.push({ upTo, resolve }));
  }

  async *#open(signal: AbortSignal): AsyncGenerator<SourceItem> {
    signal.addEventListener("abort", () => this.#wake());
    while (!signal.aborted) {
      const item = this.#items.shift();
      if (item === undefined) {
        await new Promise<void>((resolve) => this.#wake = resolve);
        continue;
      }
      yield item;
      // It is asked for the next one only when this one has been taken in.
      this.#takenCount++;
      for (const waiter of this.#taken) if (waiter.upTo <= this.#takenCount) waiter.resolve();
    }
  }
}

async function withApp(
  services: ServiceConfig[],
  use: (parts: { app: App; live: Live; config: Config; folder: string }) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const live = new Live();
    const config: Config = {
      path: join(folder, "config.jsonc"),
      tiktok: { user: null, signApiKey: null, endpoints: { sign: null, web: null }, silenceSeconds: 60 },
      database: join(folder, "livecue.db"),
      durability: "normal",
      logFile: null,
      services,
    };
    const clock = new FakeClock();
    const app = await App.open({
      config,
      clock,
      log: silentLog(),
      source: live.source,
      processes: "all",
      whenIdle: "end",
    });
    const running = app.run();
    try {
      await use({ app, live, config, folder });
    } finally {
      app.stop("The test is over.");
      await running;
    }
  });
}

function statuses(folder: string, slug: string): string[] {
  const rows = query<{ status: string }>(
    folder,
    `SELECT status FROM event_queue JOIN service ON service.id = service_id WHERE slug = ? ORDER BY event_queue.id`,
    slug,
  );
  return rows.map(({ status }) => status);
}

Deno.test("A paused service's queue fills under its rules, nobody waits for it, and it goes on where it was", async () => {
  await withApp([makeService("a", { maxQueueSize: 2 }), makeService("b")], async ({ app, live }) => {
    app.services.pause("a");
    for (const text of ["one", "two", "three"]) await live.say(text);
    await app.idle();
    const [a, b] = app.snapshot().services;
    assert.deepEqual([a?.state, a?.pending, a?.completed, a?.discarded], ["paused", 2, 0, 1]);
    assert.deepEqual([b?.state, b?.pending, b?.completed], ["running", 0, 3]);
    app.services.resume("a");
    await app.idle();
    assert.deepEqual([app.snapshot().services[0]?.pending, app.snapshot().services[0]?.completed], [0, 2]);
  });
});

Deno.test("A service taken out of the config leaves its items pending, and finds them when it comes back", async () => {
  const [a, b] = [makeService("a"), makeService("b")];
  await withApp([a, b], async ({ app, live, config, folder }) => {
    app.services.pause("a");
    await live.say("one");
    await app.idle();
    await app.applyConfig({ ...config, services: [b] });
    await live.say("two");
    await app.idle();
    assert.deepEqual(statuses(folder, "a"), ["pending"]);
    assert.deepEqual(app.snapshot().services.map(({ slug }) => slug), ["b"]);

    await app.applyConfig({ ...config, services: [a, b] });
    await live.say("three");
    await app.idle();
    const [back, stayed] = app.snapshot().services;
    assert.deepEqual([back?.slug, back?.completed], ["a", 2]);
    assert.deepEqual([stayed?.slug, stayed?.completed], ["b", 3]);
  });
});

Deno.test("Queue size, priority and subscriptions of a service change without a restart of its worker", async () => {
  const a = makeService("a");
  await withApp([a], async ({ app, live, config, folder }) => {
    app.services.pause("a");
    await live.say("one");
    const subscriptions = { CommentEvent: { ...comments, priority: 9 } };
    await app.applyConfig({ ...config, services: [{ ...a, maxQueueSize: 2, subscriptions }] });
    await live.say("two");
    await live.say("three");
    await app.applyConfig({ ...config, services: [{ ...a, subscriptions: {} }] });
    await live.say("four");
    const [snapshot] = app.snapshot().services;
    assert.deepEqual([snapshot?.pending, snapshot?.discarded, snapshot?.restarts], [2, 1, 0]);
    app.services.resume("a");
    await app.idle();
    const priorities = query<{ priority: number }>(folder, "SELECT priority FROM event_queue ORDER BY id");
    assert.deepEqual(priorities.map(({ priority }) => priority), [5, 9, 9]);
  });
});

Deno.test("Changed options restart a service's worker, and a switched-off service is tried again", async () => {
  const broken = makeService("a", { serviceClass: `${dummy}.missing` });
  await withApp([broken], async ({ app, live, config, folder }) => {
    await live.say("one");
    await app.idle();
    assert.equal(app.snapshot().services[0]?.state, "switched off");
    await app.applyConfig({ ...config, services: [makeService("a")] });
    await app.idle();
    assert.deepEqual(statuses(folder, "a"), ["completed"]);
  });
});
