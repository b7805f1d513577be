/// <reference lib="dom" />
import assert from "node:assert/strict";
import { lacksBrowser, withPage } from "../../support/browser.ts";
import { commentBy, roses, viewer } from "../../support/overlay_events.ts";
import { openPage, startOverlays, testPages, waitForTexts } from "../../support/overlays_under_test.ts";
import { withFolder } from "../../support/temporary_store.ts";

const token = "not-to-be-guessed";

testPages(
  "A goal fills up, celebrates once when it is reached, and stands after a reload and a restart",
  async ({ page, overlays }) => {
    const { feed } = overlays.tested;
    await page.goto(`${overlays.url}/goal?of=diamonds&target=10&title=Wheel of fortune`);
    await waitForTexts(page, "#title", ["Wheel of fortune"]);
    await feed.add(1, roses("Ana", 4));
    await waitForTexts(page, "#now", ["4"]);
    assert.equal(await page.evaluate(() => document.getElementById("bar")?.style.width), "40%");
    await feed.add(2, roses("Ben", 8));
    await page.waitForSelector("#goal.full.celebrating");
    await page.reload();
    await waitForTexts(page, "#now", ["12"]);
    assert.equal(await page.$("#goal.celebrating"), null);
    await overlays.tested[Symbol.asyncDispose]();
    await using restarted = await startOverlays({ before: overlays });
    await restarted.tested.feed.add(3, roses("Ben", 100));
    await waitForTexts(page, "#now", ["112"]);
  },
);

testPages("A goal of the config has its own name, target and start", async ({ page, overlays }) => {
  await page.goto(`${overlays.url}/goal?name=wheel`);
  await waitForTexts(page, "#title", ["Spin the wheel"]);
  await waitForTexts(page, "#target", ["500"]);
  await waitForTexts(page, "#now", ["120"]);
}, { goals: [{ name: "wheel", of: "likes", target: 500, title: "Spin the wheel", start: 120 }] });

testPages(
  "The leaderboard has who gave most first, and follows who overtakes",
  async ({ page, overlays }) => {
    const { feed } = overlays.tested;
    await page.goto(`${overlays.url}/leaderboard?count=2`);
    await Promise.all([
      feed.add(1, roses("Ana", 5)),
      feed.add(2, roses("Ben", 3)),
      feed.add(3, roses("Cy", 1)),
    ]);
    await waitForTexts(page, ".row .name", ["Ana", "Ben"]);
    await feed.add(4, roses("Cy", 10));
    await waitForTexts(page, ".row .name", ["Cy", "Ana"]);
    await waitForTexts(page, ".row .diamonds", ["11", "5"]);
    await page.reload();
    await waitForTexts(page, ".row .name", ["Cy", "Ana"]);
  },
);

testPages(
  "The index page has each page's URL, shows what its settings do, and its test buttons work",
  async ({ page, browser, overlays }) => {
    const alerts = await browser.newPage();
    await alerts.goto(`${overlays.url}/alerts?volume=0`);
    await page.bringToFront();
    await page.goto(overlays.url);
    await page.waitForSelector(".card.ticker .url");
    const urls = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLInputElement>(".url")].map((one) => one.value)
    );
    const names = ["alerts", "chat", "goal", "leaderboard", "ticker"]
      .concat(["timer", "wheel", "poll", "battle", "countdown", "raffle", "soundboard", "now", "qr"]);
    assert.deepEqual(urls, names.map((name) => `${overlays.url}/${name}`));
    await page.select(".card.alerts select", "bottom-left");
    const url = await page.$eval(".card.alerts .url", (one) => (one as HTMLInputElement).value);
    assert.equal(url, `${overlays.url}/alerts?position=bottom-left`);

    const preview = await page.waitForFrame((frame) => frame.url().includes("position=bottom-left"));
    await preview.waitForSelector("#stage[data-position]");
    await page.waitForFunction(() =>
      document.getElementById("status")?.textContent?.includes("an alerts page is open")
    );
    await page.click(".test.FollowEvent");
    await preview.waitForSelector(".FollowEvent");
    // A hidden page draws nothing; its alert is there when it is shown.
    await alerts.bringToFront();
    await alerts.waitForSelector(".FollowEvent");
  },
);

testPages(
  "The index page shows TikTok's upright picture first, and its groups keep margins and colors in the address",
  async ({ page, overlays }) => {
    await page.goto(overlays.url);
    await page.waitForSelector(".card.goal .url");
    const seen = await page.evaluate(() => ({
      width: document.querySelector<HTMLElement>(".card.goal iframe")?.style.width,
      outline: document.querySelector(".card.goal .app")?.checkVisibility(),
      legends: [...document.querySelectorAll(".card.goal .group > legend")].map((one) => one.textContent),
    }));
    const legends = ["What it shows", "Size, and room for the app", "Colors"];
    assert.deepEqual(seen, { width: "1080px", outline: true, legends });
    await page.$$eval(".card.goal input[type=color]", (inputs) => {
      const [, , , bar] = inputs as HTMLInputElement[];
      if (bar === undefined) return;
      bar.value = "#00ff00";
      bar.dispatchEvent(new Event("input"));
    });
    const preview = await page.waitForFrame((frame) => frame.url().includes("bar_color=00ff00"));
    await preview.waitForSelector("#goal:not([hidden])");
    const color = await preview.$eval("#bar", (bar) => getComputedStyle(bar).backgroundColor);
    assert.equal(color, "rgb(0, 255, 0)");
    await page.click('#shapes input[value="across"]');
    await page.waitForFunction(() =>
      document.querySelector<HTMLElement>(".card.goal iframe")?.style.width === "1280px" &&
      document.querySelector(".card.goal .app")?.checkVisibility() === false
    );
  },
);

testPages(
  "Where a token is needed, the index page's URLs have it, and a page that has it works",
  async ({ page, overlays }) => {
    await page.goto(`${overlays.url}/?token=${token}`);
    await page.waitForSelector(".card.chat .url");
    const url = await page.$eval(".card.chat .url", (one) => (one as HTMLInputElement).value);
    assert.equal(url, `${overlays.url}/chat?token=${token}`);
    await page.goto(url);
    await overlays.tested.feed.add(1, commentBy(viewer("Ana"), "hello"));
    await waitForTexts(page, ".bubble .words", ["hello"]);
  },
  { token },
);

Deno.test({
  name:
    "A theme.css of the user's changes what it sets and leaves the rest; a page of theirs is in the index",
  ignore: lacksBrowser,
  fn: () =>
    withFolder((folder) =>
      withPage(async (page) => {
        await Deno.writeTextFile(`${folder}/theme.css`, ":root { --gift: rgb(1, 2, 3) }");
        await Deno.writeTextFile(`${folder}/clock.html`, "<!doctype html><title>Clock</title>");
        await using overlays = await startOverlays({ options: { theme_folder: folder }, read: [folder] });
        await openPage(page, overlays.url, "/ticker");
        await overlays.tested.feed.add(1, roses("Ana", 1));
        const entry = await page.waitForSelector(".entry");
        const style = await entry?.evaluate((element) => {
          const { backgroundColor, color } = getComputedStyle(element);
          return { backgroundColor, color };
        });
        assert.deepEqual(style, { backgroundColor: "rgb(1, 2, 3)", color: "rgb(29, 18, 56)" });
        await page.goto(overlays.url);
        await waitForTexts(page, "#own-pages a", ["clock"]);
      })
    ),
});
