/** A damaged database is shown as far as possible, or reported in a sentence. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { livecue, writeConfig } from "../support/livecue.ts";
import { openSession, openTemporary, withFolder } from "../support/temporary_store.ts";
import { everyEvent } from "../support/stored_events.ts";

async function withDamage(sql: string, use: (folder: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    writeConfig(folder, {});
    const path = join(folder, "livecue.db");
    const { store } = openTemporary(path);
    store.writer.add(openSession(1));
    for (const event of everyEvent()) store.writer.add({ kind: "insert_event", event });
    await store.writer.flush();
    await store.stop();
    const database = new DatabaseSync(path);
    database.exec(sql);
    database.close();
    await use(folder);
  });
}

const commands = [["events"], ["sessions"], ["queue"], ["export", "1", "out.jsonl"], ["work", "--drain"]];

for (
  const sql of [
    "ALTER TABLE live_event RENAME COLUMN room_id TO room",
    "DROP TABLE event_queue",
    "DROP TABLE config",
    "DROP INDEX event_queue_live",
  ]
) {
  Deno.test(`After ${sql}, each command ends, and says what to do if it cannot read`, async () => {
    await withDamage(sql, async (folder) => {
      for (const command of commands) {
        const { code, stderr } = await livecue(folder, ...command);
        assert.doesNotMatch(stderr, /bug|\n\s+at /);
        if (code !== 0) assert.match(stderr, /livecue\.db.*(check" says what is wrong|Move|Name)/);
      }
    });
  });
}

Deno.test("An export that cannot be read completely leaves no file that looks complete", async () => {
  await withDamage("ALTER TABLE live_event RENAME COLUMN room_id TO room", async (folder) => {
    const { code } = await livecue(folder, "export", "1", "out.jsonl");
    assert.equal(code, 2);
    assert.throws(() => Deno.statSync(join(folder, "out.jsonl")), Deno.errors.NotFound);
  });
});
