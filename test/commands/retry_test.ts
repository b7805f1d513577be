/** Which items `retry` puts back, and which it does not. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { commentOf } from "../support/captured_events.ts";
import { type Ended, livecue, query, writeConfig } from "../support/livecue.ts";
import { writeRecording } from "../support/recording.ts";
import { withFolder } from "../support/temporary_store.ts";

const dummy = {
  service_class: fileURLToPath(new URL("../../services/dummy.ts", import.meta.url)),
  subscriptions: { CommentEvent: {} },
};

/** Fails at the first attempt of each item. */
const hesitant = { service_class: "./hesitant.ts", subscriptions: { CommentEvent: {} } };
const hesitantCode = `import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";
export default class Hesitant extends BaseQueueService {
  override processEvent(_event: LiveEvent, item: QueueItem): boolean {
    return item.attempt > 1;
  }
}`;

/** Captures this many comments into the queues of these services, and processes none. */
async function withCaptured(
  services: Record<string, unknown>,
  { comments }: { comments: number },
  use: (folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/hesitant.ts`, hesitantCode);
    writeConfig(folder, { services });
    const events = Array.from({ length: comments }, (_, index) => commentOf(`no. ${index + 1}`));
    const source = await writeRecording(folder, events);
    await succeed(folder, "capture", "--source", source, "--speed", "max");
    await use(folder);
  });
}

async function succeed(folder: string, ...args: string[]): Promise<Ended> {
  const ended = await livecue(folder, ...args);
  assert.equal(ended.code, 0, `${args.join(" ")}: ${ended.stderr}`);
  return ended;
}

/** A mistake: one line on standard error, nothing else, and nothing done. */
async function refuse(folder: string, says: string, ...args: string[]): Promise<void> {
  const before = items(folder);
  assert.deepEqual(await livecue(folder, ...args), { code: 2, stdout: "", stderr: `${says}\n` });
  assert.deepEqual(items(folder), before);
}

/** "1 dummy pending", followed by the reason of a discard, oldest first. */
function items(folder: string): string[] {
  return query(
    folder,
    `SELECT concat_ws(' ', item.id, slug, status, discard_reason) AS line
      FROM event_queue AS item JOIN service ON service.id = service_id ORDER BY item.id`,
  ).map(({ line }) => String(line));
}

Deno.test("retry --failed puts back failed items, and --discarded discarded ones, of one service only", async () => {
  const services = { a: { ...hesitant, max_queue_size: 2 }, b: hesitant };
  await withCaptured(services, { comments: 3 }, async (folder) => {
    await succeed(folder, "work", "--drain");
    const failed = ["2 b failed", "3 a failed", "4 b failed", "5 a discarded queue_full", "6 b failed"];
    assert.deepEqual(items(folder), ["1 a failed", ...failed]);

    const first = await succeed(folder, "retry", "--failed", "--service", "a");
    assert.equal(first.stdout, "2 items put back. Run start or work to process them.\n");
    assert.deepEqual(items(folder).filter((item) => item.includes(" a ")), [
      "1 a pending",
      "3 a pending",
      "5 a discarded queue_full",
    ]);
    writeConfig(folder, { services: { ...services, a: { ...hesitant, max_queue_size: 3 } } });
    const second = await succeed(folder, "retry", "--discarded", "--service", "a");
    assert.equal(second.stdout, "1 item put back. Run start or work to process them.\n");
    assert.deepEqual(items(folder), [
      "1 a pending",
      "2 b failed",
      "3 a pending",
      "4 b failed",
      "5 a pending",
      "6 b failed",
    ]);
    const third = await succeed(folder, "retry", "--discarded", "--service", "a");
    assert.equal(third.stdout, "0 items put back. Run start or work to process them.\n");
  });
});

Deno.test("retry --failed --discarded puts back both, as many as the queue takes, and says how many stayed", async () => {
  await withCaptured({ a: { ...hesitant, max_queue_size: 1 } }, { comments: 3 }, async (folder) => {
    await succeed(folder, "work", "--drain");
    assert.deepEqual(items(folder), [
      "1 a failed",
      "2 a discarded queue_full",
      "3 a discarded queue_full",
    ]);
    const first = await succeed(folder, "retry", "--failed", "--discarded", "--service", "a");
    assert.equal(
      first.stdout,
      "1 item put back. 2 items stayed, because the queue is full: a takes 1. Run start or work, and then retry again.\n",
    );
    const after = ["1 a pending", "2 a discarded queue_full", "3 a discarded queue_full"];
    assert.deepEqual(items(folder), after);
    const second = await succeed(folder, "retry", "2", "3");
    assert.match(second.stdout, /^0 items put back\. 2 items stayed/);
    assert.deepEqual(items(folder), after);

    writeConfig(folder, { services: { a: { ...hesitant, max_queue_size: 3 } } });
    await succeed(folder, "retry", "--failed", "--discarded", "--service", "a");
    assert.deepEqual(items(folder), ["1 a pending", "2 a pending", "3 a pending"]);
    const { stdout } = await succeed(folder, "work", "--drain");
    assert.match(stdout, / a: 0 pending, 1 done, 2 failed, 0 discarded\n/);
  });
});

Deno.test("A pending or completed item is not put back, nor any other item named with it", async () => {
  const services = { a: hesitant, b: dummy };
  await withCaptured(services, { comments: 1 }, async (folder) => {
    await refuse(folder, "Item 2 is pending, so it cannot be put back. Nothing was put back.", "retry", "2");
    await succeed(folder, "work", "--drain");
    assert.deepEqual(items(folder), ["1 a failed", "2 b completed"]);
    const says = "Item 2 is completed, so it cannot be put back. Nothing was put back.";
    await refuse(folder, says, "retry", "1", "2");
    await refuse(folder, "There is no item 3. Nothing was put back.", "retry", "1", "3");
  });
});
