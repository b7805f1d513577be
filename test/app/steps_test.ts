/** Durable steps, from a service's worker or process to the table and back. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { comments } from "../support/app_on_a_live.ts";
import { openStore } from "../../src/store/open.ts";
import { silentLog } from "../support/silent_log.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { query } from "../support/livecue.ts";
import { runSteps as run, steps } from "../support/steps_run.ts";
import { withFolder } from "../support/temporary_store.ts";

for (const isolation of ["worker", "shared", "process"] as const) {
  for (const isAsync of [false, true]) {
    Deno.test(`Steps run in order, and each result is kept: ${isolation}, ${isAsync ? "async" : "sync"}`, async () => {
      await withFolder(async (folder) => {
        const subscriptions = { CommentEvent: { ...comments, isAsync } };
        const { notes, rows } = await run(folder, ["a b"], { isolation, subscriptions });
        assert.deepEqual(notes, ["run a 1 32", "run b 1 32", "done a 1,b 1"]);
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
      "done a 1,b 2,c 1",
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

Deno.test("A step that throws a RetryLaterError waits as long as it says", async () => {
  await withFolder(async (folder) => {
    const { notes, log } = await run(folder, ["a:later"]);
    assert.deepEqual(notes, ["run a 1 32", "run a 2 32", "done a 2"]);
    assert.deepEqual(log.entries.filter(({ level }) => level === "error"), []);
  });
});

Deno.test("Steps beside one another all finish before the failure of one counts", async () => {
  await withFolder(async (folder) => {
    const { rows } = await run(folder, ["a:throws+b+c d"]);
    assert.deepEqual(rows(steps).map(({ name, status }) => `${name} ${status}`), [
      "a failed",
      "b completed",
      "c completed",
    ]);
  });
});

Deno.test("onFailure runs when the item fails for good, and not before a retry", async () => {
  await withFolder(async (folder) => {
    const { notes } = await run(folder, ["cleans a:throws"], { maxAttempts: 2, backoffMs: 1 });
    const caught = 'caught the step "a" failed: Error: a broke';
    assert.deepEqual(notes.filter((note) => !note.startsWith("run")), [
      caught,
      caught,
      'clean up: the step "a" failed: Error: a broke',
    ]);
  });
});

Deno.test("An item's folder is kept for its retries and after a crash, and removed when the item has ended", async () => {
  await withFolder(async (folder) => {
    const { notes } = await run(folder, ["files a:dies-once", "files b:throws"], {
      maxAttempts: 2,
      backoffMs: 1,
    });
    assert.ok(notes.includes("done a 1"));
    assert.deepEqual([...Deno.readDirSync(join(folder, "data/stepper/items"))], []);
  });
});

const mistakes: [string, RegExp][] = [
  ["a a", /^Error: step\("a"\): the item has a step of this name already; in a loop, add its number/],
  [
    "a:nests",
    /the step "a" failed: Error: step\("inner"\) in the step "a": a step cannot contain another one/,
  ],
  ["a:emits", /the step "a" failed: Error: emit\(ToldEvent\) in the step "a": .* emit it after the step/],
  [`${"n".repeat(201)}`, /a step's name is a text of 1 to 200 characters/],
];

for (const [comment, error] of mistakes) {
  Deno.test(`A mistake with steps is told with what to do: ${comment.slice(0, 20)}`, async () => {
    await withFolder(async (folder) => {
      const { rows } = await run(folder, ["first", comment], { emits: ["ToldEvent"] });
      assert.match(String(rows("SELECT error FROM event_queue WHERE id = 2")[0]?.error), error);
    });
  });
}

Deno.test("A long pause gives the item's place back, and goes on where it was after a restart", async () => {
  await withFolder(async (folder) => {
    const start = 1_700_000_000_000;
    const waiting =
      "SELECT status, not_before, failures, crashes FROM event_queue WHERE not_before IS NOT NULL";
    const first = await run(folder, ["a sleep:7200000+b c", "other"], {
      clock: new FakeClock(start),
      stopsWhen: () => query(folder, waiting).length === 1 && query(folder, doneItems).length === 1,
    });
    assert.deepEqual(first.notes, ["run a 1 32", "run b 1 32", "run other 1 32", "done other 1"]);
    assert.deepEqual(first.rows(waiting), [
      { status: "pending", not_before: start + 7_200_000, failures: 0, crashes: 0 },
    ]);
    const early = await run(folder, [], {
      clock: new FakeClock(start + 7_100_000),
      stopsWhen: () => query(folder, `${waiting} AND attempts = 1`).length === 1,
    });
    assert.deepEqual(early.notes, first.notes);
    const { notes } = await run(folder, [], {
      clock: new FakeClock(start + 7_200_000),
      stopsWhen: () => query(folder, doneItems).length === 2,
    });
    assert.deepEqual(notes.slice(first.notes.length), ["run c 1 32", "done a 1,,b 1,c 1"]);
  });
});

Deno.test("An item that has begun is not stale, however old it is", async () => {
  await withFolder(async (folder) => {
    const start = 1_700_000_000_000;
    await run(folder, ["a sleep:7200000 b"], {
      clock: new FakeClock(start),
      stopsWhen: () => query(folder, "SELECT 1 FROM event_queue WHERE not_before IS NOT NULL").length === 1,
    });
    const { notes } = await run(folder, [], {
      clock: new FakeClock(start + 7_200_000),
      staleAfterSeconds: 60,
      stopsWhen: () => query(folder, "SELECT 1 FROM event_queue WHERE finished_at IS NOT NULL").length === 1,
    });
    assert.equal(notes.at(-1), "done a 1,,b 1");
  });
});

Deno.test("After an update of the code that moved or removed a step, a warning says so once, and nothing is lost", async () => {
  const database = (folder: string, sql: string) => {
    const opened = new DatabaseSync(join(folder, "livecue.db"));
    opened.exec(sql);
    opened.close();
  };
  await withFolder(async (folder) => {
    const none = await run(folder, ["a b c:throws"], { maxAttempts: 2, backoffMs: 1 });
    assert.ok(!none.log.entries.some(({ text }) => text.includes("code has changed")));
    // As if the code had been "gone b a" when the item ran before.
    database(
      folder,
      `UPDATE item_step SET name = 'gone', seq = 9 WHERE name = 'c';
        UPDATE item_step SET status = 'completed', finished_at = started_at, seq = seq + (name = 'a') * 20,
          started_at = started_at - seq, finished_at = started_at - seq;
        UPDATE live_event SET event_data = replace(event_data, 'c:throws', 'd');
        UPDATE event_queue SET status = 'pending', finished_at = NULL, error = NULL`,
    );
    const { log, notes } = await run(folder, []);
    const warnings = log.entries.filter(({ text }) => text.includes("code has changed")).map(({ text }) =>
      text
    );
    assert.equal(warnings.length, 2, warnings.join("\n"));
    assert.match(String(warnings[0]), /its step "a" now comes before "b", .*retry 1 --from-start\.$/);
    assert.match(String(warnings[1]), /its step "gone" now is not asked for any more/);
    assert.equal(notes.at(-1), "done a 1,b 1,d 1");
  });
});

const doneItems = "SELECT id FROM event_queue WHERE status = 'completed'";

Deno.test("retry --from-start repeats completed steps, and without it they are kept", async () => {
  await withFolder(async (folder) => {
    await run(folder, ["a b:throws"]);
    const path = join(folder, "livecue.db");
    for (const isFromStart of [false, true]) {
      const store = await openStore({
        address: path,
        durability: "normal",
        clock: new FakeClock(),
        log: silentLog(),
      });
      store.writer.add({ kind: "retry_item", id: 1 });
      store.writer.add({ kind: "renew_steps", itemId: 1, isFromStart });
      await store.writer.flush();
      const left = store.reader.steps(1).map(({ name, status, failures }) => `${name} ${status} ${failures}`);
      assert.deepEqual(left, isFromStart ? [] : ["a completed 0", "b waiting 0"]);
      await store.stop();
    }
  });
});
