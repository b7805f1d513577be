/** The whole program while it is suspended for longer than any of its limits, as when a computer sleeps. */
import assert from "node:assert/strict";
import { commentOf, sampleOf } from "../support/captured_events.ts";
import { FakeTikTok } from "../support/fake_tiktok.ts";
import { Gate } from "../support/gate.ts";
import { query, type Running, startLivecue, writeConfig } from "../support/livecue.ts";
import { standStill } from "../support/stand_still.ts";
import { withFolder } from "../support/temporary_store.ts";

/** Longer than each limit here. */
const absenceMs = 7_500;
const limits = { silence_seconds: 6, timeout_ms: 6_000 };

interface Scene {
  folder: string;
  tiktok: FakeTikTok;
  gate: Gate;
  running: Running;
}

/** Runs `use` during a live with a service in a worker and one in a process, each while it handles an item. */
async function onLive(use: (scene: Scene) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const tiktok = new FakeTikTok();
    await using gate = new Gate();
    const { silence_seconds, timeout_ms } = limits;
    const settings = { timeout_ms, subscriptions: { GiftEvent: {} } };
    writeConfig(folder, {
      tiktok: { user: tiktok.username, endpoints: tiktok.endpoints, silence_seconds },
      services: {
        worker: gate.service(settings),
        process: gate.service({ ...settings, isolation: "process" }),
      },
    });
    const running = startLivecue(folder, "start", "--plain", "--verbose");
    try {
      await use({ folder, tiktok, gate, running });
    } finally {
      await tiktok.close();
    }
  });
}

function count(folder: string, sql: string): number {
  return Number(query<{ count: number }>(folder, `SELECT count(*) AS count FROM ${sql}`)[0]?.count);
}

Deno.test("A program that was suspended reads what has arrived, and keeps its connection, workers and items", async () => {
  await onLive(async ({ folder, tiktok, gate, running }) => {
    const connection = await tiktok.nextConnection();
    connection.send([{ ...sampleOf("GiftEvent"), createdAt: Date.now() }]);
    await gate.arrival(2);
    const standing = standStill(running, absenceMs);
    for (let sent = 0; sent < 2_000; sent += 4) {
      connection.send([0, 1, 2, 3].map((index) => commentOf(`comment ${sent + index}`)));
    }
    await standing;
    await running.line(/comment 1999|Attempt 1/);
    gate.open();
    running.kill("SIGINT");
    const { code, stdout, stderr } = await running.ended;
    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(count(folder, "live_event WHERE event_type = 'CommentEvent'"), 2_000);
    assert.equal(count(folder, "live_session"), 1);
    const items = query(folder, "SELECT status, attempts, failures, crashes FROM event_queue");
    const whole = { status: "completed", attempts: 1, failures: 0, crashes: 0 };
    assert.deepEqual(items.map((item) => ({ ...item })), [whole, whole]);
    assert.doesNotMatch(stdout, /sent nothing|closed the connection|not answered|timed out/);
  });
});

Deno.test("A connection that was closed while the program was suspended is opened again at once, with the reason", async () => {
  await onLive(async ({ folder, tiktok, gate, running }) => {
    gate.open();
    const connection = await tiktok.nextConnection();
    connection.send([commentOf("before")]);
    await running.line(/before/);
    const standing = standStill(running, 4_000);
    connection.send([commentOf("meanwhile")]);
    connection.drop();
    await standing;
    const told = await running.line(/closed the connection/);
    assert.match(
      told,
      /Livecue did not run for [34] s, perhaps because the computer slept\. TikTok closed the connection \(code \d+\)\. Attempt 1/,
    );
    (await tiktok.nextConnection()).send([commentOf("afterwards")]);
    await running.line(/afterwards/);
    running.kill("SIGINT");
    assert.equal((await running.ended).code, 0);
    assert.equal(count(folder, "live_event WHERE event_type = 'CommentEvent'"), 3);
  });
});
