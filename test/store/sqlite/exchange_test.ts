/** What a restore leaves that is cut off between two of its files. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { completeExchange, exchangeAll } from "../../../src/store/sqlite/exchange.ts";
import { withFolder } from "../../support/temporary_store.ts";

function write(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    Deno.mkdirSync(join(folder, name, ".."), { recursive: true });
    Deno.writeTextFileSync(join(folder, name), text);
  }
}

Deno.test("An exchange that was cut off between two files is completed by the next owner", async () => {
  await withFolder((folder) => {
    const database = join(folder, "livecue.db");
    const read = (name: string) => Deno.readTextFileSync(join(folder, name));
    write(folder, { "livecue.db": "old", "data/points/data.db": "old", "readings.db": "old" });
    write(folder, { "readings.db-wal": "the old one's log" });
    write(folder, { "livecue.db.restoring": "new", "data.restoring/points/data.db": "new" });
    const parts = ["livecue.db", "readings.db", "data"].map((name) => ({
      copy: join(folder, `${name}.restoring`),
      place: join(folder, name),
    }));
    // The copy of the readings is not there yet, so the exchange ends there as if Livecue were killed.
    assert.throws(() => exchangeAll(database, parts));
    assert.deepEqual([read("livecue.db"), read("readings.db"), read("data/points/data.db")], [
      "new",
      "old",
      "old",
    ]);
    write(folder, { "readings.db.restoring": "new" });

    assert.equal(completeExchange(database), true);
    for (const name of ["livecue.db", "readings.db", "data/points/data.db"]) {
      assert.equal(read(name), "new", name);
    }
    for (const name of ["livecue.db.replaced", "readings.db.replaced", "data.replaced/points/data.db"]) {
      assert.equal(read(name), "old", name);
    }
    assert.equal(read("readings.db.replaced-wal"), "the old one's log");
    assert.throws(() => read("readings.db-wal"), Deno.errors.NotFound);
    assert.equal(completeExchange(database), false);
  });
});

Deno.test("An exchange that was cut off before its note changes nothing", async () => {
  await withFolder((folder) => {
    write(folder, { "livecue.db": "old", "livecue.db.restoring": "new" });
    assert.equal(completeExchange(join(folder, "livecue.db")), false);
    assert.equal(Deno.readTextFileSync(join(folder, "livecue.db")), "old");
  });
});
