/** A service's folder and database. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { startRunner } from "../support/runner_under_test.ts";
import { withFolder } from "../support/temporary_store.ts";

function read(folder: string, sql: string): unknown[] {
  const database = new DatabaseSync(join(folder, "data.db"), { readOnly: true });
  try {
    return database.prepare(sql).all().map((row) => Object.values(row)[0]);
  } finally {
    database.close();
  }
}

for (const isolation of ["worker", "shared", "process"] as const) {
  Deno.test(`A service in a ${isolation} keeps a database in its own folder, with no permission of its config`, async () => {
    await withFolder(async (folder) => {
      const dataFolder = join(folder, "data", "tested");
      for (const round of [1, 2]) {
        await using tested = await startRunner("archivist", { isolation, dataFolder });
        assert.deepEqual(await tested.feed.say(round, `round ${round}`), { kind: "completed" });
        await tested.runner.stop({ graceMs: 0 });
        await tested.log.heard(new RegExp(`^${round} kept$`));
      }
      // After an orderly close, no write-ahead log remains next to it.
      assert.deepEqual([...Deno.readDirSync(dataFolder)].map(({ name }) => name), ["data.db"]);
      assert.deepEqual(read(dataFolder, "SELECT comment FROM said"), ["round 1", "round 2"]);
    });
  });
}

Deno.test("A newer version of a service upgrades its database; an older one leaves it alone and says what to do", async () => {
  await withFolder(async (dataFolder) => {
    for (const version of [1, 2]) {
      await using tested = await startRunner("archivist", { dataFolder, options: { version } });
      assert.equal(tested.runner.state.phase, "running");
      await tested.feed.say(version, "kept");
    }
    assert.deepEqual(read(dataFolder, "SELECT loud FROM said"), [0, 0]);
    await using older = await startRunner("archivist", { dataFolder, options: { version: 1 } });
    await older.log.heard(
      /newer version of the service: it has had 2 migrations, and this version has 1\. Update/,
    );
    assert.deepEqual(read(dataFolder, "SELECT comment FROM said"), ["kept", "kept"]);
  });
});

Deno.test("A service whose folder cannot be created fails to start with the reason; one without a folder starts", async () => {
  await withFolder(async (folder) => {
    Deno.writeTextFileSync(join(folder, "data"), "a file in the way");
    const dataFolder = join(folder, "data", "tested");
    await using tested = await startRunner("archivist", { dataFolder });
    await tested.log.heard(
      /could not start: the service's folder .*data.tested cannot be created \(.*\): create it, or let/,
    );
    await using other = await startRunner("scripted", { dataFolder });
    assert.deepEqual(await other.feed.say(1, "succeed"), { kind: "completed" });
  });
});

Deno.test("A service that needs no folder gets none", async () => {
  await withFolder(async (folder) => {
    await using tested = await startRunner("scripted", { dataFolder: join(folder, "data", "tested") });
    await tested.feed.say(1, "succeed");
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("A schedule continues after a throw, and ends before onStop", async () => {
  await withFolder(async (dataFolder) => {
    await using tested = await startRunner("archivist", { dataFolder, options: { everySeconds: 0.01 } });
    await tested.log.heard(/^three runs$/);
    const thrown = await tested.log.heard(/^every: Error: the first is wrong\n.*archivist\.ts/);
    assert.equal(thrown.level, "error");
    await tested.runner.stop({ graceMs: 0 });
    assert.equal(tested.log.entries.at(-1)?.text, "0 kept");
  });
});
