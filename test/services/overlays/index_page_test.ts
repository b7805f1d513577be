/// <reference lib="dom" />
/** The index page: buttons for games, the chosen picture, and the settings of each page. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import type { GameViews } from "../../../services/overlays/games/games.ts";
import { margins, overlays } from "../../../services/overlays/pages/assets/overlay_list.js";
import { testPages, waitForTexts } from "../../support/overlays_under_test.ts";

async function viewsOf(url: string): Promise<GameViews> {
  return await (await fetch(`${url}/games`)).json();
}

/** Moves the focus by Tab until a button with this text has it. */
async function tabTo(page: Page, text: string): Promise<void> {
  for (let presses = 0; presses < 50; presses++) {
    const focused = await page.evaluate(() => document.activeElement?.textContent);
    if (focused === text) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`no button "${text}" gets the focus`);
}

testPages(
  "A streamer leads the games on the index page with the keyboard alone, and is told what cannot be",
  async ({ page, overlays: { url } }) => {
    await page.goto(url);
    await page.waitForSelector(".card.timer .url");
    await page.focus(".card.timer .url");
    await tabTo(page, "Start or pause");
    await page.keyboard.press("Enter");
    await waitForTexts(page, ".card.timer .answer", ["Done."]);
    await tabTo(page, "Add a minute");
    await page.keyboard.press("Space");
    await page.waitForFunction(async () => (await (await fetch("/games")).json()).timer.addedMs === 60_000);
    assert.equal((await viewsOf(url)).timer.phase, "running");
    await tabTo(page, "Spin");
    await page.keyboard.press("Enter");
    await waitForTexts(page, ".card.wheel .answer", [
      'The wheel has no slices: add "slices" to "wheel" in the options of overlays.',
    ]);
    await tabTo(page, "Hide the result");
    await page.keyboard.press("Tab");
    await page.keyboard.type("Pizza or <b>pasta</b>?");
    await page.keyboard.press("Tab");
    await page.keyboard.type("Pizza\nPizza");
    await tabTo(page, "Open this poll");
    await page.keyboard.press("Enter");
    await waitForTexts(page, ".card.poll .answer", ["poll.options: two options are the same"]);
    await page.keyboard.down("Shift");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.up("Shift");
    await page.keyboard.type(" with cheese");
    await tabTo(page, "Open this poll");
    await page.keyboard.press("Enter");
    await waitForTexts(page, ".card.poll .answer", ["Done."]);
    const { poll } = await viewsOf(url);
    assert.equal(poll.question, "Pizza or <b>pasta</b>?");
    assert.equal(poll.options.length, 2);
    assert.deepEqual(
      await page.$$eval(".play > legend", (legends) => legends.map(({ textContent }) => textContent)),
      Array(7).fill("Play it in your live"),
    );
  },
);

testPages(
  "The steps on the index page have the size of the chosen picture, which stays chosen after a reload",
  async ({ page, overlays: { url } }) => {
    await page.goto(url);
    await waitForTexts(page, "#width, #height", ["1080", "1920"]);
    await page.click('#shapes input[value="across"]');
    await waitForTexts(page, "#width, #height", ["1920", "1080"]);
    await page.reload();
    await waitForTexts(page, "#width, #height", ["1920", "1080"]);
    assert.equal(await page.$eval('[value="across"]', (radio) => (radio as HTMLInputElement).checked), true);
  },
);

testPages("The index page fits a phone", async ({ page, overlays: { url } }) => {
  await page.setViewport({ width: 390, height: 844 });
  await page.goto(url);
  await page.waitForSelector(".card.qr .url");
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
});

Deno.test("The index page offers each setting that a page reads, with its default", async () => {
  const assets = new URL("../../../services/overlays/pages/assets/", import.meta.url);
  const calls = /\b(?:number|choice|text|currency)Setting\("(\w+)",? ?(?:\{ or: ([\d._]+))?/g;
  for (const { name, settings } of overlays) {
    const script = await Deno.readTextFile(new URL(`${name}.js`, assets));
    for (const [, setting, or] of script.matchAll(calls)) {
      // The goals of the config are known only when the page is open.
      if (name === "goal" && setting === "name") continue;
      const listed = settings.find((each) => each.name === setting);
      assert(listed !== undefined, `${name} reads ${setting}`);
      if (or !== undefined) {
        assert.equal(Number(listed.or), Number(or.replaceAll("_", "")), `${name} ${setting}`);
      }
    }
    assert(settings.some(({ name }) => name === "scale"));
  }
  assert.equal(margins.length, 4);
});

testPages(
  "A streamer starts a countdown, a raffle and a sound on the index page with the keyboard alone",
  async ({ page, overlays: { url } }) => {
    await page.goto(url);
    await page.waitForSelector(".card.soundboard .sounds button");
    await page.focus(".card.countdown .url");
    await tabTo(page, "Reset");
    await page.keyboard.press("Tab");
    await page.keyboard.type("3");
    await page.keyboard.press("Enter");
    await waitForTexts(page, ".card.countdown .answer", ["Done."]);
    assert.equal((await viewsOf(url)).countdown.phase, "running");
    await page.focus(".card.raffle .url");
    await tabTo(page, "Let earlier winners in again");
    await page.keyboard.press("Tab");
    await page.keyboard.type("<b>A mug</b>");
    await page.keyboard.press("Enter");
    await waitForTexts(page, ".card.raffle .answer", ["Done."]);
    assert.equal((await viewsOf(url)).raffle.prize, "<b>A mug</b>");
    // A page that plays sounds is open.
    await page.evaluate(async () => {
      const stream = new EventSource("/stream?wants=soundboard&player=obs");
      await new Promise((resolve) => stream.addEventListener("hello", resolve));
      const headers = { "content-type": "application/json" };
      await fetch("/sound", { method: "POST", headers, body: '{"page":"obs","can_play":true}' });
    });
    await page.focus(".card.soundboard .url");
    await tabTo(page, "fanfare");
    await page.keyboard.press("Enter");
    await waitForTexts(page, ".card.soundboard .answer", ["Done."]);
    assert.equal((await viewsOf(url)).soundboard.playing?.sound, "fanfare");
  },
);
