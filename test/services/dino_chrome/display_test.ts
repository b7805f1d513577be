/** What the page shows besides the game. */
import assert from "node:assert/strict";
import type { User } from "../../../src/event.ts";
import { crash, ignore, shown, until, withDino } from "../../support/dino_under_test.ts";
import { makeEvent } from "../../support/events.ts";

Deno.test({
  name: "The page shows who does what as plain text, whatever the name is made of, and the records",
  ignore,
}, async () => {
  const nickname = `<img src=x onerror="document.title='owned'">مرحبا🦖${"x".repeat(300)}`;
  const user: User = { id: "7", uniqueId: "evil", nickname, avatarUrl: "", roles: [] };
  const rules = [{ when: "CommentEvent", do: { action: "night", seconds: 1, text: "{comment} & co" } }];
  await withDino({ rules }, async ({ tested, browser }) => {
    const page = await browser.page();
    const event = makeEvent({ data: { comment: "<b>noche</b>", language: "es", emotes: [] }, user });
    assert.deepEqual(await tested.feed.add(1, event), { kind: "completed" });
    await page.waitForFunction(`${shown}.querySelector(".action") !== null`);
    const line = await page.evaluate(`(() => {
      const line = ${shown}.querySelector(".action");
      const { right } = line.getBoundingClientRect();
      return [line.querySelector(".name").textContent, line.querySelector(".text").textContent,
        line.querySelectorAll("img, b:not([class])").length, right <= innerWidth];
    })()`);
    assert.deepEqual(line, [nickname, "<b>noche</b> & co", 0, true]);
    await until(page, "game.distanceMeter.getActualDistance(game.distanceRan) > 5");
    await crash(page);
    await page.waitForFunction(`/Best ever [1-9]/.test(${shown}.querySelector(".records").textContent)`);
  });
});

Deno.test({
  name: "The game's night does not turn the colors of what the page shows",
  ignore,
}, async () => {
  const rules = [{ when: "CommentEvent", do: { action: "night", seconds: 60 } }];
  await withDino({ rules }, async ({ tested, browser }) => {
    const page = await browser.page();
    void tested.feed.add(1, makeEvent());
    await until(page, "game.inverted");
    await page.waitForFunction(`getComputedStyle(document.documentElement).filter === "invert(1)"`);
    // The name is yellow, the page's only color; turned, it would be blue.
    const picture = await page.screenshot({ encoding: "base64" });
    const hasYellow = await page.evaluate(`(async () => {
      const answer = await fetch("data:image/png;base64,${picture}");
      const image = await createImageBitmap(await answer.blob());
      const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
      canvas.drawImage(image, 0, 0);
      const { data } = canvas.getImageData(0, 0, image.width, image.height);
      for (let at = 0; at < data.length; at += 4) if (data[at] > 200 && data[at + 2] < 130) return true;
      return false;
    })()`);
    assert(hasYellow);
  });
});

Deno.test({
  name: "The best score and the distance are kept at the end of a run, and shown after a restart",
  ignore,
}, async () => {
  const state = new Map([
    ["live records", { best_score: 1, distance: 340 }],
    ["service records", { best_score: 1234, distance: 5678 }],
  ]);
  await withDino({ state }, async ({ tested, browser }) => {
    const page = await browser.page();
    await tested.feed.add(1, makeEvent());
    await page.waitForFunction(`/live [1-9]\\d*Best ever 1,234.*live 34\\d/.test(${shown}.textContent)`);
    await until(page, "game.playCount === 1 && game.distanceMeter.getActualDistance(game.distanceRan) > 5");
    await crash(page);
    await until(page, "game.playCount === 2");
    const live = tested.feed.state.get("live records") as { best_score: number; distance: number };
    assert(live.best_score > 5, `${live.best_score}`);
    assert.equal(live.distance, 340 + live.best_score);
    assert.deepEqual(tested.feed.state.get("service records"), {
      best_score: 1234,
      distance: 5678 + live.best_score,
    });
  });
});
