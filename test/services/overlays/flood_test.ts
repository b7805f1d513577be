/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { commentBy, roses, viewer } from "../../support/overlay_events.ts";
import { testPages, waitForTexts } from "../../support/overlays_under_test.ts";

testPages(
  "Eight pages of one browser stay small and keep up in a flood of fifty events a second",
  async ({ page, browser, overlays }) => {
    const { feed } = overlays.tested;
    // More than the six connections that a browser keeps to a server.
    const goals = ["diamonds", "gifts", "likes", "shares"].map((of) => `goal?of=${of}`);
    const paths = ["alerts?volume=0", "chat", ...goals, "leaderboard", "ticker"];
    const pages = [page, ...await Promise.all(paths.slice(1).map(() => browser.newPage()))];
    await Promise.all(pages.map((one, index) => one.goto(`${overlays.url}/${paths[index]}`)));
    await page.bringToFront();
    for (let id = 1; id <= 200; id++) {
      const name = `Viewer ${id % 40}`;
      void feed.add(id, id % 2 === 0 ? roses(name, 2) : commentBy(viewer(name), `comment ${id}`));
      // A frame each, of which there are sixty a second.
      await page.evaluate(() => new Promise(requestAnimationFrame));
    }
    for (const [index, one] of pages.entries()) {
      const count = await one.evaluate(() => document.querySelectorAll("*").length);
      assert.ok(count < 400, `/${paths[index]} has ${count} elements.`);
    }
    const [, chat, diamonds, gifts] = pages as [Page, Page, Page, Page];
    const isLast = () => [...document.querySelectorAll(".words")].at(-1)?.textContent === "comment 199";
    // A hidden page draws what it got when it is shown.
    await chat.bringToFront();
    await chat.waitForFunction(isLast, { polling: 50 });
    for (const goal of [diamonds, gifts]) {
      await goal.bringToFront();
      await waitForTexts(goal, "#now", ["200"]);
    }
  },
);
