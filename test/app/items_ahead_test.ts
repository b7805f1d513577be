/** Items claimed ahead, from the tables to a real worker and back. */
import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { makeService, withApp } from "../support/app_on_a_live.ts";
import { heardLog } from "../support/heard_log.ts";
import { query } from "../support/livecue.ts";

const scripted = fileURLToPath(new URL("../support/services/scripted.ts", import.meta.url));

interface Row {
  id: number;
  status: string;
  failures: number;
  crashes: number;
}

const rowsOf = (folder: string) =>
  query<Row>(folder, "SELECT id, status, failures, crashes FROM event_queue ORDER BY id");

for (const isolation of ["worker", "process"] as const) {
  Deno.test(`Over many rounds an item that takes its service down is failed alone, in a ${isolation}`, async () => {
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

Deno.test("An item of a paused service is not handed out before it is resumed", async () => {
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
