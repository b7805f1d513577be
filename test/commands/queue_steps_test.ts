/** The steps of an item in `queue`, while Livecue runs. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Step } from "../../src/step.ts";
import { livecue, startLivecue, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

const stuck = fileURLToPath(new URL("../support/services/stuck_step.ts", import.meta.url));

interface ListedItem {
  id: number;
  status: string;
  steps: (Step & { durationMs: number | null })[];
}

Deno.test("queue shows each step of an item with its state, tries, duration and progress, also as JSON", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, {
      services: { stuck: { service_class: stuck, subscriptions: { CommentEvent: {} } } },
    });
    const running = startLivecue(folder, "demo", "--plain", "--rate", "200");
    await running.line(/the steps are stored/);

    const listed = await livecue(folder, "queue", "--status", "processing", "--json");
    const [item, ...others] = JSON.parse(listed.stdout) as ListedItem[];
    assert.ok(item);
    assert.deepEqual(others, []);
    const steps = item.steps.map(({ name, status, attempts, progress }) => ({
      name,
      status,
      attempts,
      progress,
    }));
    assert.deepEqual(steps, [
      { name: "download", status: "completed", attempts: 1, progress: null },
      { name: "upload", status: "waiting", attempts: 1, progress: null },
      {
        name: "convert",
        status: "running",
        attempts: 1,
        progress: { fraction: 0.405, text: "converting" },
      },
    ]);
    const [download, upload, convert] = item.steps;
    assert.ok(Number.isSafeInteger(download?.durationMs) && Number(convert?.durationMs) > 0);
    assert.equal(upload?.durationMs, null);
    assert.ok(Number(upload?.notBefore) > Number(upload?.startedAt));

    const { stdout } = await livecue(folder, "queue", String(item.id));
    assert.match(
      stdout,
      /^ID +SERVICE .*\n\d+ +stuck +processing .*\n\nSTEP +STATUS +TRIES +SECONDS +PROGRESS/,
    );
    assert.match(stdout, /^download +completed +1 +\d+\.\d$/m);
    assert.match(
      stdout,
      /^upload +waiting +1 +2\d\d\d-\d\d-\d\d \d\d:\d\d:\d\d +Error: there is no network$/m,
    );
    assert.match(stdout, /^convert +running +1 +\d+\.\d +40% converting$/m);

    const none = await livecue(folder, "queue", "999999");
    assert.deepEqual([none.code, none.stderr], [
      2,
      'The database has no item 999999. "queue" lists the items.\n',
    ]);
    running.kill("SIGINT");
    await running.ended;
  });
});
