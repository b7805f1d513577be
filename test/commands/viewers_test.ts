/** `viewers` and `viewer`, of the whole program. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { livecue, query, startLivecue, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

const calm = fileURLToPath(new URL("../data/calm.jsonl", import.meta.url));
const replay = ["--source", `replay:${calm}`, "--speed", "max"];

interface Listed {
  platform: string;
  userId: string;
  uniqueId: string;
  nickname: string;
  lives: number;
  gifts: number;
  diamonds: number;
  comments: number;
}

/** The same sums, added up from the events themselves. */
const sumsSql = `SELECT user_id AS userId, count(DISTINCT session.live_id) AS lives,
    coalesce(sum(streak_delta) FILTER (WHERE event_type = 'GiftEvent'), 0) AS gifts,
    coalesce(sum(streak_delta * (event_data ->> '$.gift.diamondCount'))
      FILTER (WHERE event_type = 'GiftEvent'), 0) AS diamonds,
    count(*) FILTER (WHERE event_type = 'CommentEvent') AS comments
  FROM live_event JOIN live_session AS session ON session.id = session_id
  WHERE user_id IS NOT NULL GROUP BY user_id ORDER BY user_id`;

async function listed(folder: string, ...args: string[]): Promise<Listed[]> {
  const { code, stdout, stderr } = await livecue(folder, "viewers", "--json", ...args);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  return JSON.parse(stdout);
}

Deno.test("viewers has each viewer of two lives with the sums of all events, after a kill too", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, { services: {} });
    assert.equal((await livecue(folder, "start", ...replay)).code, 0);
    const second = startLivecue(folder, "start", "--source", `replay:${calm}`, "--speed", "max", "--verbose");
    await second.line(/has ended|stored/);
    second.kill("SIGKILL");
    await second.ended;
    const viewers = await listed(folder, "--top", "1000");
    const sums = viewers.map(({ userId, lives, gifts, diamonds, comments }) => ({
      userId,
      lives,
      gifts,
      diamonds,
      comments,
    })).sort((a, b) => a.userId < b.userId ? -1 : 1);
    assert.ok(sums.length > 2);
    assert.deepEqual(sums, query(folder, sumsSql).map((row) => ({ ...row })));
    const diamonds = viewers.map((viewer) => viewer.diamonds);
    assert.deepEqual(diamonds, diamonds.toSorted((a, b) => b - a));
  });
});

Deno.test("viewer shows one viewer's sums, lives, names and comments, and says whom a name may mean", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, { services: {} });
    await livecue(folder, "start", ...replay);
    const [first] = (await listed(folder, "--top", "1000")).filter(({ comments }) => comments > 0);
    const { userId, nickname, platform, diamonds } = first!;
    const shown = await livecue(folder, "viewer", nickname);
    assert.deepEqual({ code: shown.code, stderr: shown.stderr }, { code: 0, stderr: "" });
    assert.ok(shown.stdout.includes(`${platform}:${userId}`), shown.stdout);
    assert.match(shown.stdout, new RegExp(`Lives 1, gifts \\d+, diamonds ${diamonds}, comments`));
    assert.match(shown.stdout, /The last comments, the latest first:\n\d/);
    const nobody = await livecue(folder, "viewer", "no such viewer");
    assert.equal(nobody.code, 2);
    assert.match(nobody.stderr, /No viewer has or had the name "no such viewer"\. .*viewers --search/);
    const none = await livecue(folder, "viewers", "--search", "no such viewer");
    assert.equal(none.stdout, 'No viewer has or had "no such viewer" in a name.\n');
  });
});
