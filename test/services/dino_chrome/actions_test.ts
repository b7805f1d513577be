/** What viewers make the dino do, read back from the game itself. */
import assert from "node:assert/strict";
import type { LiveEvent, User } from "../../../src/event.ts";
import { countJumps, ignore, look, shown, until, withDino } from "../../support/dino_under_test.ts";
import { makeEvent, makeGift } from "../../support/events.ts";

const named = (nickname: string): User => ({
  id: nickname,
  uniqueId: nickname,
  nickname,
  avatarUrl: "",
  roles: [],
});
const say = (comment: string, name = "Ana"): LiveEvent =>
  makeEvent({ data: { comment, language: "en", emotes: [] }, user: named(name) });

Deno.test({
  name: "A comment makes it jump, and jumps that wait become one with their number and the names of all",
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
    await until(page, "globalThis.jumps === 1 && game.tRex.jumping");
    // The items end although the dino is in the air.
    assert.deepEqual(await tested.feed.add(2, makeGift({ count: 5, user: named("Bo") })), {
      kind: "completed",
    });
    assert.deepEqual(await tested.feed.add(3, say("salta", "Cy")), { kind: "completed" });
    assert.deepEqual(await tested.feed.add(4, say("hello", "Di")), { kind: "completed" });
    await page.waitForFunction(`${shown}.querySelector(".burst")?.textContent === "×6"`, { polling: "raf" });
    const lines = await page.evaluate(`[...${shown}.querySelectorAll(".action")].at(-1).textContent`);
    assert.equal(lines, "Bo+1jump×6");
    await until(page, "!game.tRex.jumping");
    assert.equal((await look(page)).jumps, 2);
  });
});

Deno.test({
  name: "Speed, gravity, night and ducking apply beside one another after their items, and end in their time",
  ignore,
}, async () => {
  const rules = [
    { when: "GiftEvent", do: { action: "speed", by: 5, seconds: 2 } },
    { when: "FollowEvent", do: { action: "moon_gravity", seconds: 2 } },
    { when: "ShareEvent", do: { action: "night", seconds: 2 } },
    { when: "CommentEvent", do: { action: "duck", seconds: 0.5 } },
  ];
  await withDino({ rules }, async ({ tested, browser }) => {
    const page = await browser.page();
    await until(page, "game.playCount === 1 && !game.tRex.jumping");
    await page.evaluate("Runner.getInstance().config.clearTime = 1e9");
    const before = await look(page);
    const done = { kind: "completed" };

    assert.deepEqual(await tested.feed.add(1, say("duck")), done);
    await until(page, "game.tRex.ducking");
    await until(page, "!game.tRex.ducking");
    assert.deepEqual(await tested.feed.add(2, makeGift()), done);
    const moon = makeEvent({ type: "FollowEvent", data: { followerCount: 1 } });
    assert.deepEqual(await tested.feed.add(3, moon), done);
    assert.deepEqual(await tested.feed.add(4, makeEvent({ type: "ShareEvent" })), done);
    await until(
      page,
      `game.currentSpeed > ${before.speed + 4.5} && game.tRex.config.gravity < ${before.gravity / 2} ` +
        "&& game.inverted && game.tRex.jumping",
    );
    await until(page, `!game.inverted && game.tRex.config.gravity === ${before.gravity}`);
    const { speed } = await look(page);
    assert(speed < before.speed + 1, `${speed}`);
  });
});
