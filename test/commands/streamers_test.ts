/** The whole program with many rooms in one file: the list of streamers, a run, a command beside it, and a kill. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { systemClock } from "../../src/clock.ts";
import type { CapturedEvent } from "../../src/source.ts";
import { commentOf } from "../support/captured_events.ts";
import { FakeTikTok } from "../support/fake_tiktok.ts";
import { livecue, query, startLivecue, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

const talkative = `import { BaseQueueService, type LiveEvent } from "livecue/service";
export default class Talkative extends BaseQueueService {
  override processEvent(event: LiveEvent): boolean {
    this.log.info(event.type === "CommentEvent" ? event.data.comment : event.type);
    return true;
  }
}`;

async function withStreamers(
  use: (parts: { folder: string; tiktok: FakeTikTok; run: typeof succeed }) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const tiktok = new FakeTikTok();
    writeConfig(folder, {
      tiktok: { endpoints: tiktok.endpoints },
      services: {
        talkative: {
          service_class: "./talkative.ts",
          isolation: "shared",
          subscriptions: { CommentEvent: {} },
        },
      },
    });
    Deno.writeTextFileSync(join(folder, "talkative.ts"), talkative);
    try {
      await use({ folder, tiktok, run: succeed });
    } finally {
      await tiktok.close();
    }
  });
}

async function succeed(folder: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await livecue(folder, ...args);
  assert.equal(code, 0, `${args.join(" ")}:\n${stdout}${stderr}`);
  return stdout;
}

/** Now: what happened before the connection is history. */
function said(text: string, messageId: string): CapturedEvent {
  return { ...commentOf(text), messageId, createdAt: systemClock.now() + 1_000 };
}

Deno.test("One computer captures many streamers into a file; commands beside it change the list", async () => {
  await withStreamers(async ({ folder, tiktok, run }) => {
    const { username } = tiktok;
    assert.match(await run(folder, "streamers", "add", username), /^Added: @/);
    const nobody = new RegExp(`^@${username} +none yet`, "m");
    assert.match(await run(folder, "streamers"), nobody);
    const first = startLivecue(folder, "start", "--all", "--name", "studio");
    await first.line(new RegExp(`@${username} is captured here`));
    (await tiktok.nextConnection()).send([said("before the kill", "1")]);
    await first.line(/talkative.*before the kill/);
    assert.match(await run(folder, "streamers"), new RegExp(`^@${username} +studio`, "m"));

    await run(folder, "streamers", "add", "ben");
    await first.line(/@ben is captured here/);
    await tiktok.nextConnection();
    await run(folder, "streamers", "remove", "ben");
    await first.line(/@ben was removed/);
    const moved = await livecue(folder, "streamers", "move", username, "studio-2");
    assert.equal(moved.code, 2);
    assert.match(moved.stderr, /is a file of this computer, so no other machine can capture/);

    first.kill("SIGKILL");
    await first.ended;
    assert.match(await run(folder, "streamers"), nobody);
    const second = startLivecue(folder, "start", "--all", "--name", "studio");
    (await tiktok.nextConnection()).send([said("before the kill", "1"), said("after the kill", "2")]);
    await second.line(/talkative.*after the kill/);
    second.kill("SIGTERM");
    assert.equal((await second.ended).code, 0);
    const rows = query(
      folder,
      `SELECT streamer, session.status AS session, item.status AS item FROM event_queue AS item
        JOIN live_event AS event ON event.id = live_event_id JOIN live_session AS session ON session.id = session_id`,
    ).map((row) => Object.values(row));
    assert.deepEqual(rows, [[username, "aborted", "completed"], [username, "completed", "completed"]]);
    const one = await livecue(folder, "start", "--plain", "--username", username);
    assert.equal(one.code, 2);
    assert.match(one.stderr, /holds the rooms of several streamers\. Capture them with "start --all"/);
  });
});

Deno.test("A Livecue for one streamer takes no others, and a command says so", async () => {
  await withStreamers(async ({ folder, tiktok, run }) => {
    const one = startLivecue(folder, "start", "--plain", "--username", tiktok.username);
    await tiktok.nextConnection();
    const refused = await livecue(folder, "streamers", "add", "ben");
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /does not take streamers\. Stop it, or start it again with "start --all"/);
    one.kill("SIGTERM");
    await one.ended;
    assert.match(await run(folder, "streamers"), /There are no streamers yet/);
  });
});
