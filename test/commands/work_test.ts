/** Capturing in one run and processing in another: what stays pending, who processes it, what is put back. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CapturedEvent } from "../../src/source.ts";
import { commentOf } from "../support/captured_events.ts";
import { livecue, query, writeConfig } from "../support/livecue.ts";
import { writeRecording } from "../support/recording.ts";
import { withFolder } from "../support/temporary_store.ts";

const dummy = fileURLToPath(new URL("../../services/dummy.ts", import.meta.url));
const serviceFile = (name: string) =>
  fileURLToPath(new URL(`../support/services/${name}.ts`, import.meta.url));
const subscriptions = { CommentEvent: { is_discardable: true } };
const service = { service_class: dummy, subscriptions };

/** Runs a command that must succeed; returns what it printed. */
async function run(folder: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await livecue(folder, ...args);
  assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** Captures a comment for each of the words, and leaves the items pending. */
async function capture(folder: string, ...words: string[]): Promise<void> {
  const source = await writeRecording(folder, words.map((each): CapturedEvent => commentOf(each)));
  await run(folder, "capture", "--source", source, "--speed", "max");
  await Deno.remove(join(folder, "recording.jsonl"));
}

/** "slug status" of each item, by id. */
function items(folder: string): string[] {
  return query(
    folder,
    `SELECT slug, status FROM event_queue JOIN service ON service.id = service_id ORDER BY event_queue.id`,
  ).map(({ slug, status }) => `${slug} ${status}`);
}

Deno.test("capture leaves items pending, and work --service processes only one service's items", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, { services: { a: service, b: service } });
    await capture(folder, "one", "two");
    assert.deepEqual(items(folder), ["a pending", "b pending", "a pending", "b pending"]);
    const printed = await run(folder, "work", "--drain", "--service", "a");
    assert.match(printed, /Processing the remaining items: a 2\./);
    assert.match(printed, /a: 0 pending, 2 done, 0 failed, 0 discarded$/m);
    assert.match(printed, /b: 2 pending, 0 done.*\(not processed here\)$/m);
    assert.deepEqual(items(folder), ["a completed", "b pending", "a completed", "b pending"]);
    await run(folder, "work", "--drain");
    assert.deepEqual(items(folder), ["a completed", "b completed", "a completed", "b completed"]);
  });
});

Deno.test("start --service leaves the others' items pending, and the summary says so", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, { services: { a: service, b: service, c: service } });
    const source = await writeRecording(folder, [commentOf("one")]);
    const chosen = ["--service", "a", "--service", "c"];
    const printed = await run(folder, "start", "--source", source, "--speed", "max", ...chosen);
    assert.match(printed, /a: 0 pending, 1 done/);
    assert.match(printed, /b: 1 pending, 0 done.*\(not processed here\)$/m);
    assert.match(printed, /c: 0 pending, 1 done/);
    assert.deepEqual(items(folder), ["a completed", "b pending", "c completed"]);
  });
});

Deno.test("work --drain ends at once if nothing is pending, even if no service is active", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, { services: { a: service } });
    assert.match(await run(folder, "work", "--drain"), /a: 0 pending, 0 done, 0 failed, 0 discarded\n$/);
    writeConfig(folder, { services: {} });
    await run(folder, "work", "--drain");
    assert.deepEqual(query(folder, "SELECT * FROM live_session"), []);
  });
});

Deno.test("retry puts back failed items by number or by service, and work --drain processes them", async () => {
  await withFolder(async (folder) => {
    const refusing = { service_class: serviceFile("scripted"), subscriptions };
    writeConfig(folder, { services: { fickle: refusing } });
    await capture(folder, "refuse", "succeed", "throw", "refuse");
    await run(folder, "work", "--drain");
    assert.deepEqual(items(folder), ["fickle failed", "fickle completed", "fickle failed", "fickle failed"]);
    assert.match(await run(folder, "queue", "--status", "failed"), /the hat is empty/);

    writeConfig(folder, { services: { fickle: service } });
    assert.match(
      await run(folder, "retry", "3", "1", "3"),
      /^2 items put back\. Run start or work to process them\.\n$/,
    );
    assert.deepEqual(items(folder), [
      "fickle pending",
      "fickle completed",
      "fickle pending",
      "fickle failed",
    ]);
    await run(folder, "work", "--drain");
    assert.match(await run(folder, "retry", "--failed", "--service", "fickle"), /^1 item put back\./);
    await run(folder, "work", "--drain");
    assert.deepEqual(items(folder), Array(4).fill("fickle completed"));
    assert.match(await run(folder, "retry", "--failed", "--service", "fickle"), /^0 items put back\./);
  });
});

Deno.test("Discarded items come back as many at a time as the queue takes, and are all processed", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, { services: { small: { ...service, max_queue_size: 2 } } });
    const words = Array.from({ length: 6 }, (_, index) => `no. ${index}`);
    await capture(folder, ...words);
    assert.deepEqual(items(folder).slice(0, 4), [
      "small pending",
      "small pending",
      "small discarded",
      "small discarded",
    ]);
    const retry = () => run(folder, "retry", "--discarded", "--service", "small");
    assert.match(
      await retry(),
      /^0 items put back\. 4 items stayed, because the queue is full: small takes 2\./,
    );
    await run(folder, "work", "--drain");
    assert.match(
      await retry(),
      /^2 items put back\. 2 items stayed.*Run start or work, and then retry again\./,
    );
    await run(folder, "work", "--drain");
    assert.match(await retry(), /^2 items put back\. Run start or work to process them\./);
    assert.match(await run(folder, "work", "--drain"), /small: 0 pending, 2 done, 0 failed, 0 discarded$/m);
    assert.deepEqual(new Set(items(folder)), new Set(["small completed"]));
    assert.deepEqual(query(folder, "SELECT * FROM event_queue WHERE discard_reason IS NOT NULL"), []);
  });
});

Deno.test("A service removed from the config keeps its pending items, and processes them when it is back", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, { services: { a: service, b: service } });
    await capture(folder, "one");
    writeConfig(folder, { services: { a: service } });
    await capture(folder, "two");
    assert.match(await run(folder, "work", "--drain"), /a: 0 pending, 2 done/);
    assert.deepEqual(items(folder), ["a completed", "b pending", "a completed"]);
    assert.deepEqual(
      query(folder, "SELECT slug, is_active FROM service ORDER BY slug").map((row) => ({ ...row })),
      [{ slug: "a", is_active: 1 }, { slug: "b", is_active: 0 }],
    );
    assert.match(await run(folder, "queue", "--service", "b"), /b +pending/);

    writeConfig(folder, { services: { a: service, b: { ...service, is_active: false } } });
    await run(folder, "work", "--drain");
    assert.deepEqual(items(folder), ["a completed", "b pending", "a completed"]);

    writeConfig(folder, { services: { a: service, b: service } });
    await run(folder, "work", "--drain");
    assert.deepEqual(items(folder), ["a completed", "b completed", "a completed"]);
  });
});
