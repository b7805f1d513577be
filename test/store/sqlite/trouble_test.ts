import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { explaining } from "../../../src/store/sqlite/trouble.ts";
import { withFolder } from "../../support/temporary_store.ts";

Deno.test("A trouble has its own sentence, whether the driver tells its code or its text alone", async () => {
  await withFolder((folder) => {
    const database = new DatabaseSync(join(folder, "a.db"));
    database.exec("CREATE TABLE a (b); PRAGMA max_page_count = 5");
    const insert = "INSERT INTO a VALUES (randomblob(100000))";
    for (const run of [() => database.exec(insert), () => void database.prepare(insert).run()]) {
      assert.throws(() => explaining("a.db", run), /^UserError: a\.db: The disk is full: free some space\.$/);
    }
    database.close();
    Deno.writeTextFileSync(join(folder, "b.db"), "Dear reader, ".repeat(100));
    const troubles = [
      ["b.db", /The file is not an SQLite database/],
      [join("none", "c.db"), /The database cannot be opened/],
    ] as const;
    for (const [name, expected] of troubles) {
      const open = () => new DatabaseSync(join(folder, name)).exec("SELECT * FROM sqlite_schema");
      assert.throws(() => explaining(name, open), expected);
    }
  });
});
