/** The database's file is moved, deleted, replaced or written over, while Livecue has it open and while it has not. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Store } from "../../../src/store/store.ts";
import { UserError } from "../../../src/user_error.ts";
import { sampleEvent } from "../../support/stored_events.ts";
import { openSession, openTemporary, withFolder } from "../../support/temporary_store.ts";

async function addEvents(store: Store, from: number, to: number): Promise<void> {
  for (let id = from; id <= to; id += 1) {
    store.writer.add({ kind: "insert_event", event: sampleEvent({ id }) });
    // Each in a commit of its own, so that the log has many.
    await nextTurn();
  }
}

function storedIn(path: string): number {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    assert.equal(database.prepare("PRAGMA integrity_check").get()?.integrity_check, "ok");
    return Number(database.prepare("SELECT count(*) AS count FROM live_event").get()?.count);
  } finally {
    database.close();
  }
}

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

/** A whole database of so many events at `path`, with nothing beside it but its lock. */
async function makeDatabase(path: string, events: number): Promise<void> {
  const { store } = openTemporary(path);
  store.writer.add(openSession(1));
  await addEvents(store, 1, events);
  await store.stop();
}

/** What another program's backup makes of the database as it is now. */
function backUp(path: string, to: string): void {
  const database = new DatabaseSync(path, { readOnly: true });
  database.prepare("VACUUM INTO ?").run(to);
  database.close();
}

/** What a kill leaves: the file and its log, in a folder of their own. */
function copyAsKilled(path: string, to: string): void {
  for (const part of ["", "-wal"]) Deno.copyFileSync(`${path}${part}`, `${to}${part}`);
}

interface Fate {
  name: string;
  befall(path: string, folder: string): Promise<void> | void;
  /** Said at the next commit. */
  says: RegExp;
  /** Where the file is that Livecue had open, and must be whole; null: it is gone. */
  opened: ((folder: string) => string) | null;
  /** Whether what waited is saved in a database that holds everything. */
  isRescued: boolean;
}

const fates: Fate[] = [
  {
    name: "moved",
    befall: (path, folder) => Deno.renameSync(path, join(folder, "moved.db")),
    says: /livecue\.db no longer exists: it was moved, renamed or deleted.*Put it back, or stop Livecue/,
    opened: (folder) => join(folder, "moved.db"),
    isRescued: true,
  },
  {
    name: "deleted",
    befall: (path) => Deno.removeSync(path),
    says: /no longer exists/,
    opened: null,
    isRescued: true,
  },
  {
    name: "replaced by a backup",
    befall: async (path, folder) => {
      await makeDatabase(join(folder, "backup.db"), 5);
      Deno.renameSync(join(folder, "backup.db"), path);
    },
    says:
      /livecue\.db was replaced with another file while Livecue had it open\. Livecue writes nothing to it/,
    opened: null,
    isRescued: true,
  },
  {
    name: "written over by an older backup of itself",
    befall: (path, folder) => {
      backUp(path, join(folder, "backup.db"));
      Deno.copyFileSync(join(folder, "backup.db"), path);
    },
    says: /livecue\.db was overwritten while Livecue had it open, perhaps with a backup/,
    opened: null,
    isRescued: false,
  },
  {
    name: "written over by another program's database",
    befall: (path, folder) => {
      const other = new DatabaseSync(join(folder, "other.db"));
      other.exec("CREATE TABLE song (title TEXT); INSERT INTO song VALUES ('Yesterday')");
      other.close();
      Deno.copyFileSync(join(folder, "other.db"), path);
    },
    says: /was overwritten/,
    opened: null,
    isRescued: false,
  },
  {
    name: "emptied",
    befall: (path) => Deno.truncateSync(path, 0),
    says: /was overwritten/,
    opened: null,
    isRescued: false,
  },
];

for (const fate of fates) {
  Deno.test({
    name:
      `A database that is ${fate.name} is noticed at the next commit, and nothing is written to what is there`,
    // Windows lets nobody touch an open database.
    ignore: Deno.build.os === "windows",
    async fn() {
      await withFolder(async (folder) => {
        const path = join(folder, "livecue.db");
        const { store, clock, told } = openTemporary(path);
        store.writer.add(openSession(1));
        await addEvents(store, 1, 20);
        await fate.befall(path, folder);
        const before = existing(path);
        await addEvents(store, 21, 25);
        assert.equal(told.length, 1);
        assert.match(told[0]!, fate.says);

        const stopping = store.stop();
        const ended = assert.rejects(stopping, (error) => {
          assert.ok(error instanceof UserError);
          assert.match(error.message, fate.says);
          assert.match(
            error.message,
            fate.isRescued
              ? /has everything that was stored, and 5 changes that waited/
              : /5 changes could not be written/,
          );
          return true;
        });
        for (let index = 0; index < 6; index += 1) {
          clock.advanceToNext();
          await nextTurn();
        }
        await ended;

        assert.equal(existing(path), before, "what is there now is untouched");
        if (fate.opened !== null) assert.equal(storedIn(fate.opened(folder)), 20);
        if (fate.isRescued) assert.equal(storedIn(`${path}.rescued`), 25);
        else assert.equal(Deno.readTextFileSync(`${path}.unwritten.jsonl`).trim().split("\n").length, 5);
        // Whoever opens what is there now finds no log of the old file beside it.
        assert.ok(!namesIn(folder).includes("livecue.db-wal"), namesIn(folder).join(" "));
      });
    },
  });
}

Deno.test({
  name: "Where a stop finds the folder gone, as with its disk, all is saved in another one",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withFolder(async (folder) => {
      const home = join(folder, "stick");
      Deno.mkdirSync(home);
      const { store, clock } = openTemporary(join(home, "livecue.db"));
      store.writer.add(openSession(1));
      await addEvents(store, 1, 20);
      Deno.removeSync(home, { recursive: true });
      await addEvents(store, 21, 25);
      const told = store.stop().then(() => "", (error: Error) => error.message);
      for (let index = 0; index < 6; index += 1) {
        clock.advanceToNext();
        await nextTurn();
      }
      const saved = (await told).match(/5 changes that waited\..* start with --database (\S+)\.$/)?.[1];
      assert.ok(saved !== undefined, await told);
      assert.equal(storedIn(saved), 25);
      Deno.removeSync(dirname(saved), { recursive: true });
    });
  },
});

/** A file's bytes, to be compared; null where there is none. */
function existing(path: string): string | null {
  try {
    return createHash("sha256").update(Deno.readFileSync(path)).digest("hex");
  } catch {
    return null;
  }
}

Deno.test({
  name: "A database that is moved away and put back goes on, with all that came meanwhile",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withFolder(async (folder) => {
      const path = join(folder, "livecue.db");
      const { store, clock, told } = openTemporary(path);
      store.writer.add(openSession(1));
      await addEvents(store, 1, 3);
      Deno.renameSync(path, `${path}.away`);
      await addEvents(store, 4, 6);
      Deno.renameSync(`${path}.away`, path);
      clock.advanceToNext();
      await store.writer.flush();
      assert.match(told.at(-1)!, /works again/);
      await store.stop();
      assert.deepEqual(namesIn(folder), ["livecue.db", "livecue.db.lock"]);
      assert.equal(storedIn(path), 6);
    });
  },
});

Deno.test({
  name: "A link that is turned to another database is noticed at the next commit",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withFolder(async (folder) => {
      await makeDatabase(join(folder, "other.db"), 2);
      await makeDatabase(join(folder, "first.db"), 2);
      const link = join(folder, "livecue.db");
      Deno.symlinkSync(join(folder, "first.db"), link);
      const { store, clock, told } = openTemporary(link);
      Deno.removeSync(link);
      Deno.symlinkSync(join(folder, "other.db"), link);
      const before = existing(join(folder, "other.db"));
      await addEvents(store, 3, 3);
      assert.match(told[0]!, /was replaced with another file while Livecue had it open/);
      const ended = assert.rejects(store.stop(), /everything that was stored, and 1 change that waited/);
      for (let index = 0; index < 6; index += 1) {
        clock.advanceToNext();
        await nextTurn();
      }
      await ended;
      assert.equal(existing(join(folder, "other.db")), before);
    });
  },
});

Deno.test(
  "A log that is deleted while Livecue runs is told, and from then on each commit is in the file at once",
  {
    ignore: Deno.build.os === "windows",
  },
  async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "livecue.db");
      const { store, clock, told } = openTemporary(path);
      store.writer.add(openSession(1));
      await addEvents(store, 1, 3);
      Deno.removeSync(`${path}-wal`);
      clock.advance(1_000);
      await addEvents(store, 4, 5);
      assert.match(
        told[0]!,
        /livecue\.db-wal was deleted or replaced\..*writes each change directly to .*livecue\.db, which is slower/,
      );
      // As after a kill: the file alone.
      Deno.copyFileSync(path, join(folder, "killed.db"));
      assert.equal(storedIn(join(folder, "killed.db")), 5);
      await store.stop();
      assert.equal(storedIn(path), 5);
    });
  },
);

for (
  const [kind, make] of [["copied over it", Deno.copyFileSync], [
    "moved to its place",
    Deno.renameSync,
  ]] as const
) {
  for (const early of [true, false]) {
    const when = early ? "of the same log's time" : "of long before";
    Deno.test(`A backup ${when} ${kind} after a kill is not destroyed by the log that the kill left`, async () => {
      await withFolder(async (folder) => {
        const path = join(folder, "livecue.db");
        const { store } = openTemporary(path);
        store.writer.add(openSession(1));
        await addEvents(store, 1, 46);
        const backup = join(folder, "backup.db");
        if (!early) backUp(path, backup);
        // More than one log's worth.
        await addEvents(store, 47, 920);
        if (early) backUp(path, backup);
        await addEvents(store, 921, 930);
        const killed = join(folder, "killed.db");
        copyAsKilled(path, killed);
        await store.stop();

        const events = early ? 920 : 46;
        make(backup, killed);
        const { store: next, told } = openTemporary(killed);
        assert.match(
          told[0]!,
          /^warn: .*killed\.db-wal does not belong to killed\.db.*keeps the log as .*killed\.db-wal\.set-aside/,
        );
        assert.equal(next.ids.next("event"), events + 1);
        await next.stop();
        assert.equal(storedIn(killed), events);
        assert.ok(namesIn(folder).includes("killed.db-wal.set-aside"));
      });
    });
  }
}

Deno.test("What a kill left is whole at the next start, at every moment of the log's life", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "livecue.db");
    const { store } = openTemporary(path);
    store.writer.add(openSession(1));
    let stored = 0;
    for (const upTo of [1, 10, 200, 600, 601, 900]) {
      await addEvents(store, stored + 1, upTo);
      stored = upTo;
      const killed = join(folder, `killed${upTo}.db`);
      copyAsKilled(path, killed);
      const { store: next, told } = openTemporary(killed);
      assert.deepEqual(told, []);
      assert.equal(next.ids.next("event"), upTo + 1);
      next.writer.add({ kind: "insert_event", event: sampleEvent({ id: upTo + 1 }) });
      await next.writer.flush();
      // Killed again, before it could close.
      copyAsKilled(killed, join(folder, `again${upTo}.db`));
      await next.stop();
      const again = openTemporary(join(folder, `again${upTo}.db`));
      assert.deepEqual(again.told, []);
      assert.equal(again.store.ids.next("event"), upTo + 2);
      await again.store.stop();
    }
    await store.stop();
  });
});

Deno.test("A log without its database is set aside, not deleted", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "livecue.db");
    const { store } = openTemporary(path);
    store.writer.add(openSession(1));
    await addEvents(store, 1, 3);
    const alone = join(folder, "alone.db");
    for (const content of [null, new Uint8Array()]) {
      Deno.copyFileSync(`${path}-wal`, `${alone}-wal`);
      if (content === null) removeParts(alone);
      else Deno.writeFileSync(alone, content);
      const { store: next, told } = openTemporary(alone);
      assert.match(told[0]!, /alone\.db-wal does not belong to alone\.db/);
      await next.stop();
      removeParts(alone);
    }
    assert.equal(namesIn(folder).filter((name) => name.startsWith("alone.db-wal.set-aside")).length, 2);
    await store.stop();
  });
});

function removeParts(path: string): void {
  for (const part of ["", "-shm"]) {
    try {
      Deno.removeSync(`${path}${part}`);
    } catch { /* It is not there. */ }
  }
}

Deno.test("Another program's file, with a log of Livecue's beside it, is refused and both are untouched", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "livecue.db");
    const { store } = openTemporary(path);
    store.writer.add(openSession(1));
    await addEvents(store, 1, 3);
    const other = join(folder, "other.db");
    const database = new DatabaseSync(other);
    database.exec("CREATE TABLE song (title TEXT)");
    database.close();
    Deno.copyFileSync(`${path}-wal`, `${other}-wal`);
    const before = [existing(other), existing(`${other}-wal`)];
    assert.throws(() => openTemporary(other), /the database of another program/);
    assert.deepEqual([existing(other), existing(`${other}-wal`)], before);
    await store.stop();
  });
});
