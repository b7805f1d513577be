/** Steps that a crash or the end of their time cuts. */
import assert from "node:assert/strict";
import { runSteps as run, steps } from "../support/steps_run.ts";
import { withFolder } from "../support/temporary_store.ts";

for (const isolation of ["worker", "shared", "process"] as const) {
  Deno.test(`A crash repeats the step that it cut, and no other: ${isolation}`, async () => {
    await withFolder(async (folder) => {
      const { notes, rows } = await run(folder, ["a b:dies-once c"], { isolation, maxCrashes: 2 });
      assert.deepEqual(notes, ["run a 1 32", "run b 1 32", "run b 2 32", "run c 1 32", "done a 1,b 1,c 1"]);
      assert.deepEqual(rows(steps).map(({ attempts, failures }) => [attempts, failures]), [[1, 0], [2, 0], [
        1,
        0,
      ]]);
      assert.deepEqual(rows("SELECT attempts, crashes, is_discardable FROM event_queue"), [
        { attempts: 2, crashes: 0, is_discardable: 0 },
      ]);
    });
  });
}

Deno.test("At max_crashes the step fails in place of its item, so that the service can go on", async () => {
  await withFolder(async (folder) => {
    const { notes, rows } = await run(folder, ["a:dies-catch b"], { maxCrashes: 1 });
    assert.deepEqual(notes, [
      "run a 1 32",
      'caught the step "a" failed: a crash cut this step: crash 1 of at most 1 (max_crashes)',
      "run b 1 32",
      "done caught,b 1",
    ]);
    assert.deepEqual(rows("SELECT status FROM event_queue"), [{ status: "completed" }]);
  });
});

Deno.test("A step that answers the end of its time is tried again; for one that ignores it the worker is replaced", async () => {
  for (const deed of ["obeys", "ignores"]) {
    await withFolder(async (folder) => {
      const { notes, rows } = await run(folder, [`a:${deed}`]);
      assert.deepEqual(notes.filter((note) => note.startsWith("run")), ["run a 1 32", "run a 2 32"]);
      const [step] = rows("SELECT status, attempts, failures, error FROM item_step");
      assert.match(String(step?.error), /^timed out/);
      assert.deepEqual({ ...step, error: "" }, { status: "failed", attempts: 2, failures: 2, error: "" });
      const [item] = rows("SELECT status, failures, crashes FROM event_queue");
      assert.deepEqual(item, { status: "failed", failures: 1, crashes: 0 });
    });
  }
});

Deno.test("The item's own limit does not count while a step runs, unless the config sets timeout_ms", async () => {
  await withFolder(async (folder) => {
    const { rows } = await run(folder, ["a:obeys"], { timeoutMs: 100 });
    assert.deepEqual(rows("SELECT attempts FROM item_step"), [{ attempts: 2 }]);
  });
  await withFolder(async (folder) => {
    const { rows } = await run(folder, ["a:obeys"], { timeoutMs: 100, wholeTimeoutMs: 100 });
    assert.deepEqual(rows("SELECT status, error FROM event_queue"), [
      { status: "failed", error: "timed out after 0.1 s" },
    ]);
    assert.deepEqual(rows("SELECT status, attempts, failures FROM item_step"), [
      { status: "waiting", attempts: 1, failures: 0 },
    ]);
  });
});
