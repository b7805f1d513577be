/** Kills of the whole program while viewers earn, give and spend. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { CapturedEvent } from "../../../src/source.ts";
import { Choices } from "../../support/kill_scene.ts";
import { ana, ben, commentOf } from "../../support/captured_events.ts";
import { livecue, query, startLivecue, writeConfig } from "../../support/livecue.ts";
import { writeRecording } from "../../support/recording.ts";
import { randomFrom } from "../../support/rooms_scene.ts";
import { withFolder } from "../../support/temporary_store.ts";

const serviceClass = fileURLToPath(new URL("../../../services/points/main.ts", import.meta.url));
const rounds = 60;
const cost = 7;

/** Ana gets 10 a round and gives Ben 4; both buy what they can. */
function show(): CapturedEvent[] {
  const rose = { id: 1, name: "Ten", diamondCount: 10, isStreakable: false, imageUrl: "" };
  const room = commentOf("x").roomId;
  return Array.from({ length: rounds }, (_, round): CapturedEvent[] =>
    [
      {
        type: "GiftEvent",
        data: { gift: rose, repeatCount: 1, receiver: null },
        roomId: room,
        messageId: `gift ${round}`,
        createdAt: 1_760_000_000_000 + round * 1000,
        user: ana,
        streak: { kind: "gift", groupId: null, count: 1, isEnd: true },
      },
      { ...commentOf("!give @ben 4"), messageId: `give ${round}`, user: ana },
      { ...commentOf("!buy"), messageId: `ana buys ${round}`, user: ana },
      { ...commentOf("!buy"), messageId: `ben buys ${round}`, user: ben },
    ] as CapturedEvent[]).flat();
}

Deno.test("Kills at any moment lose no points, count none twice, and each reward that was paid is emitted once", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, {
      services: {
        points: {
          service_class: serviceClass,
          emits: ["PointsSpentEvent", "PointsAnswerEvent"],
          max_crashes: 50,
          max_queue_size: 1000,
          options: { per_comment: 0, per_minute: 0, rewards: [{ command: "!buy", cost }] },
          subscriptions: { GiftEvent: { priority: 5 }, CommentEvent: { priority: 5 } },
        },
      },
    });
    const source = await writeRecording(folder, show());
    assert.equal((await livecue(folder, "capture", "--source", source, "--speed", "max")).code, 0);
    const choices = new Choices(randomFrom(11));
    let killed = 0;
    for (let cut = 0; cut < 4; cut++) {
      const running = startLivecue(folder, "work", "--drain");
      const talk = running.line(/gives|has only|costs/).catch(() => {});
      await Promise.race([talk, running.ended]);
      for (let turn = choices.whole(60); turn > 0; turn--) await nextTurn();
      try {
        running.kill("SIGKILL");
      } catch (error) {
        // It has come to its end.
        if (!(error instanceof TypeError)) throw error;
      }
      if ((await running.ended).code === 137) killed++;
    }
    assert.ok(killed > 0);
    const { code, stderr } = await livecue(folder, "work", "--drain");
    assert.equal(code, 0, stderr);
    const spent = query<{ user: string; count: number }>(
      folder,
      "SELECT user_id AS user, count(*) AS count FROM live_event WHERE event_type = 'PointsSpentEvent' GROUP BY 1",
    );
    const spentBy = (user: string) => spent.find((row) => row.user === user)?.count ?? 0;
    const database = new DatabaseSync(join(folder, "data", "points", "data.db"), { readOnly: true });
    const sum = (sql: string, ...values: string[]) =>
      Number(Object.values(database.prepare(sql).get(...values)!)[0]);
    const given = sum("SELECT count(*) FROM entry WHERE reason = 'given'");
    for (const [user, earned] of [[ana.id, rounds * 10 - given * 4], [ben.id, given * 4]] as const) {
      const balance = sum("SELECT points FROM account WHERE user_id = ?", user);
      assert.equal(balance, earned - spentBy(user) * cost, user);
      assert.ok(balance >= 0);
      assert.equal(sum("SELECT sum(amount) FROM entry WHERE user_id = ?", user), balance);
    }
    assert.ok(given > 0 && spentBy(ana.id) > 0 && spentBy(ben.id) > 0);
    assert.equal(
      sum("SELECT count(*) FROM entry WHERE reason LIKE 'spent%'"),
      spentBy(ana.id) + spentBy(ben.id),
    );
    database.close();
  });
});
