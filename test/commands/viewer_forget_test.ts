/** `viewer forget`, of the whole program: nothing of the person stays in the database or with the services. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CapturedEvent } from "../../src/source.ts";
import { ana, ben, commentOf } from "../support/captured_events.ts";
import { livecue, query, startLivecue, writeConfig } from "../support/livecue.ts";
import { writeRecording } from "../support/recording.ts";
import { withFolder } from "../support/temporary_store.ts";

const points = fileURLToPath(new URL("../../services/points/main.ts", import.meta.url));
const services = {
  points: {
    service_class: points,
    emits: ["PointsSpentEvent", "PointsAnswerEvent"],
    options: { rewards: [{ command: "!buy", cost: 1 }] },
    subscriptions: { GiftEvent: {}, CommentEvent: {} },
  },
};

function show(): CapturedEvent[] {
  const rose = { id: 1, name: "Ten", diamondCount: 10, isStreakable: true, imageUrl: "" };
  const said = commentOf("a secret of mine");
  return [
    {
      type: "GiftEvent",
      data: { gift: rose, repeatCount: 3, receiver: null },
      roomId: said.roomId,
      messageId: "1",
      createdAt: 1_760_000_000_000,
      user: ana,
      streak: { kind: "gift", groupId: "77", count: 3, isEnd: true },
    },
    { ...said, messageId: "2", user: ana },
    { ...commentOf("!buy my secret"), messageId: "3", user: ana },
    { ...commentOf("I am Ben"), messageId: "4", user: ben },
  ] as CapturedEvent[];
}

/** The bytes of the files of the database and of the service, as text. */
function everything(folder: string): string {
  const names = ["livecue.db", "data/points/data.db", "livecue.db-wal", "data/points/data.db-wal"];
  const decoder = new TextDecoder("latin1");
  return names.map((name) => {
    try {
      return decoder.decode(Deno.readFileSync(join(folder, name)));
    } catch {
      return "";
    }
  }).join("\n");
}

Deno.test("Of a forgotten viewer the counts stay, and no name, text or id, not in the free parts of the files either", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, { services });
    const source = await writeRecording(folder, show());
    await livecue(folder, "capture", "--source", source, "--speed", "max");
    assert.equal((await livecue(folder, "work", "--drain")).code, 0);
    await livecue(folder, "viewer", "note", ana.id, "a secret note");
    const asked = await livecue(folder, "viewer", "forget", ana.id);
    assert.equal(asked.code, 2);
    assert.match(asked.stderr, /asks before it changes anything/);
    const before = everything(folder);
    for (const trace of [ana.id, ana.avatarUrl, "secret"]) assert.ok(before.includes(trace), trace);

    const { code, stdout, stderr } = await livecue(folder, "viewer", "forget", ana.id, "--yes");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /The viewer is forgotten: \d+ events/);
    assert.match(stdout, /points: The viewer's points are deleted\./);
    assert.match(stdout, /Recordings, exports, reports, backups/);
    const after = everything(folder);
    for (const trace of [ana.id, ana.avatarUrl, "secret"]) assert.ok(!after.includes(trace), trace);

    const viewers = query<{ user_id: string; nickname: string; diamonds: number }>(
      folder,
      "SELECT user_id, nickname, diamonds FROM viewer ORDER BY diamonds DESC",
    );
    assert.equal(viewers.length, 2);
    assert.match(viewers[0]!.user_id, /^forgotten-/);
    assert.deepEqual([viewers[0]!.nickname, viewers[0]!.diamonds], ["", 30]);
    assert.equal(viewers[1]!.user_id, ben.id);
    assert.equal((await livecue(folder, "check")).code, 0);
    const events = await livecue(folder, "events");
    assert.match(events.stdout, /I am Ben/);
    assert.doesNotMatch(events.stdout, /cannot be read/);
    assert.equal((await livecue(folder, "viewer", ana.id)).code, 2);
  });
});

Deno.test("Nobody is forgotten while Livecue runs, and nothing is changed", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, { services: {} });
    const source = await writeRecording(folder, show());
    await livecue(folder, "capture", "--source", source, "--speed", "max", "--database", "livecue.db");
    await livecue(folder, "viewers");
    const running = startLivecue(folder, "demo", "--plain");
    await running.line(/Ana|joined|liked/);
    const { code, stderr } = await livecue(folder, "viewer", "forget", ana.id, "--yes");
    assert.equal(code, 2);
    assert.match(stderr, /is in use by another Livecue/);
    running.kill("SIGINT");
    await running.ended;
    assert.match((await livecue(folder, "viewer", ana.id)).stdout, /a secret of mine/);
  });
});
