import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { Checkpointer } from "../../../src/store/sqlite/checkpointer.ts";
import { openForWriting } from "../../../src/store/sqlite/open.ts";
import { openTemporary, withFolder } from "../../support/temporary_store.ts";

interface Parts {
  path: string;
  database: DatabaseSync;
  holder: DatabaseSync;
  checkpointer: Checkpointer;
  /** Resolves when the copy that is under way is over. */
  done: () => Promise<void>;
}

function withCheckpointer(use: (parts: Parts) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    const path = join(folder, "livecue.db");
    const database = openForWriting(path, "normal");
    database.exec("PRAGMA wal_autocheckpoint = 0");
    const holder = new DatabaseSync(path, { readOnly: true });
    let over = Promise.withResolvers<void>();
    const { dev, ino } = Deno.statSync(path);
    const checkpointer = new Checkpointer({
      file: { path, dev, ino },
      holder,
      onDone: () => over.resolve(),
    });
    const done = async () => {
      await over.promise;
      over = Promise.withResolvers();
    };
    try {
      await use({ path, database, holder, checkpointer, done });
    } finally {
      await checkpointer.stop();
      if (holder.isOpen) holder.close();
      database.close();
    }
  });
}

function write(database: DatabaseSync, rows: number): void {
  const insert = database.prepare("INSERT INTO config VALUES (?, ?)");
  for (let row = 0; row < rows; row++) insert.run(crypto.randomUUID(), "x".repeat(4_000));
}

function pagesOf(database: DatabaseSync): { log: number; checkpointed: number } {
  const { log, checkpointed } = database.prepare("PRAGMA wal_checkpoint(NOOP)").get() ?? {};
  return { log: Number(log), checkpointed: Number(checkpointed) };
}

Deno.test("The log is taken back up to the state that it had, and begins anew where nothing came meanwhile", async () => {
  await withCheckpointer(async ({ database, checkpointer, done }) => {
    write(database, 300);
    const { log } = pagesOf(database);
    assert.equal(checkpointer.checkpoint(), true);
    assert.equal(checkpointer.checkpoint(), false, "one is running");
    write(database, 3);
    await done();
    const before = pagesOf(database);
    assert.deepEqual(before.checkpointed, log);
    assert.ok(before.log > log);

    checkpointer.checkpoint();
    await done();
    assert.deepEqual(pagesOf(database), { log: before.log, checkpointed: before.log });
    write(database, 1);
    assert.ok(pagesOf(database).log < 10);
  });
});

Deno.test("The log does not begin anew before it is told that a copy is over", async () => {
  await withCheckpointer(async ({ database, checkpointer, done }) => {
    write(database, 50);
    const { log } = pagesOf(database);
    checkpointer.checkpoint();
    // This thread hears of nothing meanwhile.
    while (pagesOf(database).checkpointed < log);
    write(database, 1);
    assert.ok(pagesOf(database).log > log);
    await done();
  });
});

Deno.test("Another file of the same name is not touched, and the thread is over", async () => {
  await withCheckpointer(async ({ path, database, checkpointer, done }) => {
    write(database, 50);
    await Deno.rename(path, `${path}-moved`);
    await Deno.writeTextFile(path, "another");
    checkpointer.checkpoint();
    await done();
    assert.equal(checkpointer.checkpoint(), false);
    assert.equal(await Deno.readTextFile(path), "another");
    assert.equal(pagesOf(database).checkpointed, 0);
    await Deno.rename(`${path}-moved`, path);
  });
});

Deno.test("A file that was cut off in the midst of a copy, and lacks pages that it counts, is whole at the next start", async () => {
  await withCheckpointer(async ({ path, database, holder }) => {
    write(database, 50);
    holder.exec("BEGIN; SELECT count(*) FROM config");
    // The last page has a later state then, which is not copied.
    database.exec(
      "UPDATE config SET meta_value = 'y' || substr(meta_value, 2) WHERE rowid = (SELECT max(rowid) FROM config)",
    );
    database.exec("PRAGMA wal_checkpoint(PASSIVE)");
    holder.exec("COMMIT");
    const killed = `${path}-killed.db`;
    for (const part of ["", "-wal"]) Deno.copyFileSync(`${path}${part}`, `${killed}${part}`);
    const alone = `${path}-alone.db`;
    Deno.copyFileSync(path, alone);
    assert.throws(
      () => new DatabaseSync(alone).prepare("SELECT count(*) FROM config").get(),
      /malformed/,
      "the file lacks no page, and this test says nothing",
    );
    const { store, told } = openTemporary(killed);
    assert.deepEqual(told, []);
    await store.stop();
    const whole = new DatabaseSync(killed, { readOnly: true });
    const found = whole.prepare("SELECT count(*) AS count FROM config WHERE meta_value LIKE '_xx%'").get();
    assert.equal(found?.count, 50);
    whole.close();
  });
});

Deno.test("A copy that is under way while the database is closed ends in silence", async () => {
  await withCheckpointer(async ({ database, holder, checkpointer }) => {
    write(database, 300);
    checkpointer.checkpoint();
    holder.close();
    await checkpointer.stop();
    assert.equal(checkpointer.isRunning, false);
  });
});

Deno.test("A copy that fails prints nothing over the screen", async () => {
  const script = `
    import { DatabaseSync } from "node:sqlite";
    import { Checkpointer } from "${new URL("../../../src/store/sqlite/checkpointer.ts", import.meta.url)}";
    const { promise, resolve } = Promise.withResolvers();
    const holder = new DatabaseSync(":memory:");
    const checkpointer = new Checkpointer({ file: { path: "/none.db", dev: 1, ino: 1 }, holder, onDone: resolve });
    checkpointer.checkpoint();
    await promise;
    await checkpointer.stop();
    console.log(checkpointer.checkpoint());`;
  const config = fileURLToPath(new URL("../../../deno.json", import.meta.url));
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", "--config", config, script],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  assert.deepEqual([decoder.decode(stdout), decoder.decode(stderr)], ["false\n", ""]);
});
