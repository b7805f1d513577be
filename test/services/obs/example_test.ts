/** The service's block, as it stands, with an OBS that has what its comments ask for; and the whole program over it. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { commentOf } from "../../support/captured_events.ts";
import { makeEvent, makeGift } from "../../support/events.ts";
import { FakeObs } from "../../support/fake_obs.ts";
import { query, startLivecue, writeConfig } from "../../support/livecue.ts";
import { obsModule, onWords, startObs } from "../../support/obs_under_test.ts";
import { writeRecording } from "../../support/recording.ts";
import { blockService } from "../../support/service_blocks.ts";
import { withFolder } from "../../support/temporary_store.ts";

const exampleBlock = () => blockService("obs");

Deno.test("The example may talk to OBS, and do nothing else", () => {
  const { permissions } = exampleBlock();
  const no = { read: false, write: false, env: false, run: false, sys: false };
  assert.deepEqual(permissions, { net: ["127.0.0.1:4455"], ...no });
});

Deno.test("The example's rules are a show, in an OBS that has what its comments ask for", async () => {
  const { options, subscriptions } = exampleBlock();
  await using obs = new FakeObs({
    scenes: { Main: { Confetti: false }, Party: {} },
    inputs: { "Last gift": "text_gdiplus_v3", "Last follower": "text_gdiplus_v3", Fanfare: "ffmpeg_source" },
  });
  await using tested = await startObs(obs, { ...options, port: obs.port });
  const rose = await tested.feed.add(1, makeGift({ count: 2 }));
  assert.deepEqual(rose, { kind: "completed" });
  await tested.feed.add(2, makeEvent({ type: "FollowEvent", data: { followerCount: 1 } }));
  await tested.feed.add(
    3,
    makeEvent({ type: "SubscribeEvent", data: { months: 1, isGifted: false, count: 1, isSuperFan: false } }),
  );
  void tested.feed.add(4, makeGift({ count: 1000 }));
  await obs.changed("scene Party");
  assert.deepEqual(obs.changes, [
    "text Last gift = Last gift: Ana Rose x2",
    "text Last follower = Last follower: Ana",
    "play Fanfare",
    "text Last gift = Last gift: Ana Rose x1000",
    "show Main/Confetti",
    "scene Party",
  ]);
  assert.deepEqual(tested.log.entries.filter(({ level }) => level !== "info"), []);
  assert(Object.values(subscriptions).every((each) => each?.isAsync));
});

Deno.test("Livecue is killed in the middle of a show, started again, and stopped: all is put back, and nothing is repeated", async () => {
  await using obs = new FakeObs({ scenes: { Main: { Rose: false } } });
  await withFolder(async (folder) => {
    writeConfig(folder, {
      services: {
        obs: {
          service_class: obsModule,
          permissions: { net: [`127.0.0.1:${obs.port}`] },
          options: {
            port: obs.port,
            rules: onWords({ rose: { action: "show", source: "Rose", seconds: 600 } }),
          },
          subscriptions: { CommentEvent: { is_async: true } },
        },
      },
    });
    const source = await writeRecording(folder, [commentOf("rose")]);
    const killed = startLivecue(folder, "start", "--source", source, "--plain");
    await obs.changed("show Main/Rose");
    const isDone = () => query(folder, "SELECT 1 FROM event_queue WHERE status = 'completed'").length > 0;
    while (!isDone()) await setImmediate();
    killed.kill("SIGKILL");
    await killed.ended;
    assert(obs.isShown("Main", "Rose"));

    // It is not shown a second time.
    const again = startLivecue(folder, "work");
    await again.line(/Connected to OBS/);
    again.kill("SIGTERM");
    const { code, stderr } = await again.ended;
    assert.equal(code, 0, stderr);
    assert(!obs.isShown("Main", "Rose"));
    const [item] = query<{ status: string }>(folder, "SELECT status FROM event_queue");
    assert.equal(item?.status, "completed");
    assert.deepEqual(obs.changes, ["show Main/Rose", "hide Main/Rose"]);
  });
});
