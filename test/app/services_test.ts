import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { comments, dummy, makeService, withApp } from "../support/app_on_a_live.ts";
import { query } from "../support/livecue.ts";
import { silentLog } from "../support/silent_log.ts";

function statuses(folder: string, slug: string): string[] {
  const rows = query<{ status: string }>(
    folder,
    `SELECT status FROM event_queue JOIN service ON service.id = service_id WHERE slug = ? ORDER BY event_queue.id`,
    slug,
  );
  return rows.map(({ status }) => status);
}

Deno.test("A paused service's queue fills by its rules, nobody waits for it, and it resumes where it was", async () => {
  await withApp([makeService("a", { maxQueueSize: 2 }), makeService("b")], async ({ app, live }) => {
    app.services.pause("a");
    for (const text of ["one", "two", "three"]) await live.say(text);
    await app.idle();
    const [a, b] = app.services.views();
    assert.deepEqual([a?.phase, a?.pending, a?.completed, a?.discarded], ["paused", 2, 0, 1]);
    assert.deepEqual([b?.phase, b?.pending, b?.completed], ["running", 0, 3]);
    app.services.resume("a");
    await app.idle();
    assert.deepEqual([app.services.views()[0]?.pending, app.services.views()[0]?.completed], [0, 2]);
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
    assert.deepEqual(app.services.views().map(({ slug }) => slug), ["b"]);

    await app.applyConfig({ ...config, services: [a, b] });
    await live.say("three");
    await app.idle();
    const [back, stayed] = app.services.views();
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
    const [view] = app.services.views();
    assert.deepEqual([view?.pending, view?.discarded, view?.restarts], [2, 1, 0]);
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
    assert.equal(app.services.views()[0]?.phase, "switched off");
    await app.applyConfig({ ...config, services: [makeService("a")] });
    await app.idle();
    assert.deepEqual(statuses(folder, "a"), ["completed"]);
  });
});

Deno.test("Remaining items are waited for while a changed config restarts their service", async () => {
  const serviceClass = fileURLToPath(new URL("../../services/slow.ts", import.meta.url));
  const slow = makeService("slow", { serviceClass, options: { delay_ms: 1e6 } });
  await withApp([slow], async ({ app, live, config, folder, clock }) => {
    const state = () => app.services.views()[0]?.phase;
    await live.say("one");
    const idle = app.idle();
    let isChanging = true;
    const change = app.applyConfig({ ...config, services: [{ ...slow, options: { delay_ms: 0 } }] })
      .finally(() => isChanging = false);
    while (isChanging) {
      await setImmediate();
      if (state() === "stopping") clock.advance(1000);
    }
    await Promise.all([change, idle.then(() => assert.deepEqual(statuses(folder, "slow"), ["completed"]))]);
  });
});

Deno.test("At the start, one short line names the programs that a service may run", async () => {
  const run = ["google-chrome", "chromium", "/usr/bin/chromium", "/snap/bin/chromium"];
  const dino = makeService("dino");
  const log = silentLog();
  await withApp(
    [{ ...dino, permissions: { ...dino.permissions, run } }, makeService("other")],
    async ({ app }) => void await app.idle(),
    { log },
  );
  assert.deepEqual(log.entries.filter(({ text }) => text.includes("may run")).map(({ text }) => text), [
    "dino may run google-chrome, chromium and 2 more. Its permissions do not limit the programs that it runs.",
  ]);
});
