/** `backup`, `check` and `repair`, as a person types them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { livecue, query, startLivecue, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

Deno.test("backup and check work while Livecue runs; the backup starts, and a second one of its name is refused", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, {});
    const running = startLivecue(folder, "demo", "--plain", "--rate", "100");
    await running.line(/joined/);
    const backup = await livecue(folder, "backup", "copy.db");
    assert.equal(backup.code, 0, backup.stderr);
    assert.match(
      backup.stdout,
      /^copy\.db has \d+ events? of 1 session \([\d.]+ MB\)\. The copy was checked and is complete\.\n$/,
    );
    const check = await livecue(folder, "check");
    assert.deepEqual({ code: check.code, stderr: check.stderr }, { code: 0, stderr: "" }, check.stdout);
    running.kill("SIGKILL");
    await running.ended;

    const again = await livecue(folder, "backup", "copy.db");
    assert.deepEqual({ code: again.code, stdout: again.stdout }, { code: 2, stdout: "" });
    assert.match(again.stderr, /copy\.db already exists and is not overwritten\. Name another file\.\n$/);

    // Replaces the file of the killed process, whose write-ahead log still exists.
    const copied = Number(backup.stdout.match(/has (\d+)/)![1]);
    await Deno.copyFile(join(folder, "copy.db"), join(folder, "livecue.db"));
    const work = await livecue(folder, "work", "--drain");
    assert.equal(work.code, 0, work.stderr);
    assert.match(
      work.stdout + work.stderr,
      /livecue\.db-wal does not belong to livecue\.db.*keeps the log as .*livecue\.db-wal\.set-aside/,
    );
    assert.equal(query(folder, "SELECT count(*) AS count FROM live_event")[0]?.count, copied);
    assert.equal(query(folder, "PRAGMA integrity_check")[0]?.integrity_check, "ok");
  });
});

Deno.test("check reports what is wrong with exit code 1, and repair writes a new file, with which Livecue starts", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, {});
    assert.equal((await livecue(folder, "demo", "--plain", "--rate", "200", "--for", "1")).code, 0);
    const path = join(folder, "livecue.db");
    const database = new DatabaseSync(path);
    database.exec("UPDATE live_event SET event_data = '{\"oops' WHERE id = 3");
    database.close();
    const before = await Deno.readFile(path);

    const check = await livecue(folder, "check");
    assert.equal(check.code, 1);
    assert.match(
      check.stdout,
      /Problems:\nlive_event, row 3: event_data is not a JSON object, or is too long\.\n.*repair FILE/,
    );
    Deno.writeTextFileSync(`${path}.unsaved.jsonl`, "{}");
    const repair = await livecue(folder, "repair", "new.db");
    assert.match(
      repair.stdout,
      /unsaved\.jsonl contains data that the last stop could not store\. To keep it, replace .* with new\.db/,
    );
    assert.equal(repair.code, 0, repair.stdout + repair.stderr);
    assert.match(repair.stdout, /live_event: \d+ rows saved; a broken value replaced in 1 of them\.\n/);
    assert.match(repair.stdout, /new\.db is the new database; .*livecue\.db was not changed/);
    assert.deepEqual(await Deno.readFile(path), before);

    assert.equal((await livecue(folder, "check", "--database", "new.db")).code, 0);
    assert.equal((await livecue(folder, "work", "--drain", "--database", "new.db")).code, 0);
    const refused = await livecue(folder, "repair", "livecue.db");
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /livecue\.db already exists and is not overwritten/);
  });
});
