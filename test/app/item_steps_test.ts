/** What a service's requests about steps write. */
import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ItemSteps } from "../../src/app/item_steps.ts";
import type { Operation } from "../../src/operation.ts";
import { ServiceQueue } from "../../src/queue/service_queue.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { makeItem } from "../support/events.ts";

Deno.test("Progress is stored with its step, and only a completed step sets the crashes of its item back", async () => {
  const written: Operation[] = [];
  const steps = new ItemSteps({
    queue: new ServiceQueue({
      maxQueueSize: 10,
      maxConcurrency: 1,
      prefetch: 1,
      maxAttempts: 1,
      maxCrashes: 3,
      backoffMs: 1,
    }),
    log: {
      add: (operation) => void written.push(operation),
      together: (work) => work(),
      flush: () => Promise.resolve(),
    },
    clock: new FakeClock(),
    stored: { steps: () => [], stepResult: () => undefined },
    databaseId: "a",
    timeoutMs: () => 30_000,
    warn() {},
  });
  const item = makeItem({ id: 1, attempts: 1, crashes: 2 });
  const rules = { retries: 0, backoffMs: 1, timeoutMs: null };
  await steps.answer(item, { kind: "begin_step", itemId: 1, name: "a", rules, sleepMs: null });
  await steps.answer(item, { kind: "show_step", itemId: 1, name: "a", fraction: 0.5, text: "half" });
  const shown = written.at(-1);
  assert.ok(shown?.kind === "save_step");
  assert.deepEqual(shown.step.progress, { fraction: 0.5, text: "half" });
  assert.equal(item.crashes, 2);

  await steps.answer(item, { kind: "complete_step", itemId: 1, name: "a", result: 1 });
  const completed = written.find((operation) => operation.kind === "save_step" && operation.result === 1);
  assert.ok(completed?.kind === "save_step");
  assert.equal(completed.step.progress, null);
  assert.equal(item.crashes, 0);
});

Deno.test("Progress is answered when it is stored, so that a full disk slows down a service that shows much", async () => {
  const stored = Promise.withResolvers<void>();
  let flushes = 0;
  const steps = new ItemSteps({
    queue: new ServiceQueue({
      maxQueueSize: 10,
      maxConcurrency: 1,
      prefetch: 1,
      maxAttempts: 1,
      maxCrashes: 3,
      backoffMs: 1,
    }),
    log: {
      add() {},
      together: (work) => work(),
      flush: () => flushes++ === 0 ? Promise.resolve() : stored.promise,
    },
    clock: new FakeClock(),
    stored: { steps: () => [], stepResult: () => undefined },
    databaseId: "a",
    timeoutMs: () => 30_000,
    warn() {},
  });
  const item = makeItem({ id: 1, attempts: 1 });
  const rules = { retries: 0, backoffMs: 1, timeoutMs: null };
  await steps.answer(item, { kind: "begin_step", itemId: 1, name: "a", rules, sleepMs: null });
  let isAnswered = false;
  const shown = steps.answer(item, { kind: "show_step", itemId: 1, name: "a", fraction: 0.5, text: "half" })
    .then(() => isAnswered = true);
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  assert.equal(isAnswered, false);
  stored.resolve();
  await shown;
});
