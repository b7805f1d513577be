import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Migration, openDatabase, shrinkDatabase } from "../../src/kit/database.ts";
import { UserError } from "../../src/user_error.ts";
import { withFolder } from "../support/temporary_store.ts";

const people: Migration = "CREATE TABLE person (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT";
const prizes: Migration = [
  "CREATE TABLE prize (person_id INTEGER NOT NULL REFERENCES person(id) ON DELETE CASCADE) STRICT",
  "INSERT INTO person VALUES (1, 'Ana')",
  "INSERT INTO prize VALUES (1)",
];

Deno.test("Migrations run once each, in order, and a later version goes on where an earlier one ended", async () => {
  await withFolder((folder) => {
    const path = join(folder, "data.db");
    openDatabase(path, [people]).close();
    openDatabase(path, [people]).close();
    const database = openDatabase(path, [people, prizes]);
    assert.equal(database.prepare("SELECT count(*) AS count FROM prize").get()?.count, 1);
    assert.equal(database.prepare("PRAGMA journal_mode").get()?.journal_mode, "wal");
    assert.throws(() => database.exec("INSERT INTO prize VALUES (99)"), /FOREIGN KEY/);
    database.close();
  });
});

Deno.test("A migration that fails leaves nothing of itself, and those before it stay", async () => {
  await withFolder((folder) => {
    const path = join(folder, "data.db");
    const wrong: Migration = ["CREATE TABLE half (x)", "CREATE TABEL other (x)"];
    assert.throws(
      () => openDatabase(path, [people, wrong]),
      /^Error: migration 2 of the service's database failed: near "TABEL": syntax error/,
    );
    const database = openDatabase(path, [people]);
    assert.deepEqual(
      database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all().map(({ name }) => name),
      ["person"],
    );
    database.close();
  });
});

Deno.test("A migration that makes a table anew keeps what refers to it, and may leave nothing that refers to nothing", async () => {
  await withFolder((folder) => {
    const path = join(folder, "data.db");
    const anew: Migration = [
      "CREATE TABLE new_person (id INTEGER PRIMARY KEY, name TEXT, age INTEGER) STRICT",
      "INSERT INTO new_person SELECT id, name, NULL FROM person",
      "DROP TABLE person",
      "ALTER TABLE new_person RENAME TO person",
    ];
    const database = openDatabase(path, [people, prizes, anew]);
    assert.equal(database.prepare("SELECT count(*) AS count FROM prize").get()?.count, 1);
    database.close();
    const orphaning: Migration = "DELETE FROM person";
    assert.throws(
      () => openDatabase(path, [people, prizes, anew, orphaning]),
      /1 rows refer to rows that do not exist/,
    );
  });
});

Deno.test("A migration does not end its own transaction", async () => {
  await withFolder((folder) => {
    assert.throws(
      () => openDatabase(join(folder, "data.db"), ["CREATE TABLE x (a); COMMIT"]),
      /it ends its own transaction: remove COMMIT and ROLLBACK/,
    );
  });
});

Deno.test("A database that is newer, or is none, is refused with what to do", async () => {
  await withFolder((folder) => {
    const path = join(folder, "data.db");
    openDatabase(path, [people, prizes]).close();
    assert.throws(() => openDatabase(path, [people]), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(
        error.message,
        /had 2 migrations, and this version has 1\. Update the service, or move the file/,
      );
      return true;
    });
    assert.throws(
      () => openDatabase(path, "CREATE TABLE c (x)" as never),
      /migrations must be a list of SQL texts/,
    );
    assert.throws(() => openDatabase(path, [5] as never), /migrations must be a list of SQL texts/);
    const other = join(folder, "other.db");
    Deno.writeTextFileSync(
      other,
      "this is no database, and it is long enough to be taken for one by its header",
    );
    assert.throws(
      () => openDatabase(other, []),
      /other\.db cannot be opened: .*not a database\. Replace it with a backup, or move it away/,
    );
  });
});

Deno.test("Several processes may open it for the first time at once", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "data.db");
    const code = `import { openDatabase } from ${
      JSON.stringify(import.meta.resolve("../../src/kit/database.ts"))
    };
      const all = Array.from({ length: 20 }, (_, i) => "CREATE TABLE t" + i + " (x)");
      openDatabase(${JSON.stringify(path)}, all).close();`;
    const runs = Array.from(
      { length: 4 },
      () =>
        new Deno.Command(Deno.execPath(), { args: ["eval", "--no-check", code], stderr: "piped" }).output(),
    );
    for (const { success, stderr } of await Promise.all(runs)) {
      assert.ok(success, new TextDecoder().decode(stderr));
    }
  });
});

Deno.test("A database gives free pages back; one of an older Livecue only while nobody else uses it", async () => {
  await withFolder((folder) => {
    const fill = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
      INSERT INTO person SELECT i, hex(zeroblob(500)) FROM n`;
    const [path, older] = [join(folder, "data.db"), join(folder, "older.db")];
    const old = new DatabaseSync(older);
    old.exec(`${people}; PRAGMA user_version = 1`);
    old.close();
    const sizeAfter = (file: string, isShared: boolean) => {
      const database = openDatabase(file, [people]);
      database.exec(fill);
      database.exec("DELETE FROM person WHERE id <> 7");
      shrinkDatabase(database, { isShared });
      database.close();
      return Deno.statSync(file).size;
    };
    assert.ok(sizeAfter(path, true) < 100_000);
    assert.ok(sizeAfter(older, true) > 1_000_000);
    const database = openDatabase(older, [people]);
    database.exec("DELETE FROM person");
    shrinkDatabase(database, { isShared: false });
    database.close();
    assert.ok(Deno.statSync(older).size < 100_000);
  });
});
