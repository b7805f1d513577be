/** `backup` and `restore` of what services and telemetry keep, as a person types them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoredReadings } from "../../src/app/stored_readings.ts";
import { Deadline } from "../../src/deadline.ts";
import { openDatabase } from "../../src/kit/database.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { livecue, startLivecue, writeConfig } from "../support/livecue.ts";
import { batchAt, checkStream, days } from "../support/readings_run.ts";
import { silentLog } from "../support/silent_log.ts";
import { withFolder } from "../support/temporary_store.ts";

const migrations = ["CREATE TABLE prize (name TEXT) STRICT"];

/** A service's database, open as in a running service: its newest rows are only in its log. */
function openPrizes(folder: string): DatabaseSync {
  Deno.mkdirSync(join(folder, "data", "wheel"), { recursive: true });
  return openDatabase(join(folder, "data", "wheel", "data.db"), migrations);
}

function prizesIn(file: string): unknown[] {
  using database = new DatabaseSync(file, { readOnly: true });
  return database.prepare("SELECT name FROM prize").all().map(({ name }) => name);
}

async function withShow(use: (folder: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    writeConfig(folder, {});
    assert.equal((await livecue(folder, "init")).code, 0);
    await use(folder);
  });
}

async function storeReadings(folder: string, batches: number): Promise<void> {
  const clock = new FakeClock();
  const file = join(folder, "readings.db");
  const stored = new StoredReadings({ file, durability: "normal", days, clock, log: silentLog() });
  for (let batch = 0; batch < batches; batch++) stored.add("iss", batchAt(batch));
  await stored.stop(new Deadline(clock));
}

Deno.test("backup copies what services keep while they are at work, and restore puts everything back", async () => {
  await withShow(async (folder) => {
    await storeReadings(folder, 4);
    const sound = join(folder, "data", "wheel", "sounds", "ding.mp3");
    const prizes = openPrizes(folder);
    prizes.exec("INSERT INTO prize VALUES ('a hat')");
    Deno.mkdirSync(join(folder, "data", "wheel", "sounds"));
    Deno.writeTextFileSync(sound, "ding");
    const backup = await livecue(folder, "backup", "copy.db");
    assert.equal(backup.code, 0, backup.stderr);
    assert.match(
      backup.stdout,
      /^copy\.data has what services keep \(wheel\): 2 files, 1 database among them \([\d.]+ MB\)\. The databases were checked and are complete\.$/m,
    );
    assert.deepEqual(prizesIn(join(folder, "copy.data", "wheel", "data.db")), ["a hat"]);

    prizes.exec("INSERT INTO prize VALUES ('a boat')");
    Deno.writeTextFileSync(sound, "dong");
    const inUse = await livecue(folder, "restore", "copy.db", "--yes");
    assert.match(
      inUse.stderr,
      /wheel.data\.db is in use\. Stop Livecue and the commands of its services first\./,
    );
    assert.equal(inUse.code, 2);
    prizes.close();
    await storeReadings(folder, 6);

    const done = await livecue(folder, "restore", "copy.db", "--yes");
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stdout, /It will replace .*livecue\.db, .*readings\.db, .*data; what is there stays/);
    assert.match(done.stdout, /copy\.data is now .*data\. The old folder is .*data\.replaced\.$/m);
    assert.deepEqual(prizesIn(join(folder, "data", "wheel", "data.db")), ["a hat"]);
    assert.equal(Deno.readTextFileSync(sound), "ding");
    assert.deepEqual(prizesIn(join(folder, "data.replaced", "wheel", "data.db")), ["a hat", "a boat"]);
    assert.equal(checkStream(join(folder, "readings.db")).count, 2_000);
    assert.equal(checkStream(join(folder, "readings.db.replaced")).count, 3_000);
    assert.deepEqual(
      [...Deno.readDirSync(folder)].filter(({ name }) => /restoring|exchange|part/.test(name)),
      [],
    );
  });
});

Deno.test("A running Livecue keeps its database, and restore says so", async () => {
  await withShow(async (folder) => {
    await livecue(folder, "backup", "copy.db");
    const running = startLivecue(folder, "demo", "--plain", "--rate", "50");
    await running.line(/joined/);
    const { code, stderr } = await livecue(folder, "restore", "copy.db", "--yes");
    assert.match(stderr, /livecue\.db is in use by another Livecue \(process \d+\)\. Stop that one first/);
    assert.equal(code, 2);
    running.kill("SIGKILL");
    await running.ended;
  });
});

Deno.test("A damaged database of a service is copied and told, and such a copy is not restored", async () => {
  await withShow(async (folder) => {
    openPrizes(folder).close();
    const file = join(folder, "data", "wheel", "data.db");
    const bytes = Deno.readFileSync(file).fill(7, 100);
    Deno.writeFileSync(file, bytes);
    const backup = await livecue(folder, "backup", "copy.db");
    assert.match(
      backup.stdout,
      /data\.db cannot be read as a database \(.+\), so it was copied byte by byte\.$/m,
    );
    assert.equal(backup.code, 1);
    assert.deepEqual(Deno.readFileSync(join(folder, "copy.data", "wheel", "data.db")), bytes);
    const again = await livecue(folder, "backup", "copy.db");
    assert.match(again.stderr, /copy\.db already exists and is not overwritten/);

    const restore = await livecue(folder, "restore", "copy.db", "--yes");
    assert.match(restore.stderr, /The backup is damaged, so nothing was restored: .*data\.db cannot be read/);
    assert.deepEqual(Deno.readFileSync(file), bytes);
    assert.throws(() => Deno.statSync(join(folder, "livecue.db.replaced")), Deno.errors.NotFound);
  });
});
