/** The end of a run, and what actions are when one ends in their midst, read back from the game itself. */
import assert from "node:assert/strict";
import type { LiveEvent } from "../../../src/event.ts";
import { countJumps, crash, ignore, look, until, withDino } from "../../support/dino_under_test.ts";
import { makeEvent, makeGift } from "../../support/events.ts";

const say = (comment: string): LiveEvent => makeEvent({ data: { comment, language: "en", emotes: [] } });

Deno.test({
  name: "Without collisions it runs through a cactus, and with them again it crashes and starts anew",
  ignore,
}, async () => {
  const rules = [{ when: "GiftEvent", do: { action: "no_collisions", seconds: 3 } }];
  await withDino({ rules }, async ({ tested, browser }) => {
    const page = await browser.page();
    await until(page, "game.playCount === 1");
    // The first obstacle at once, and not one that flies over it.
    await page.evaluate("Runner.getInstance().config.clearTime = 0");
    assert.deepEqual(await tested.feed.add(1, makeGift()), { kind: "completed" });
    await until(page, "game.horizon.obstacles.some(({ xPos, width }) => xPos + width < game.tRex.xPos)");
    assert.equal((await look(page)).hasCrashed, false);
    await until(page, "game.crashed");
    await until(page, "game.playCount === 2 && game.playing");
  });
});

Deno.test({ name: "An item does not wait for a window that has no frames", ignore }, async () => {
  const rules = [{ when: "GiftEvent", do: { action: "night", seconds: 60 } }];
  await withDino({ rules }, async ({ tested, browser }) => {
    const page = await browser.page();
    await until(page, "game.playCount === 1");
    await page.evaluate("globalThis.requestAnimationFrame = () => 0");
    assert.deepEqual(await tested.feed.add(1, makeGift()), { kind: "completed" });
  });
});

Deno.test({
  name: "What comes between two runs is done in the next one, which restart begins as well",
  ignore,
}, async () => {
  const rules = [
    { when: "CommentEvent", do: { action: "jump" } },
    { when: "GiftEvent", do: { action: "restart" } },
  ];
  await withDino({ rules }, async ({ tested, browser }) => {
    const page = await browser.page();
    await until(page, "game.playCount === 1");
    await countJumps(page);
    await crash(page);
    assert.deepEqual(await tested.feed.add(1, say("jump")), { kind: "completed" });
    await until(page, "game.playCount === 2 && globalThis.jumps === 1");
    assert.deepEqual(await tested.feed.add(2, makeGift()), { kind: "completed" });
    await until(page, "game.playCount === 3");
  });
});

Deno.test({ name: "A window that loses the focus does not pause the game", ignore }, async () => {
  await withDino({}, async ({ browser }) => {
    const page = await browser.page();
    await until(page, "game.playCount === 1");
    await page.evaluate(`window.dispatchEvent(new Event("blur"))`);
    await page.evaluate(`document.dispatchEvent(new Event("visibilitychange"))`);
    assert.equal(await page.evaluate("Runner.getInstance().paused"), false);
  });
});
