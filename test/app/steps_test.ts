/** Durable steps, from a service's worker or process to the table and back. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Clock, systemClock } from "../../src/clock.ts";
import { App } from "../../src/app/app.ts";
import type { ServiceConfig } from "../../src/service.ts";
import { comments } from "../support/app_on_a_live.ts";
import { commentOf } from "../support/captured_events.ts";
import { type HeardLog, heardLog } from "../support/heard_log.ts";
import { query } from "../support/livecue.ts";
import { traitsOf } from "../support/sources.ts";
import { configIn, serviceConfig, withFolder } from "../support/temporary_store.ts";

const stepper = fileURLToPath(new URL("../support/services/stepper.ts", import.meta.url));

interface Ran {
  folder: string;
  log: HeardLog;
  /** Lines of the service's own notes. */
  notes: string[];
  rows(sql: string): Record<string, unknown>[];
}

interface Given extends Partial<ServiceConfig> {
  clock?: Clock;
}

/** Runs the comments through a service with steps until all have ended. */
async function run(
  folder: string,
  said: string[],
  { clock = systemClock, ...given }: Given = {},
): Promise<Ran> {
  const log = heardLog();
  const app = await App.open({
    config: configIn(folder, {
      services: [serviceConfig("stepper", {
        serviceClass: stepper,
        subscriptions: { CommentEvent: { ...comments, isDiscardable: true } },
        dataFolder: join(folder, "data/stepper"),
        ...given,
      })],
    }),
    clock,
    log,
    sources: [{
      name: "demo",
      traits: traitsOf(),
      async *open() {
        yield { kind: "session", username: "host", roomId: "700" };
        for (const [i, text] of said.entries()) {
          yield { kind: "event", event: { ...commentOf(text, "700"), messageId: `${i}${text}` }, raw: null };
        }
        yield { kind: "end", status: "completed", reason: "The live ended." };
      },
    }],
    processes: "all",
    whenIdle: "end",
  });
  await app.run();
  const notes = Deno.readTextFileSync(join(folder, "data/stepper/steps.log")).trim().split("\n");
  return { folder, log, notes, rows: (sql) => query(folder, sql).map((row) => ({ ...row })) };
}

const steps = "SELECT name, seq, status, attempts, failures, result FROM item_step ORDER BY seq";

for (const isolation of ["worker", "process"] as const) {
  for (const isAsync of [false, true]) {
    Deno.test(`Steps run in order, and each result is kept: ${isolation}, ${isAsync ? "async" : "sync"}`, async () => {
      await withFolder(async (folder) => {
        const subscriptions = { CommentEvent: { ...comments, isAsync } };
        const { notes, rows } = await run(folder, ["a b"], { isolation, subscriptions });
        assert.deepEqual(notes, ["run a 1 32", "run b 1 32", 'done ["a 1","b 1"]']);
        assert.deepEqual(rows(steps), [
          { name: "a", seq: 1, status: "completed", attempts: 1, failures: 0, result: '"a 1"' },
          { name: "b", seq: 2, status: "completed", attempts: 1, failures: 0, result: '"b 1"' },
        ]);
      });
    });
  }
}

Deno.test("A step that throws is tried again by itself, and the steps before it are not", async () => {
  await withFolder(async (folder) => {
    const { notes, rows } = await run(folder, ["a b:throws-once c"]);
    assert.deepEqual(notes, [
      "run a 1 32",
      "run b 1 32",
      "run b 2 32",
      "run c 1 32",
      'done ["a 1","b 2","c 1"]',
    ]);
    assert.deepEqual(rows("SELECT status, attempts, failures FROM event_queue"), [
      { status: "completed", attempts: 1, failures: 0 },
    ]);
  });
});

Deno.test("After its last try a step throws a StepError; a retry of the item keeps completed steps, and renews the failed one", async () => {
  await withFolder(async (folder) => {
    const { notes, rows } = await run(folder, ["a b:throws"], { maxAttempts: 2, backoffMs: 1 });
    const caught = 'caught the step "b" failed: Error: b broke';
    assert.deepEqual(notes, [
      "run a 1 32",
      "run b 1 32",
      "run b 2 32",
      caught,
      "run b 3 32",
      "run b 4 32",
      caught,
    ]);
    const [item] = rows("SELECT status, attempts, failures, error, is_discardable FROM event_queue");
    assert.match(String(item?.error), /^the step "b" failed: Error: b broke\n.*stepper\.ts/);
    assert.deepEqual({ ...item, error: "" }, {
      status: "failed",
      attempts: 2,
      failures: 2,
      error: "",
      is_discardable: 0,
    });
  });
});

Deno.test("A service can go on after a failed step, and a result that is too large fails at once with what to do", async () => {
  await withFolder(async (folder) => {
    const { notes, rows } = await run(folder, ["a:throws-catch b:large"]);
    assert.deepEqual(notes, [
      "run a 1 32",
      "run a 2 32",
      'caught the step "a" failed: Error: a broke',
      "run b 1 32",
      'caught the step "b" failed: the service passed 69 KB as the result of the step "b": the limit is 64 KB: ' +
      "return a path or an id, and keep the data in a file",
    ]);
    assert.deepEqual(rows(steps).map(({ status, attempts }) => `${status} ${attempts}`), [
      "failed 2",
      "failed 1",
    ]);
  });
});
