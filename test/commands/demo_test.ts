/** The seed of a made-up live. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { livecue, query, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

const dummy = fileURLToPath(new URL("../../services/dummy.ts", import.meta.url));
const services = {
  dummy: { service_class: dummy, max_queue_size: 10_000, subscriptions: { CommentEvent: {}, LikeEvent: {} } },
};

/** Runs `demo` in a new folder. `rows` are the stored values that do not depend on the clock. */
async function demo(...args: string[]): Promise<{ stdout: string; rows: string[] }> {
  const made = { stdout: "", rows: [] as string[] };
  await withFolder(async (folder) => {
    writeConfig(folder, { services });
    const { code, stdout, stderr } = await livecue(folder, "demo", "--for", "1", "--rate", "100", ...args);
    assert.equal(code, 0, stderr);
    assert.equal(stderr, "");
    made.stdout = stdout;
    made.rows = query(
      folder,
      `SELECT concat_ws(' ', event_type, user_unique_id, event_data, streak_count, streak_delta) AS line
        FROM live_event ORDER BY id`,
    ).map(({ line }) => String(line));
  });
  return made;
}

Deno.test("demo makes the same live with the same seed, and another one with another seed", async () => {
  const [first, again, other] = await Promise.all([
    demo("--seed", "9"),
    demo("--seed", "9"),
    demo("--seed", "8"),
  ]);
  const common = Math.min(first.rows.length, again.rows.length, other.rows.length);
  assert.ok(common > 20, `${common} events`);
  assert.deepEqual(again.rows.slice(0, common), first.rows.slice(0, common));
  assert.notDeepEqual(other.rows.slice(0, common), first.rows.slice(0, common));
});

Deno.test("demo without a seed logs the seed that makes the same live again", async () => {
  const first = await demo();
  const [, seed = ""] = first.stdout.match(/--seed (\d+) repeats it/) ?? [];
  const again = await demo("--seed", seed);
  const common = Math.min(first.rows.length, again.rows.length);
  assert.ok(common > 20, `${common} events`);
  assert.deepEqual(again.rows.slice(0, common), first.rows.slice(0, common));
});
