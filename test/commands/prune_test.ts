/** `prune`, as a person types it, and killed while it deletes. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { livecue, query, startLivecue, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

/** Two sessions; the first one, with many events, has ended a hundred days ago. */
async function makeOldAndNew(folder: string, eventCount: number): Promise<void> {
  for (const seed of ["1", "2"]) {
    const run = await livecue(folder, "demo", "--plain", "--rate", "50", "--for", "1", "--seed", seed);
    assert.equal(run.code, 0, run.stderr);
  }
  using database = new DatabaseSync(join(folder, "livecue.db"));
  const columns = database.prepare(
    "SELECT name FROM pragma_table_info('live_event') WHERE name NOT IN ('id', 'message_id')",
  )
    .all()
    .map(({ name }) => name).join(", ");
  database.exec(`BEGIN;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${eventCount})
    INSERT INTO live_event (id, ${columns}) SELECT 100000 + i, ${columns} FROM n, live_event WHERE id = 1;
    UPDATE live_session SET started_at = started_at - 8640000000, ended_at = ended_at - 8640000000,
      events_to = 100000 + ${eventCount} WHERE id = 1;
    COMMIT`);
}

const count = (folder: string, table = "live_event", where = "1") =>
  Number(query(folder, `SELECT count(*) AS count FROM ${table} WHERE ${where}`)[0]?.count);

Deno.test("prune says what it would delete, deletes that, and a later session gets new ids", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, {});
    await makeOldAndNew(folder, 10);
    const [old, all] = [count(folder, "live_event", "session_id = 1"), count(folder)];
    const dry = await livecue(folder, "prune", "--keep", "90d", "--dry-run");
    assert.match(
      dry.stdout,
      new RegExp(`^1 session that ended before .*, ${old} events and 0 items would be deleted\\.\n$`),
    );
    assert.equal(count(folder), all);

    const unasked = await livecue(folder, "prune", "--keep", "90d");
    assert.deepEqual([unasked.code, count(folder)], [2, all]);
    assert.match(unasked.stderr, /prune asks before it deletes, but there is no terminal\. Add --yes\./);
    const without = await livecue(folder, "prune", "--yes");
    assert.match(
      without.stderr,
      /Say how long sessions are kept, as --keep 90d, or set "retention" in the config/,
    );
    const wrong = await livecue(folder, "prune", "--keep", "90", "--yes");
    assert.match(wrong.stderr, /Use a number of days, weeks or years, such as 90d, 12w or 1y/);

    writeConfig(folder, { retention: { keep_days: 90 } });
    const done = await livecue(folder, "prune", "--yes");
    assert.match(
      done.stdout,
      new RegExp(`1 session, ${old} events and 0 items were deleted\\. .*livecue\\.db has [\\d.]+ MB`),
    );
    assert.equal(count(folder), all - old);
    assert.equal((await livecue(folder, "check")).code, 0);
    assert.equal((await livecue(folder, "demo", "--plain", "--rate", "50", "--for", "1")).code, 0);
    assert.deepEqual(query(folder, "SELECT id FROM live_session").map(({ id }) => id), [2, 3]);
    assert.ok(count(folder, "live_event", "session_id = 3 AND id > 100010") > 0);
  });
});

Deno.test("Killed while it deletes, prune has lost nothing that stays, and goes on when it is run again", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, {});
    await makeOldAndNew(folder, 30_000);
    const before = count(folder);
    const kept = query(folder, "SELECT * FROM live_event WHERE session_id = 2");
    const running = startLivecue(folder, "prune", "--keep", "90d", "--yes");
    await running.line(/will be deleted/);
    while (count(folder) === before) await nextTurn();
    running.kill("SIGKILL");
    await running.ended;

    assert.ok(count(folder, "live_event", "session_id = 1") > 0);
    assert.deepEqual(query(folder, "SELECT * FROM live_event WHERE session_id = 2"), kept);
    assert.equal((await livecue(folder, "check")).code, 0);
    const again = await livecue(folder, "prune", "--keep", "90d", "--yes");
    assert.equal(again.code, 0, again.stderr);
    assert.equal(count(folder, "live_event", "session_id = 1"), 0);
    assert.deepEqual(query(folder, "SELECT * FROM live_event WHERE session_id = 2"), kept);
  });
});

Deno.test("The sums of viewers over all lives stay when their sessions are deleted, and viewer says so", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, {});
    await makeOldAndNew(folder, 10);
    const list = async () => JSON.parse((await livecue(folder, "viewers", "--top", "1000", "--json")).stdout);
    const before = await list();
    assert.equal((await livecue(folder, "prune", "--keep", "90d", "--yes")).code, 0);
    assert.ok(before.length > 0);
    assert.deepEqual(await list(), before);
    const [gone] = query(
      folder,
      "SELECT platform || ':' || user_id AS id FROM viewer WHERE id NOT IN (SELECT viewer_id FROM viewer_live)",
    );
    const { stdout } = await livecue(folder, "viewer", String(gone!.id));
    assert.match(
      stdout,
      /^Lives 1, gifts \d+, .*\nThe sessions with this viewer were deleted as old; the sums stay\.\n$/m,
    );
  });
});
