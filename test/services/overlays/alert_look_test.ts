/// <reference lib="dom" />
/** What an alert says and how it looks, in a real browser. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { lacksBrowser, withPage } from "../../support/browser.ts";
import { follow, roses } from "../../support/overlay_events.ts";
import { openPage, startOverlays, testPages, waitForTexts } from "../../support/overlays_under_test.ts";
import { withFolder } from "../../support/temporary_store.ts";

const says = (text: string) => ({ rules: [{ when: ["GiftEvent", "FollowEvent"], do: { text } }] });

/** The texts of the alert that is shown, without what is hidden. */
function shownTexts(page: Page): Promise<string[]> {
  return page.$$eval(
    ".who, .alert .words",
    (parts) => parts.filter((part) => part.checkVisibility()).map(({ textContent }) => textContent ?? ""),
  );
}

testPages("An alert whose text begins with the viewer's name says it once", async ({ page, overlays }) => {
  await openPage(page, overlays.url, "/alerts?volume=0");
  void overlays.tested.feed.add(1, { ...follow("Leo"), id: 1 });
  await waitForTexts(page, ".alert .words", ["lets the lion out!"]);
  assert.deepEqual(await shownTexts(page), ["Leo", "lets the lion out!"]);
}, says("{user} lets the lion out!"));

testPages("An alert whose text has the viewer's name elsewhere says it once", async ({ page, overlays }) => {
  await openPage(page, overlays.url, "/alerts?volume=0");
  void overlays.tested.feed.add(1, { ...follow("a"), id: 1 });
  await waitForTexts(page, ".alert .words", ["Thanks a lot, a!"]);
  assert.deepEqual(await shownTexts(page), ["Thanks a lot, a!"]);
}, says("Thanks a lot, {user}!"));

testPages("An alert whose text has no name shows it above", async ({ page, overlays }) => {
  await openPage(page, overlays.url, "/alerts?volume=0");
  void overlays.tested.feed.add(1, { ...follow("a"), id: 1 });
  await waitForTexts(page, ".alert .words", ["a new friend"]);
  assert.deepEqual(await shownTexts(page), ["a", "a new friend"]);
}, says("a new friend"));

const story =
  "sends a long text that goes on, because the streamer has written a story about the lion and its cage";

testPages("A long text of a rule is shown whole", async ({ page, overlays }) => {
  for (const [width, height] of [[1080, 1920], [1920, 1080]] as const) {
    await page.setViewport({ width, height });
    await openPage(page, overlays.url, "/alerts?volume=0");
    void overlays.tested.feed.add(width, { ...roses("Leo", 20), id: width });
    await waitForTexts(page, ".alert .words", [story]);
    const isCut = await page.$eval(
      ".alert .words",
      ({ scrollHeight, clientHeight }) => scrollHeight > clientHeight + 2,
    );
    assert.equal(isCut, false, `${width}`);
  }
}, says(`{user} ${story}`));

/** In the page: plays a gift, and says how far which parts of its alert reach into what the app covers. */
async function partsOutside(price: number, count: number): Promise<string[]> {
  const at = "/assets/made_up.js";
  const madeUp: typeof import("../../../services/overlays/pages/assets/made_up.js") = await import(at);
  document.documentElement.style.setProperty("--tilt", "0deg");
  madeUp.play("hello", madeUp.madeUpHello());
  const name = "Maximiliane von Hohenstein und zu Lichtenberg der Zweite";
  madeUp.play("event", madeUp.madeUpGift(name, "Donaudampfschiff Rose", price, count));
  await Promise.all(
    document.getAnimations().filter(({ effect }) => effect?.getTiming().iterations !== Infinity)
      .map((animation) => animation.finish()),
  );
  const frame = Object.assign(document.createElement("div"), { className: "frame" });
  document.body.append(frame);
  const safe = frame.getBoundingClientRect();
  return [...document.querySelectorAll(".badge, .medal, .alert")].flatMap((part) => {
    const { left, top, right, bottom } = part.getBoundingClientRect();
    const over = Math.max(safe.left - left, safe.top - top, right - safe.right, bottom - safe.bottom);
    return over > 1 ? [`${part.className}: ${Math.round(over)}`] : [];
  });
}

testPages("No part of an alert of any size reaches into what the app covers", async ({ page, overlays }) => {
  await page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
  for (const [width, height] of [[1080, 1920], [1920, 1080]] as const) {
    await page.setViewport({ width, height });
    for (const position of ["top-right", "bottom"]) {
      for (const [price, count] of [[1, 20], [5, 999], [600, 20], [9999, 5]] as const) {
        await page.goto(`${overlays.url}/alerts?preview=quiet&position=${position}`);
        const outside = await page.evaluate(partsOutside, price, count);
        assert.deepEqual(outside, [], `${width} ${position} ${price * count}`);
      }
    }
  }
});

Deno.test({
  name: "The corners of theme.css are those of alerts, bubbles and entries, too",
  ignore: lacksBrowser,
  fn: () =>
    withFolder((folder) =>
      withPage(async (page) => {
        await Deno.writeTextFile(`${folder}/theme.css`, ":root { --corner: 0px }");
        await using overlays = await startOverlays({ options: { theme_folder: folder }, read: [folder] });
        for (
          const [path, selector] of [["alerts", ".alert"], ["chat", ".bubble"], ["ticker", ".entry"]] as const
        ) {
          await page.goto(`${overlays.url}/${path}?preview=still`);
          const entry = await page.waitForSelector(selector);
          assert.equal(await entry?.evaluate((one) => getComputedStyle(one).borderRadius), "0px", path);
        }
      })
    ),
});
