/** The end of a run, and what actions are when one ends in their midst, read back from the game itself. */
import assert from "node:assert/strict";
import type { LiveEvent } from "../../../src/event.ts";
import { crash, ignore, look, until, withDino } from "../../support/dino_under_test.ts";
import { makeEvent, makeGift } from "../../support/events.ts";

const say = (comment: string): LiveEvent => makeEvent({ data: { comment, language: "en", emotes: [] } });

Deno.test({
  name: "Without collisions it runs through a cactus, and with them again it crashes and starts anew",
  ignore,
}, async () => {
  const rules = [{ when: "GiftEvent", do: { action: "no_collisions", seconds: 60 } }];
  await withDino({ rules, timeoutMs: 1e6 }, async ({ tested, browser }) => {
    const page = await browser.page();
    await until(page, "game.playCount === 1");
    // The first obstacle at once, and not one that flies over it.
    await page.evaluate("Runner.getInstance().config.clearTime = 0");
    const ghost = tested.feed.add(1, makeGift());
    await until(page, "game.horizon.obstacles.some(({ xPos, width }) => xPos + width < game.tRex.xPos)");
    assert.equal((await look(page)).hasCrashed, false);
    tested.clock.advance(1e6);
    assert.equal((await ghost).kind, "failed");
    await until(page, "game.crashed");
    await until(page, "game.playCount === 2 && game.playing");
  });
});

Deno.test({
  name:
    "What an action changed is put back when its time runs out, and a crash in its midst ends it for no run",
  ignore,
}, async () => {
  const rules = [{ when: "GiftEvent", do: { action: "speed", by: 6, seconds: 60 } }];
  await withDino({ rules, timeoutMs: 1e6 }, async ({ tested, browser }) => {
    const page = await browser.page();
    const gift = tested.feed.add(1, makeGift());
    await until(page, "game.playCount === 1 && game.currentSpeed > 11");
    await crash(page);
    await until(page, "game.playCount === 2 && game.currentSpeed > 11");
    tested.clock.advance(1e6);
    assert.deepEqual(await gift, { kind: "failed", error: "timed out after 1000 s" });
    const { speed, runs } = await look(page);
    assert.equal(runs, 2);
    assert(speed < 8, `${speed}`);
  });
});

Deno.test({
  name: "What an action changed is put back when its time runs out in a window that has no frames, too",
  ignore,
}, async () => {
  const rules = [{ when: "GiftEvent", do: { action: "night", seconds: 60 } }];
  await withDino({ rules, timeoutMs: 1e6 }, async ({ tested, browser }) => {
    const page = await browser.page();
    const gift = tested.feed.add(1, makeGift());
    await until(page, "game.inverted");
    await page.evaluate("globalThis.requestAnimationFrame = () => 0");
    tested.clock.advance(1e6);
    assert.equal((await gift).kind, "failed");
    assert.equal((await look(page)).isNight, false);
  });
});

Deno.test(
  { name: "A game that is over is restarted before an action; restart begins a new run", ignore },
  async () => {
    const rules = [
      { when: "CommentEvent", do: { action: "jump" } },
      { when: "GiftEvent", do: { action: "restart" } },
    ];
    await withDino({ rules }, async ({ tested, browser }) => {
      const page = await browser.page();
      await until(page, "game.playCount === 1");
      await crash(page);
      assert.deepEqual(await tested.feed.add(1, say("jump")), { kind: "completed" });
      assert.equal((await look(page)).runs, 2);
      assert.deepEqual(await tested.feed.add(2, makeGift()), { kind: "completed" });
      assert.equal((await look(page)).runs, 3);
    });
  },
);

Deno.test({ name: "A window that loses the focus does not pause the game", ignore }, async () => {
  await withDino({}, async ({ browser }) => {
    const page = await browser.page();
    await until(page, "game.playCount === 1");
    await page.evaluate(`window.dispatchEvent(new Event("blur"))`);
    await page.evaluate(`document.dispatchEvent(new Event("visibilitychange"))`);
    assert.equal(await page.evaluate("Runner.getInstance().paused"), false);
  });
});
