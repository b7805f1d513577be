/** A stop of Livecue while an item is in a step, or waits for one. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { FakeClock } from "../support/fake_clock.ts";
import { query } from "../support/livecue.ts";
import { runSteps as run } from "../support/steps_run.ts";
import { withFolder } from "../support/temporary_store.ts";

const serviceClass = fileURLToPath(new URL("../support/services/step_stops.ts", import.meta.url));
const start = 1_700_000_000_000;
const stepsSql = "SELECT name, status, attempts, failures FROM item_step";

for (
  const { comment, isolation, status, failures } of [
    { comment: "works", isolation: "worker", status: "running", failures: 0 },
    { comment: "works", isolation: "process", status: "running", failures: 0 },
    { comment: "waits", isolation: "worker", status: "waiting", failures: 1 },
  ] as const
) {
  Deno.test(`A stop while a step ${comment} counts nothing, and the next start goes on: ${isolation}`, async () => {
    await withFolder(async (folder) => {
      const stopped = await run(folder, [comment], {
        serviceClass,
        isolation,
        clock: new FakeClock(start),
        stopsWhen: () => query(folder, `${stepsSql} WHERE status = '${status}'`).length === 1,
      });
      assert.deepEqual(stopped.rows(stepsSql), [{ name: "work", status: "waiting", attempts: 1, failures }]);
      assert.deepEqual(stopped.rows("SELECT status, failures, crashes, error FROM event_queue"), [
        { status: "pending", failures: 0, crashes: 0, error: null },
      ]);
      assert.ok(!stopped.log.entries.some(({ text }) => text.includes("the service")), "It saw the stop.");

      const { log, rows } = await run(folder, [], {
        serviceClass,
        isolation,
        clock: new FakeClock(start + 100_000),
        stopsWhen: () => query(folder, "SELECT 1 FROM event_queue WHERE status = 'completed'").length === 1,
      });
      assert.ok(log.entries.some(({ text }) => text.includes("the service is done")));
      assert.deepEqual(rows(stepsSql).map(({ name, attempts }) => `${name} ${attempts}`), [
        "work 2",
        "last 1",
      ]);
    });
  });
}
