/** `restore`, as a person types it, and what a kill in the middle of it leaves. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { exchange } from "../../src/store/sqlite/exchange.ts";
import { exists } from "../../src/store/new_file.ts";
import { livecue, query, startLivecue, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

const demo = ["demo", "--plain", "--rate", "50", "--for", "1"];
const events = (folder: string) =>
  Number(query(folder, "SELECT count(*) AS count FROM live_event")[0]?.count);
const highest = (folder: string) => Number(query(folder, "SELECT max(id) AS id FROM live_event")[0]?.id);

async function withBackup(use: (folder: string, backedUp: number) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    writeConfig(folder, {});
    await livecue(folder, ...demo);
    assert.equal((await livecue(folder, "backup", "copy.db")).code, 0);
    const backedUp = events(folder);
    await livecue(folder, ...demo);
    await use(folder, backedUp);
  });
}

Deno.test("restore puts a checked backup in place, keeps the old database, and no id comes back", async () => {
  await withBackup(async (folder, backedUp) => {
    const [before, last] = [events(folder), highest(folder)];
    const unasked = await livecue(folder, "restore", "copy.db");
    assert.match(
      unasked.stderr,
      /restore asks before it replaces the database, but there is no terminal\. Add --yes\./,
    );
    assert.deepEqual([unasked.code, events(folder)], [2, before]);

    const done = await livecue(folder, "restore", "copy.db", "--yes");
    assert.equal(done.code, 0, done.stderr);
    assert.match(
      done.stdout,
      new RegExp(`^copy\\.db was checked: it has ${backedUp} events of 1 session\\. It will replace `),
    );
    assert.match(done.stdout, /The old database is .*livecue\.db\.replaced\.\n$/);
    assert.equal(events(folder), backedUp);
    const old = new DatabaseSync(join(folder, "livecue.db.replaced"), { readOnly: true });
    assert.equal(old.prepare("SELECT count(*) AS count FROM live_event").get()?.count, before);
    old.close();
    assert.equal((await livecue(folder, "check")).code, 0);
    await livecue(folder, ...demo);
    assert.deepEqual(query(folder, "SELECT id FROM live_session").map(({ id }) => id), [1, 3]);
    assert.equal(query(folder, "SELECT min(id) AS id FROM live_event WHERE session_id = 3")[0]?.id, last + 1);
  });
});

Deno.test("restore refuses a damaged file, an export and another program's database, and changes nothing", async () => {
  await withBackup(async (folder) => {
    const before = events(folder);
    const bytes = Deno.readFileSync(join(folder, "copy.db"));
    Deno.writeFileSync(join(folder, "damaged.db"), bytes.fill(7, 8_192, bytes.length));
    await livecue(folder, "export", "1", "s.jsonl");
    new DatabaseSync(join(folder, "other.db")).exec("CREATE TABLE t (a); PRAGMA user_version = 1");
    const refused: [file: string, why: RegExp][] = [
      ["damaged.db", /damaged/],
      ["s.jsonl", /export of a session\. To play it: deno task start --source replay:s\.jsonl/],
      ["other.db", /database of another program/],
      ["none.db", /There is no file .*none\.db/],
      ["livecue.db", /is the database itself/],
    ];
    for (const [file, why] of refused) {
      const { code, stderr } = await livecue(folder, "restore", file, "--yes");
      assert.match(stderr, why);
      assert.equal(code, 2, file);
    }
    assert.equal(events(folder), before);
    const left = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) =>
      /restoring|replaced/.test(name)
    );
    assert.deepEqual(left, []);
  });
});

Deno.test("Killed when the backup is in place but the old log still is too, the next start uses the backup alone", async () => {
  await withBackup(async (folder, backedUp) => {
    const file = join(folder, "livecue.db");
    const running = startLivecue(folder, "demo", "--plain", "--rate", "50");
    await running.line(/joined/);
    running.kill("SIGKILL");
    await running.ended;
    const log = Deno.readFileSync(`${file}-wal`);
    assert.ok(log.length > 0);
    await livecue(folder, "restore", "copy.db", "--yes");
    Deno.writeFileSync(`${file}-wal`, log);
    const work = await livecue(folder, "work", "--drain");
    assert.match(work.stdout + work.stderr, /livecue\.db-wal does not belong to livecue\.db/);
    assert.equal(events(folder), backedUp);
    assert.equal((await livecue(folder, "check")).code, 0);
  });
});

Deno.test("The old file has its second name before the new one is in its place", async () => {
  await withFolder((folder) => {
    const [copy, file] = [join(folder, "copy"), join(folder, "livecue.db")];
    Deno.writeTextFileSync(file, "old");
    Deno.writeTextFileSync(`${file}-wal`, "old log");
    // Renaming fails as if Livecue were killed there.
    assert.throws(() => exchange(copy, file));
    const read = (name: string) => Deno.readTextFileSync(join(folder, name));
    assert.deepEqual([read("livecue.db"), read("livecue.db-wal")], ["old", "old log"]);
    assert.deepEqual([read("livecue.db.replaced"), read("livecue.db.replaced-wal")], ["old", "old log"]);
    Deno.writeTextFileSync(copy, "new");
    assert.equal(exchange(copy, file), `${file}.replaced-2`);
    assert.deepEqual([read("livecue.db"), read("livecue.db.replaced-2")], ["new", "old"]);
  });
});

Deno.test("Killed while it exchanges the files, restore leaves the old state or the new one, never a mixture", async () => {
  await withBackup(async (folder, backedUp) => {
    const file = join(folder, "data", "points", "data.db");
    const write = (of: string) => {
      using database = new DatabaseSync(file);
      database.exec(`CREATE TABLE IF NOT EXISTS t (of TEXT); DELETE FROM t; INSERT INTO t VALUES ('${of}')`);
    };
    Deno.mkdirSync(join(folder, "data", "points"), { recursive: true });
    write("backup");
    await livecue(folder, "backup", "both.db");
    const inBackup = events(folder);
    await livecue(folder, ...demo);
    write("present");
    const restoring = startLivecue(folder, "restore", "both.db", "--yes");
    let hasEnded = false;
    void restoring.ended.then(() => hasEnded = true);
    const note = join(folder, "livecue.db.exchange");
    while (!hasEnded && !exists(note)) await nextTurn();
    restoring.kill("SIGKILL");
    await restoring.ended;
    // The next owner of the database completes what has begun.
    assert.equal((await livecue(folder, "work", "--drain")).code, 0);
    using database = new DatabaseSync(file, { readOnly: true });
    const of = database.prepare("SELECT of FROM t").get()?.of;
    assert.equal(of, events(folder) === inBackup ? "backup" : "present");
    assert.ok(!exists(note) && inBackup > backedUp);
  });
});
