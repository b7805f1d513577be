import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { livecue, writeConfig } from "../support/livecue.ts";
import { openTemporary, withFolder } from "../support/temporary_store.ts";

/** A database with these rows of `gift`. */
async function withGifts(rows: string, use: (folder: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    writeConfig(folder, {});
    const path = join(folder, "livecue.db");
    await openTemporary(path).store.stop();
    if (rows !== "") {
      const database = new DatabaseSync(path);
      database.exec(`INSERT INTO gift VALUES ${rows}`);
      database.close();
    }
    await use(folder);
  });
}

Deno.test("gifts lists what was seen by how often, and searches and sorts it, as a table and as JSON", async () => {
  const rows = `(5655, 'Rose', 1, 'https://p16/rose', 12, 0, 86400000), (6369, 'Lion', 29999, '', 1, 0, 1),
    (0, char(27) || '[31mوردة', 5, '', 3, 0, 1)`;
  await withGifts(rows, async (folder) => {
    const table = await livecue(folder, "gifts");
    assert.equal(table.code, 0, table.stderr);
    const lines = table.stdout.trimEnd().split("\n");
    assert.match(lines[0]!, /^ID +NAME +DIAMONDS +SEEN +FIRST +LAST +PICTURE$/);
    assert.match(lines[1]!, /^5655 +Rose +1 +12 +.* +https:\/\/p16\/rose$/);
    assert.match(lines[2]!, /^0 +.*وردة +5 +3 /);
    assert.match(lines[3]!, /^6369 +Lion +29999 +1 /);
    assert.ok(!table.stdout.includes("\x1b"));

    const json = await livecue(folder, "gifts", "--json", "--sort", "diamonds", "--limit", "1");
    assert.deepEqual(JSON.parse(json.stdout), [
      { id: 6369, name: "Lion", diamonds: 29999, imageUrl: "", count: 1, firstAt: 0, lastAt: 1, earlier: [] },
    ]);
    const found = await livecue(folder, "gifts", "--search", "ROS");
    assert.match(found.stdout, /^ID.*\n5655 +Rose .*\n$/);
    const none = await livecue(folder, "gifts", "--search", "Roze");
    assert.equal(none.stdout, 'No gift has "Roze" in its name. Did you mean Rose?\n');
    assert.equal((await livecue(folder, "gifts", "--sort", "size")).code, 2);
  });
});

Deno.test("Before the first gift, gifts says so, and as JSON it is an empty list", async () => {
  await withGifts("", async (folder) => {
    assert.match((await livecue(folder, "gifts")).stdout, /^No gift has been seen yet\./);
    assert.equal((await livecue(folder, "gifts", "--json")).stdout, "[]\n");
    const all = await livecue(folder, "gifts", "--all", "--search", "5655");
    assert.match(all.stdout, /^ID.*\n5655 +Rose +1 +0\n$/);
  });
});
