/** Notes and blocks, of the whole program, also while Livecue runs. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { livecue, query, startLivecue, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

const calm = fileURLToPath(new URL("../data/calm.jsonl", import.meta.url));
const dummy = fileURLToPath(new URL("../../services/dummy.ts", import.meta.url));
const services = { dummy: { service_class: dummy, subscriptions: { CommentEvent: {} } } };
const itemsOf = `SELECT user_id AS user, count(*) AS count FROM event_queue
  JOIN live_event AS event ON event.id = live_event_id WHERE user_id = ? GROUP BY 1`;

async function run(folder: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await livecue(folder, ...args);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" }, args.join(" "));
  return stdout;
}

Deno.test("A blocked viewer's events are stored and no service gets them, and an unblocked viewer's are acted on", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, { services });
    const capture = ["capture", "--source", `replay:${calm}`, "--speed", "max"];
    await run(folder, ...capture);
    const [{ user, said }] = query<{ user: string; said: number }>(
      folder,
      `SELECT user_id AS user, count(*) AS said FROM live_event WHERE event_type = 'CommentEvent'
        GROUP BY 1 ORDER BY 2 DESC LIMIT 1`,
    ) as [{ user: string; said: number }];
    assert.match(
      await run(folder, "viewer", "note", user, "likes", "cats;", "'quotes'"),
      /has the note: likes cats; 'quotes'/,
    );
    const refused = await livecue(folder, "viewer", "note", user, "x".repeat(501));
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /A note has at most 500 characters, and this one has 501\./);
    assert.match(await run(folder, "viewer", "block", user), /is blocked/);
    await run(folder, ...capture);
    const stored =
      `SELECT count(*) AS count FROM live_event WHERE user_id = ? AND event_type = 'CommentEvent'`;
    assert.equal(query<{ count: number }>(folder, stored, user)[0]?.count, 2 * said);
    assert.equal(query<{ count: number }>(folder, itemsOf, user)[0]?.count, said);
    // Those that waited when the viewer was blocked are not acted on either.
    const { code, stderr } = await livecue(folder, "work", "--drain");
    assert.equal(code, 0);
    assert.match(stderr, /failed: You have blocked this viewer, so no service gets the event\./);
    const states = `SELECT DISTINCT status, error FROM event_queue
      JOIN live_event AS event ON event.id = live_event_id WHERE user_id = ?`;
    assert.deepEqual(query(folder, states, user).map((row) => ({ ...row })), [
      { status: "failed", error: "You have blocked this viewer, so no service gets the event." },
    ]);
    assert.match(await run(folder, "viewer", user), /blocked\nNote: likes cats; 'quotes'/);
    await run(folder, "viewer", "note", user);
    await run(folder, "viewer", "unblock", user);
    await run(folder, ...capture);
    assert.equal(query<{ count: number }>(folder, itemsOf, user)[0]?.count, 2 * said);
    assert.doesNotMatch(await run(folder, "viewer", user), /blocked|Note/);
  });
});

Deno.test("A running Livecue follows a block within seconds, and keeps it", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, { services });
    await run(folder, "capture", "--source", `replay:${calm}`, "--speed", "max");
    const [{ user }] = query<{ user: string }>(
      folder,
      "SELECT user_id AS user FROM live_event WHERE event_type = 'CommentEvent' LIMIT 1",
    ) as [{ user: string }];
    const running = startLivecue(folder, "work");
    await running.line(/dummy/);
    assert.match(await run(folder, "viewer", "block", user), /is blocked: events are stored/);
    assert.deepEqual(query(folder, "SELECT is_blocked FROM viewer_mark").map((row) => ({ ...row })), [
      { is_blocked: 1 },
    ]);
    assert.deepEqual([...Deno.readDirSync(`${folder}/livecue.db.marks`)], []);
    running.kill("SIGINT");
    await running.ended;
  });
});
