/** `report`, as a person types it, after a made-up live. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { livecue, query, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

Deno.test("report tells how the last session went in each form, and the run's end says it in brief", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, {});
    const run = await livecue(folder, "demo", "--plain", "--rate", "200", "--for", "2", "--seed", "3");
    assert.equal(run.code, 0, run.stderr);
    const [sums] = query<{ gifts: number; diamonds: number; follows: number }>(
      folder,
      `SELECT sum(streak_delta) AS gifts, sum(streak_delta * (event_data ->> '$.gift.diamondCount')) AS diamonds,
        (SELECT count(DISTINCT user_id) FROM live_event WHERE event_type = 'FollowEvent') AS follows
      FROM live_event WHERE event_type = 'GiftEvent' AND (event_data ->> '$.receiver') IS NULL`,
    );
    assert.ok(sums !== undefined && sums.diamonds > 0 && sums.follows > 0);
    const said = run.stdout + run.stderr;
    assert.match(said, new RegExp(`Session 1: 2 s, .*${sums.follows} new followers?, best givers `));
    assert.match(said, /The whole report: deno task livecue report 1\n/);

    const text = await livecue(folder, "report");
    assert.equal(text.code, 0, text.stderr);
    const diamonds = sums.diamonds.toLocaleString("en");
    assert.match(
      text.stdout,
      new RegExp(`^Session 1 of @demo.*\n[^]*Diamonds +${diamonds}, from ${sums.gifts} gifts`),
    );

    const json = JSON.parse((await livecue(folder, "report", "1", "--json")).stdout);
    assert.equal(json.totals.diamonds, sums.diamonds);
    const names = [...json.givers.first, ...json.followers.first].map(({ name }: { name: string }) => name);

    const page = await livecue(folder, "report", "1", "--html", "--names", "off", "--output", "r.html");
    assert.equal(page.stdout, "The report of session 1 is in r.html. Open it in a browser.\n");
    const html = Deno.readTextFileSync(join(folder, "r.html"));
    assert.deepEqual(names.filter((name) => html.includes(`>${name}<`)), []);
    assert.match(html, />Viewer 1</);

    const csv = (await livecue(folder, "report", "1", "--csv")).stdout;
    assert.match(csv, new RegExp(`\r\ntotal,gifts,,${sums.gifts},${sums.diamonds},\r\n`));

    const again = await livecue(folder, "report", "1", "--html", "--output", "r.html");
    assert.match(again.stderr, /r\.html already exists and is not overwritten/);
    const none = await livecue(folder, "report", "9");
    assert.deepEqual([none.code, none.stdout], [2, ""]);
    assert.match(none.stderr, /There is no session 9\. deno task livecue sessions lists the sessions\./);
  });
});

Deno.test("export writes a table for spreadsheets to a file that ends with .csv, and with --csv to any file", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, {});
    await livecue(folder, "demo", "--plain", "--rate", "100", "--for", "1", "--seed", "3");
    const database = new DatabaseSync(join(folder, "livecue.db"));
    database.exec(`UPDATE live_event SET user_nickname = '=cmd|"/c calc"!A1' WHERE id = 2`);
    database.close();
    const [sums] = query<{ events: number; diamonds: number }>(
      folder,
      `SELECT count(*) AS events, sum(streak_delta * (event_data ->> '$.gift.diamondCount')) AS diamonds FROM live_event`,
    );
    assert.ok(sums);
    const table = await livecue(folder, "export", "1", "s.CSV");
    assert.equal(
      table.stdout,
      `Session 1 is in s.CSV, as a table for spreadsheets: ${sums.events} events.\n`,
    );
    const text = Deno.readTextFileSync(join(folder, "s.CSV"));
    const [headings = "", ...rows] = text.trimEnd().split("\r\n");
    assert.equal(rows.length, sums.events);
    assert.match(rows[1] ?? "", /,"'=cmd\|""\/c calc""!A1",/);
    const column = headings.split(",").indexOf("diamonds");
    const cells = rows.filter((row) => !row.includes('"')).map((row) => Number(row.split(",")[column]));
    assert.equal(cells.reduce((sum, cell) => sum + cell, 0), sums.diamonds);

    await livecue(folder, "export", "1", "s.txt", "--csv");
    assert.equal(Deno.readTextFileSync(join(folder, "s.txt")), text);
    await livecue(folder, "export", "1", "s.jsonl");
    assert.equal(
      JSON.parse(Deno.readTextFileSync(join(folder, "s.jsonl")).split("\n")[0]!).livecue_export,
      1,
    );
  });
});
