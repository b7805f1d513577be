import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { livecue, startProgram, writeConfig } from "../support/livecue.ts";
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
    (0, char(27) || '[31mوردة', 5, char(27) || '[31mhttps://p16/w', 3, 0, 1), (9, '', -5, '', -1, 0, 1)`;
  await withGifts(rows, async (folder) => {
    const table = await livecue(folder, "gifts");
    assert.equal(table.code, 0, table.stderr);
    const lines = table.stdout.trimEnd().split("\n");
    assert.match(lines[0]!, /^ID +NAME +DIAMONDS +SEEN +FIRST +LAST +PICTURE$/);
    assert.match(lines[1]!, /^5655 +Rose +1 +12 +.* +https:\/\/p16\/rose$/);
    assert.match(lines[2]!, /^0 +.*وردة +5 +3 /);
    assert.match(lines[3]!, /^6369 +Lion +29999 +1 /);
    assert.match(lines[4]!, /^9 +- +0 +0 /);
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

/** A service with a rule for this gift. */
function ruleFor(gift: string) {
  const service_class = fileURLToPath(new URL("../../services/dummy.ts", import.meta.url));
  return {
    services: {
      dummy: {
        service_class,
        options: { rules: [{ when: "GiftEvent", if: { gift } }] },
        subscriptions: { GiftEvent: {} },
      },
    },
  };
}

Deno.test("A start and doctor warn of a rule for a gift that nobody has seen, and not of one that was seen", async () => {
  await withGifts("(77, 'Zorro', 5, '', 1, 0, 1)", async (folder) => {
    writeConfig(folder, ruleFor("Zoro"));
    const warning = /rules\[0\]\.if\.gift: no gift named "Zoro" was seen yet.*did you mean "Zorro"\?/;
    assert.match((await livecue(folder, "work", "--drain")).stderr, warning);
    assert.match((await livecue(folder, "doctor")).stdout, warning);
    // The gifts of the lives count in a rehearsal too, which has a database of its own.
    const demo = () => startProgram(folder, "demo", "--plain", "--for", "0.1").ended;
    assert.match((await demo()).stderr, warning);
    writeConfig(folder, ruleFor("ZORRO"));
    assert.doesNotMatch((await livecue(folder, "work", "--drain")).stderr, /no gift named/);
    assert.doesNotMatch((await livecue(folder, "doctor")).stdout, /no gift named/);
    assert.doesNotMatch((await demo()).stderr, /no gift named/);
  });
});
