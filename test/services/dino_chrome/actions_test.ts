/** What viewers make the dino do, read back from the game itself. */
import assert from "node:assert/strict";
import type { LiveEvent } from "../../../src/event.ts";
import { countJumps, ignore, look, until, withDino } from "../../support/dino_under_test.ts";
import { makeEvent, makeGift } from "../../support/events.ts";

const say = (comment: string): LiveEvent => makeEvent({ data: { comment, language: "en", emotes: [] } });

Deno.test({
  name: "A comment makes it jump, a gift of five roses five times, each until it has landed",
  ignore,
}, async () => {
  const rules = [
    { when: "CommentEvent", if: { words: ["salta"] }, do: { action: "jump" } },
    { when: "GiftEvent", if: { gift: "rose" }, do: { action: "jump", times: "count" } },
  ];
  await withDino({ rules }, async ({ tested, browser }) => {
    const page = await browser.page();
    await until(page, "game.playCount === 1 && !game.tRex.jumping");
    // Long enough without obstacles for all of them.
    await page.evaluate("Runner.getInstance().config.clearTime = 1e9");
    await countJumps(page);
    assert.deepEqual(await tested.feed.add(1, say("¡SALTA!")), { kind: "completed" });
    const once = await look(page);
    assert.deepEqual([once.jumps, once.isJumping], [1, false]);
    assert.deepEqual(await tested.feed.add(2, makeGift({ count: 5 })), { kind: "completed" });
    assert.equal((await look(page)).jumps, 6);
    assert.deepEqual(await tested.feed.add(3, say("hello")), { kind: "completed" });
    assert.equal((await look(page)).jumps, 6);
  });
});

Deno.test({
  name: "Speed, gravity, night and ducking come, and are put back when their time is over",
  ignore,
}, async () => {
  const rules = [
    { when: "GiftEvent", do: { action: "speed", by: 5, seconds: 0.5 } },
    { when: "FollowEvent", do: { action: "moon_gravity", seconds: 0.5 } },
    { when: "ShareEvent", do: { action: "night", seconds: 0.5 } },
    { when: "CommentEvent", do: { action: "duck", seconds: 0.5 } },
  ];
  await withDino({ rules }, async ({ tested, browser }) => {
    const page = await browser.page();
    await until(page, "game.playCount === 1 && !game.tRex.jumping");
    await page.evaluate("Runner.getInstance().config.clearTime = 1e9");
    const before = await look(page);

    const faster = tested.feed.add(1, makeGift());
    await until(page, `game.currentSpeed > ${before.speed + 4.5}`);
    assert.deepEqual(await faster, { kind: "completed" });
    const { speed } = await look(page);
    assert(speed < before.speed + 1, `${speed}`);

    const moon = tested.feed.add(2, makeEvent({ type: "FollowEvent", data: { followerCount: 1 } }));
    await until(page, `game.tRex.config.gravity < ${before.gravity / 2} && game.tRex.jumping`);
    assert.deepEqual(await moon, { kind: "completed" });
    assert.equal((await look(page)).gravity, before.gravity);

    const night = tested.feed.add(3, makeEvent({ type: "ShareEvent" }));
    await until(page, "game.inverted");
    assert.deepEqual(await night, { kind: "completed" });
    assert.equal((await look(page)).isNight, false);

    const duck = tested.feed.add(4, say("duck"));
    await until(page, "game.tRex.ducking");
    assert.deepEqual(await duck, { kind: "completed" });
    assert.equal((await look(page)).isDucking, false);
  });
});
