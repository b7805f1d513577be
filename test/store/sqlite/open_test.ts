import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { deleteDatabase } from "../../../src/store/sqlite/delete.ts";
import { openSqliteReader } from "../../../src/store/sqlite/reading.ts";
import { applicationId, migrations } from "../../../src/store/sqlite/migrations.ts";
import { latestVersion, migrate } from "../../../src/store/sqlite/schema.ts";
import { UserError } from "../../../src/user_error.ts";
import { openTemporary, withFolder, withStore } from "../../support/temporary_store.ts";

function refusal(expected: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof UserError, String(error));
    assert.match(error.message, expected);
    return true;
  };
}

function makeDatabase(path: string, ...statements: string[]): void {
  const database = new DatabaseSync(path);
  for (const statement of statements) database.exec(statement);
  database.close();
}

/** The file stays as it is, and nothing appears beside it. */
function assertUntouched(folder: string, path: string, act: () => void): void {
  const before = Deno.readFileSync(path);
  const namesBefore = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  act();
  assert.deepEqual(Deno.readFileSync(path), before);
  assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), namesBefore);
}

Deno.test("A new database has the tables that people query, in WAL mode, marked as Livecue's", async () => {
  await withStore(({ path }) => {
    const database = new DatabaseSync(path, { readOnly: true });
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .all();
    assert.deepEqual(tables.map(({ name }) => name), [
      "config",
      "event_queue",
      "gift",
      "item_step",
      "known_id",
      "live",
      "live_event",
      "live_giver",
      "live_session",
      "service",
      "service_event_config",
      "service_state",
      "streamer",
      "viewer",
      "viewer_live",
      "viewer_mark",
      "viewer_name",
    ]);
    assert.equal(database.prepare("PRAGMA journal_mode").get()?.journal_mode, "wal");
    assert.equal(database.prepare("PRAGMA application_id").get()?.application_id, applicationId);
    assert.equal(database.prepare("PRAGMA user_version").get()?.user_version, latestVersion);
    assert.ok(
      database.prepare("PRAGMA table_list").all().every(({ name, strict }) =>
        String(name).startsWith("sqlite_") || strict === 1
      ),
    );
    database.close();
  });
});

Deno.test("Looking at an emptied database leaves its log, which has the only data left", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.db");
    const { store } = openTemporary(path);
    Deno.copyFileSync(`${path}-wal`, join(folder, "log"));
    await store.stop();
    Deno.truncateSync(path);
    Deno.copyFileSync(join(folder, "log"), `${path}-wal`);
    assertUntouched(folder, path, () => {
      assert.throws(() => openSqliteReader(path), refusal(/has no tables yet/));
    });
  });
});

Deno.test("Opening a database again changes nothing in its tables", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.db");
    await openTemporary(path).store.stop();
    const before = Deno.readFileSync(path);
    await openTemporary(path, { durability: "full" }).store.stop();
    assert.deepEqual(Deno.readFileSync(path), before);
  });
});

Deno.test("A migration that fails leaves the version before it, and is done by the next start", () => {
  const database = new DatabaseSync(":memory:");
  const steps = [...migrations, ["CREATE TABLE extra (a INTEGER) STRICT", "INSERT INTO nowhere VALUES (1)"]];
  assert.throws(() => migrate(database, steps), /nowhere/);
  assert.equal(database.prepare("PRAGMA user_version").get()?.user_version, migrations.length);

  migrate(database, [...migrations, ["CREATE TABLE extra (a INTEGER) STRICT"]]);
  assert.equal(database.prepare("PRAGMA user_version").get()?.user_version, migrations.length + 1);
  database.close();
});

Deno.test("A database of a newer Livecue is refused and untouched", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "newer.db");
    await openTemporary(path).store.stop();
    makeDatabase(path, "PRAGMA user_version = 99");
    assertUntouched(folder, path, () => {
      assert.throws(() => openTemporary(path), refusal(/newer Livecue.*version 99.*Update Livecue/s));
      assert.throws(() => openSqliteReader(path), refusal(/newer Livecue/));
      assert.throws(() => deleteDatabase(path), refusal(/newer Livecue/));
    });
  });
});

Deno.test("A newer database whose version is still in its log is refused and untouched", async () => {
  await withFolder((folder) => {
    const path = join(folder, "newer.db");
    const other = new DatabaseSync(path);
    other.exec(
      `PRAGMA journal_mode = WAL; PRAGMA application_id = ${applicationId}; PRAGMA user_version = 99`,
    );
    const before = Deno.readFileSync(path);
    assert.throws(() => openTemporary(path), refusal(/newer Livecue/));
    assert.deepEqual(Deno.readFileSync(path), before);
    other.close();
  });
});

Deno.test("Another program's database is refused and untouched", async () => {
  await withFolder((folder) => {
    const path = join(folder, "other.db");
    makeDatabase(path, "CREATE TABLE song (title TEXT)");
    assertUntouched(folder, path, () => {
      assert.throws(() => openTemporary(path), refusal(/the database of another program/));
      assert.throws(() => openSqliteReader(path), refusal(/the database of another program/));
      assert.throws(() => deleteDatabase(path), refusal(/the database of another program/));
    });
  });
});

Deno.test("A file that is no database is refused and untouched", async () => {
  await withFolder((folder) => {
    const path = join(folder, "notes.txt");
    Deno.writeTextFileSync(path, "Remember the milk. ".repeat(500));
    assertUntouched(folder, path, () => {
      assert.throws(() => openTemporary(path), refusal(/notes\.txt: The file is not an SQLite database/));
      assert.throws(() => openSqliteReader(path), refusal(/not an SQLite database/));
    });
  });
});

Deno.test("A damaged database is a user's error, not a bug", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "damaged.db");
    await openTemporary(path).store.stop();
    const bytes = Deno.readFileSync(path);
    bytes.fill(0x5a, 100, 4096);
    Deno.writeFileSync(path, bytes);
    assert.throws(() => openTemporary(path), refusal(/damaged\.db: The database is damaged/));
  });
});

Deno.test("A folder, a missing folder and a database in memory are refused by name", async () => {
  await withFolder((folder) => {
    assert.throws(() => openTemporary(folder), refusal(/is a folder/));
    assert.throws(() => openTemporary(join(folder, "none", "a.db")), refusal(/there is no folder .*none/));
    assert.throws(() => openTemporary(":memory:"), refusal(/must be a file/));
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});

// To root no file is read-only.
Deno.test({
  name: "A read-only database is refused",
  ignore: Deno.uid() === 0 || Deno.build.os === "windows",
}, async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.db");
    await openTemporary(path).store.stop();
    Deno.chmodSync(path, 0o444);
    assert.throws(() => openTemporary(path), refusal(/read-only/));
  });
});

Deno.test("Looking into a database that is not there says what to run, and makes no file", async () => {
  await withFolder((folder) => {
    const path = join(folder, "none.db");
    assert.throws(
      () => openSqliteReader(path),
      refusal(/no database .*none\.db\. Run "init" or "start" first/),
    );
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("Looking into a database without tables says what to run", async () => {
  await withFolder((folder) => {
    const path = join(folder, "empty.db");
    Deno.writeFileSync(path, new Uint8Array());
    assert.throws(() => openSqliteReader(path), refusal(/no tables yet/));
  });
});

Deno.test(
  "A link to a database has the lock of the database",
  { ignore: Deno.build.os === "windows" },
  async () => {
    await withStore(async ({ path }) => {
      const link = `${path}.link`;
      await Deno.symlink(path, link);
      assert.throws(() => openTemporary(link), refusal(/in use by another Livecue/));
    });
  },
);

Deno.test("deleteDatabase removes the file and its log, but not under an owner", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.db");
    const { store } = openTemporary(path);
    assert.throws(() => deleteDatabase(path), refusal(/in use/));
    await store.stop();
    deleteDatabase(path);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["a.db.lock"]);
  });
});

Deno.test("A database that cannot be deleted is a user's error, not a bug", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.db");
    await openTemporary(path).store.stop();
    // What no user, root included, can remove like a file.
    await Deno.mkdir(join(`${path}-shm`, "full"), { recursive: true });
    assert.throws(
      () => deleteDatabase(path),
      refusal(/a\.db-shm cannot be deleted: .*Allow writing to its folder/),
    );
  });
});
