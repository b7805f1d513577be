import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { openForWriting } from "../../src/store/sqlite/open.ts";
import { Transactions } from "../../src/store/sqlite/transactions.ts";
import { Writer } from "../../src/store/writer.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { sampleEvent } from "../support/stored_events.ts";
import { addLive, openSession, openTemporary, withFolder } from "../support/temporary_store.ts";

const longComment = { comment: "a long comment ".repeat(500), language: "en", emotes: [] };

function addEvents(writer: Writer, from: number, to: number): void {
  for (let id = from; id <= to; id += 1) {
    writer.add({ kind: "insert_event", event: sampleEvent({ id, data: longComment }) });
  }
}

/** A connection that may grow no further until `makeRoom`. */
async function withFullDisk(
  use: (parts: { database: DatabaseSync; makeRoom: () => void }) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const database = openForWriting(join(folder, "a.db"), "normal");
    addLive(join(folder, "a.db"));
    const pages = Number(database.prepare("PRAGMA page_count").get()?.page_count);
    database.exec(`PRAGMA max_page_count = ${pages + 5}`);
    try {
      await use({ database, makeRoom: () => database.exec("PRAGMA max_page_count = 100000") });
    } finally {
      database.close();
    }
  });
}

function storedIds(database: DatabaseSync): unknown[] {
  return database.prepare("SELECT id FROM live_event ORDER BY id").all().map(({ id }) => id);
}

Deno.test("On a full disk a batch is rolled back whole, and written unchanged when there is room", async () => {
  await withFullDisk(async ({ database, makeRoom }) => {
    const clock = new FakeClock();
    const told: string[] = [];
    const writer = new Writer(new Transactions(database), {
      clock,
      onTrouble: (sentence) => told.push(sentence),
      onRecovered: () => told.push("recovered"),
    });
    writer.add(openSession(1));
    addEvents(writer, 1, 10);
    await nextTurn();
    assert.deepEqual(told, ["The disk is full: free some space."]);
    assert.deepEqual(storedIds(database), []);

    addEvents(writer, 11, 12);
    makeRoom();
    clock.advance(100);
    await writer.stop();
    assert.deepEqual(storedIds(database), Array.from({ length: 12 }, (_, index) => index + 1));
    assert.deepEqual(told.slice(1), ["recovered"]);
  });
});

Deno.test("Writer backs off from 100 ms to 5 s while a trouble lasts, and tells of it once", async () => {
  await withFullDisk(async ({ database, makeRoom }) => {
    const clock = new FakeClock();
    const told: string[] = [];
    const writer = new Writer(new Transactions(database), {
      clock,
      onTrouble: (sentence) => told.push(sentence),
    });
    writer.add(openSession(1));
    addEvents(writer, 1, 10);
    await nextTurn();
    const waits: number[] = [];
    for (let index = 0; index < 8; index += 1) {
      const before = clock.now();
      clock.advanceToNext();
      waits.push(clock.now() - before);
    }
    assert.deepEqual(waits, [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
    assert.equal(told.length, 1);
    makeRoom();
    await writer.stop();
  });
});

/** Runs `use` in a disk of 1 MiB. */
async function withSmallDisk(use: (folder: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder);
    try {
      await use(folder);
    } finally {
      run("umount", folder);
    }
  });
}

function run(command: string, ...args: string[]): boolean {
  return new Deno.Command(command, { args, stdout: "null", stderr: "null" }).outputSync().success;
}

/** Writes a file that takes all that is left of the disk. */
function fill(path: string): void {
  using file = Deno.openSync(path, { create: true, write: true });
  const page = new Uint8Array(4096);
  assert.throws(() => {
    for (;;) file.writeSync(page);
  });
}

function canMount(): boolean {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  const folder = Deno.makeTempDirSync();
  const isMounted = run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder);
  if (isMounted) run("umount", folder);
  Deno.removeSync(folder);
  return isMounted;
}

Deno.test({
  name: "A real disk that is full loses nothing: what came meanwhile is there when room is made",
  ignore: !canMount(),
  async fn() {
    await withSmallDisk(async (folder) => {
      const { store, clock, told } = openTemporary(join(folder, "a.db"), { batchSize: 20 });
      store.writer.add(openSession(1));
      await store.writer.flush();
      fill(join(folder, "ballast"));
      addEvents(store.writer, 1, 60);
      await nextTurn();
      assert.match(told[0] ?? "", /^warn: The disk is full/);

      Deno.removeSync(join(folder, "ballast"));
      clock.advance(5_000);
      await store.writer.flush();
      await store.stop();

      const database = new DatabaseSync(join(folder, "a.db"), { readOnly: true });
      assert.equal(database.prepare("PRAGMA integrity_check").get()?.integrity_check, "ok");
      assert.deepEqual(storedIds(database), Array.from({ length: 60 }, (_, index) => index + 1));
      database.close();
    });
  },
});
