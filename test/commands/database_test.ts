/** The database as a file: deleted, refused, and recovered after a kill. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { commentOf, sampleOf } from "../support/captured_events.ts";
import { livecue, query, startLivecue, writeConfig } from "../support/livecue.ts";
import { writeRecording } from "../support/recording.ts";
import { withFolder } from "../support/temporary_store.ts";

const dummy = fileURLToPath(new URL("../../services/dummy.ts", import.meta.url));
const services = {
  small: {
    service_class: dummy,
    max_queue_size: 5,
    subscriptions: { CommentEvent: { is_discardable: true } },
  },
  large: { service_class: dummy, max_queue_size: 1_000_000, subscriptions: { CommentEvent: {} } },
};

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("reset --yes deletes the database and the files that a kill left next to it, and keeps config and log", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, { services });
    const running = startLivecue(folder, "demo", "--rate", "200");
    await running.line(/joined/);
    running.kill("SIGKILL");
    await running.ended;
    assert.ok(namesIn(folder).includes("livecue.db-wal"));
    const { code, stdout, stderr } = await livecue(folder, "reset", "--yes");
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.match(stdout, /livecue\.db was deleted\. The config was not changed\.\n$/);
    assert.deepEqual(namesIn(folder), ["config.jsonc", "livecue.db.lock", "livecue.log"]);

    assert.match(
      (await livecue(folder, "reset", "--yes")).stdout,
      /There is no database .*nothing to delete/,
    );
    const again = startLivecue(folder, "demo", "--rate", "200");
    await again.line(/joined/);
    again.kill("SIGTERM");
    assert.equal((await again.ended).code, 0);
    assert.deepEqual(query(folder, "SELECT id FROM live_session").map(({ id }) => id), [1]);
  });
});

Deno.test("reset deletes only a database of Livecue's", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, { services });
    const other = new DatabaseSync(join(folder, "other.db"));
    other.exec("CREATE TABLE recipe (name TEXT)");
    other.close();
    await Deno.writeTextFile(join(folder, "letter.txt"), "Dear reader, this is no database.");
    for (const name of ["other.db", "letter.txt"]) {
      const before = await Deno.readFile(join(folder, name));
      const { code, stdout } = await livecue(folder, "reset", "--yes", "--database", name);
      assert.deepEqual({ code, stdout }, { code: 2, stdout: "" }, name);
      assert.deepEqual(await Deno.readFile(join(folder, name)), before);
    }
  });
});

Deno.test("Every command refuses a database of a newer Livecue, and leaves it unchanged", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, { services });
    await livecue(folder, "init");
    const file = join(folder, "livecue.db");
    const database = new DatabaseSync(file);
    database.exec("PRAGMA journal_mode = DELETE; PRAGMA user_version = 9999");
    database.close();
    const before = { bytes: await Deno.readFile(file), names: namesIn(folder) };
    const commands = ["init", "demo --for 1", "work --drain", "capture --source demo", "sessions", "events"];
    for (const commandLine of [...commands, "queue", "export 1 x", "retry 1", "reset --yes"]) {
      const { code, stderr } = await livecue(folder, ...commandLine.split(" "));
      assert.equal(code, 2, commandLine);
      assert.match(stderr, /^[^\n]*newer[^\n]*\n$/, commandLine);
    }
    assert.deepEqual(await Deno.readFile(file), before.bytes);
    assert.deepEqual(namesIn(folder).filter((name) => name !== "livecue.log"), before.names);
  });
});

interface Row {
  id: number;
  live_event_id: number;
  status: string;
  discard_reason: string | null;
}

const itemsOf = (folder: string, slug: string) =>
  query<Row>(
    folder,
    "SELECT * FROM event_queue WHERE service_id = (SELECT id FROM service WHERE slug = ?) ORDER BY id",
    slug,
  );

Deno.test("After a kill during the capture of a recording, the stored data is complete and admission continues from it", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, { services });
    const comments = Array.from({ length: 20_000 }, (_, index) => commentOf(`no. ${index}`));
    const source = await writeRecording(folder, comments);
    const capture = ["capture", "--source", source, "--speed", "max", "--batch-size", "50"];
    const running = startLivecue(folder, ...capture);
    await running.line(/no\. 3\d\d$/);
    running.kill("SIGKILL");
    await running.ended;
    const stored = query<{ count: number }>(folder, "SELECT count(*) AS count FROM live_event")[0]?.count ??
      0;
    assert.ok(stored > 0 && stored < comments.length, `${stored} were stored`);
    assert.equal(query(folder, "PRAGMA integrity_check")[0]?.integrity_check, "ok");
    assert.equal(itemsOf(folder, "large").length, stored);
    assert.equal(itemsOf(folder, "small").filter(({ status }) => status === "pending").length, 5);

    await Deno.remove(join(folder, "recording.jsonl"));
    const gift = await writeRecording(folder, [sampleOf("GiftEvent"), commentOf("after it")]);
    const { code, stderr } = await livecue(folder, "capture", "--source", gift, "--speed", "max");
    assert.equal(code, 0);
    assert.match(stderr, /Session 1 .* was open when Livecue crashed or was killed\. It is closed now/);
    assert.deepEqual(
      query(folder, "SELECT id, status FROM live_session ORDER BY id").map((row) => ({ ...row })),
      [{ id: 1, status: "aborted" }, { id: 2, status: "completed" }],
    );
    const small = itemsOf(folder, "small");
    assert.equal(small.length, stored + 1);
    assert.deepEqual([small.at(-1)?.status, small.at(-1)?.discard_reason], ["discarded", "queue_full"]);
    assert.equal(small.filter(({ status }) => status === "pending").length, 5);
    assert.equal(itemsOf(folder, "large").at(-1)?.status, "pending");
    assert.equal(query(folder, "SELECT count(*) AS count FROM event_queue WHERE crashes > 0")[0]?.count, 0);
  });
});
