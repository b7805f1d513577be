/** Items claimed ahead, from the tables to a real worker and back. */
import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { comments, makeService, withApp } from "../support/app_on_a_live.ts";
import { Gate } from "../support/gate.ts";
import { heardLog } from "../support/heard_log.ts";
import { query } from "../support/livecue.ts";
import { noPermissions } from "../support/runner_under_test.ts";

const scripted = fileURLToPath(new URL("../support/services/scripted.ts", import.meta.url));

interface Row {
  id: number;
  status: string;
  failures: number;
  crashes: number;
}

const rowsOf = (folder: string) =>
  query<Row>(folder, "SELECT id, status, failures, crashes FROM event_queue ORDER BY id");

for (const isolation of ["worker", "shared", "process"] as const) {
  Deno.test(`Over many rounds, only the item that crashes its service fails, in a ${isolation}`, async () => {
    const service = makeService("a", { serviceClass: scripted, prefetch: 64, maxCrashes: 3, isolation });
    const log = heardLog();
    await withApp([service], async ({ app, live, folder, clock }) => {
      app.services.pause("a");
      const texts = Array.from({ length: 30 }, (_, index) => index === 9 ? "exit" : "say");
      for (const text of texts) await live.say(text);
      app.services.resume("a");
      let isIdle = false;
      const idle = app.idle().then(() => isIdle = true);
      while (!isIdle) {
        const [view] = app.services.views();
        if (view?.phase === "backing off") clock.advance(view.inMs ?? 0);
        await nextTurn();
      }
      await idle;
      assert.deepEqual(
        rowsOf(folder).map(({ id: _, ...row }) => row),
        texts.map((text) =>
          text === "exit"
            ? { status: "failed", failures: 0, crashes: 3 }
            : { status: "completed", failures: 0, crashes: 0 }
        ),
      );
      const said = log.entries.flatMap(({ text }) => text.match(/^said (\d+)$/)?.slice(1).map(Number) ?? []);
      assert.deepEqual(said, [...said].sort((a, b) => a - b));
      assert.deepEqual([...new Set(said)], rowsOf(folder).map(({ id }) => id).filter((id) => id !== 10));
      assert.equal(app.services.views()[0]?.restarts, 3);
    }, { log });
  });
}

Deno.test("An item of a paused service is not handed out before the service is resumed", async () => {
  await withApp([makeService("a", { prefetch: 64 })], async ({ app, live, folder }) => {
    await live.say("one");
    await app.idle();
    app.services.pause("a");
    await live.say("two");
    await live.say("three");
    await app.idle();
    assert.deepEqual(rowsOf(folder).map(({ status }) => status), ["completed", "pending", "pending"]);
    app.services.resume("a");
    await app.idle();
    assert.deepEqual(rowsOf(folder).map(({ status }) => status), Array(3).fill("completed"));
  });
});

Deno.test("When items end together, each one's events are stored with its own completion, and a failed item's are not", async () => {
  const serviceClass = fileURLToPath(new URL("../support/services/spinner.ts", import.meta.url));
  const spinner = makeService("a", { serviceClass, prefetch: 64, emits: ["SpinEvent"] });
  await withApp([spinner], async ({ app, live, folder }) => {
    app.services.pause("a");
    for (const text of ["spin one", "fail", "nothing", "spin two"]) await live.say(text);
    app.services.resume("a");
    await app.idle();
    assert.deepEqual(rowsOf(folder).map(({ status }) => status), [
      "completed",
      "failed",
      "completed",
      "completed",
    ]);
    const causes = query<{ comment: string }>(
      folder,
      `SELECT cause.event_data ->> 'comment' AS comment FROM live_event AS event
        JOIN live_event AS cause ON cause.id = event.caused_by WHERE event.event_type = 'SpinEvent' ORDER BY event.id`,
    );
    assert.deepEqual(causes.map(({ comment }) => comment), ["spin one", "spin two"]);
  });
});

Deno.test("A change of max_concurrency applies at once to items that wait in the worker", async () => {
  await using gate = new Gate();
  const { service_class: serviceClass, permissions, options } = gate.service() as {
    service_class: string;
    permissions: { net: string[] };
    options: Record<string, unknown>;
  };
  const service = makeService("a", {
    serviceClass,
    permissions: { ...noPermissions, ...permissions },
    options,
    prefetch: 64,
    maxConcurrency: 1,
    subscriptions: { CommentEvent: { ...comments, isAsync: true } },
  });
  await withApp([service], async ({ app, live, config }) => {
    for (const text of ["one", "two", "three", "four"]) await live.say(text);
    await gate.arrival(1);
    await app.applyConfig({ ...config, services: [{ ...service, maxConcurrency: 3 }] });
    await gate.arrival(3);
    assert.deepEqual(gate.arrived.toSorted(), [1, 2, 3]);
    gate.open();
    await app.idle();
    assert.equal(app.services.views()[0]?.completed, 4);
  });
});
