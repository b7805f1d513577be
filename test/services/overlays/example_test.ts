/** The service's block, as it stands; and the whole program, killed over it. */
import assert from "node:assert/strict";
import { pictureHosts } from "livecue/pages";
import type { TimerState } from "../../../services/overlays/games/timer.ts";
import type { KeptTally } from "../../../services/overlays/tally.ts";
import { makeEvent, makeGift } from "../../support/events.ts";
import { query, startLivecue, writeConfig } from "../../support/livecue.ts";
import { OverlayPage, overlays, startOverlays } from "../../support/overlays.ts";
import { blockService } from "../../support/service_blocks.ts";
import { withFolder } from "../../support/temporary_store.ts";

const exampleBlock = () => blockService("overlays");

Deno.test("The example may listen on its own computer and load TikTok's pictures, and do nothing else", () => {
  const { permissions, options } = exampleBlock();
  const no = { read: false, write: false, env: false, run: false, sys: false };
  assert.deepEqual(permissions, { net: [`${options["host"]}:${options["port"]}`, ...pictureHosts], ...no });
});

Deno.test("The example's rules make alerts of gifts, follows, subscriptions and shares", async () => {
  const { tested, url } = await startOverlays({ ...exampleBlock().options, port: 0 });
  await using _ = tested;
  await using page = await OverlayPage.open(url, "?wants=alerts");
  assert.deepEqual(page.hello.goals.map(({ name }) => name), ["likes", "followers"]);
  const events = [
    makeGift(),
    makeGift({ count: 1000, streak: { id: "large", count: 1000, delta: 1000, hasEnded: true } }),
    makeEvent<"FollowEvent">({ type: "FollowEvent", data: { followerCount: 1 } }),
    makeEvent<"SubscribeEvent">({
      type: "SubscribeEvent",
      data: { months: 1, isGifted: false, count: 1, isSuperFan: false },
    }),
    makeEvent<"ShareEvent">({ type: "ShareEvent", data: { shareCount: 1 } }),
  ];
  for (const [index, event] of events.entries()) {
    const id = index + 1;
    void tested.feed.add(id, { ...event, id });
    const { alert } = await page.heard("event", (event) => event.id === id);
    assert.equal(alert?.durationSeconds, id === 2 ? 10 : null, event.type);
  }
});

Deno.test("After Livecue was killed in a flood, each event of the live counts exactly once", async () => {
  await withFolder(async (folder) => {
    const subscription = { is_async: true };
    writeConfig(folder, {
      services: {
        overlays: {
          service_class: overlays,
          permissions: { net: ["127.0.0.1:0"] },
          options: {
            port: 0,
            rules: [{ when: "GiftEvent", do: { timer: { add_seconds: 1, times: "count" } } }],
          },
          max_queue_size: 10_000,
          max_concurrency: 64,
          subscriptions: { LikeEvent: subscription, GiftEvent: subscription },
        },
      },
    });
    const demo = ["start", "--source", "demo", "--seed", "7", "--plain"];
    const killed = startLivecue(folder, ...demo, "--rate", "500");
    const page = await OverlayPage.open(await addressIn(killed.line(/how to put them/)));
    await page.heard("totals", ({ likes }) => likes > 1000);
    killed.kill("SIGKILL");
    await killed.ended;
    await page.ended();

    const again = startLivecue(folder, "work", "--drain");
    const { code, stderr } = await again.ended;
    assert.equal(code, 0, stderr);
    const [items] = query<{ status: string; likes: number; gifts: number }>(
      folder,
      `SELECT min(status) AS status, sum(iif(event_type = 'LikeEvent', event_queue.count, 0)) AS likes,
         sum(iif(event_type = 'GiftEvent', event_queue.count, 0)) AS gifts
       FROM event_queue JOIN live_event ON live_event.id = live_event_id`,
    );
    const { totals } = kept(folder, "tally 1") as KeptTally;
    const { state } = kept(folder, "game timer") as { state: TimerState };
    const gifts = state.addedMs / 1000;
    assert.deepEqual({ status: "completed", likes: totals.likes, gifts }, items && { ...items });
  });
});

/** What the service has stored under this key. */
function kept(folder: string, key: string): unknown {
  const [row] = query<{ value: string }>(folder, `SELECT value FROM service_state WHERE key = '${key}'`);
  return JSON.parse(row?.value ?? "");
}

async function addressIn(line: Promise<string>): Promise<string> {
  return (await line).match(/http:\/\/[^/]+/)?.[0] as string;
}
