/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { commentBy, roses, viewer } from "../../support/overlay_events.ts";
import { testPages, untilOpen, waitForTexts } from "../../support/overlays_under_test.ts";

testPages("The ticker has the latest event first", async ({ page, overlays }) => {
  const { feed } = overlays.tested;
  await page.goto(`${overlays.url}/ticker?types=gift,follow&max=2`);
  for (const [index, name] of ["Ana", "Ben", "Cy"].entries()) await feed.add(index + 1, roses(name, 2));
  await waitForTexts(page, ".entry .name", ["Cy", "Ben"]);
  await waitForTexts(page, ".entry .words", ["Rose ×2", "Rose ×2"]);
});

testPages(
  "An entry of the ticker is put on once: it lies as it lay when others come",
  async ({ page, overlays }) => {
    const { feed } = overlays.tested;
    await page.goto(`${overlays.url}/ticker?max=2`);
    const tilts = () =>
      page.$$eval(".entry", (entries) => entries.map((entry) => getComputedStyle(entry).transform));
    await feed.add(1, roses("Ana", 1));
    await feed.add(2, roses("Ben", 1));
    await waitForTexts(page, ".entry .name", ["Ben", "Ana"]);
    const [tiltOfBen] = await tilts();
    await feed.add(3, roses("Cy", 1));
    await waitForTexts(page, ".entry .name", ["Cy", "Ben"]);
    const [tiltOfCy, tiltAfter] = await tilts();
    assert.equal(tiltAfter, tiltOfBen);
    assert.notEqual(tiltOfCy, tiltOfBen);
  },
);

testPages(
  "In an upright picture of 1080×1920 the leaderboard lies beside goal, alert and chat",
  async ({ page, browser, overlays }) => {
    const { url, tested: { feed } } = overlays;
    for (let id = 1; id <= 5; id++) await feed.add(id, roses(`Giver ${id}`, id));
    for (let id = 6; id <= 20; id++) await feed.add(id, commentBy(viewer("Ana"), "A comment. ".repeat(20)));
    const open = async (one: Page, path: string) => {
      await one.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
      await one.setViewport({ width: 1080, height: 1920 });
      await one.goto(url + path);
      return one;
    };
    const boxesOf = async (one: Page, selector: string) => {
      await one.bringToFront();
      await one.waitForSelector(selector, { visible: true });
      // Where it comes to rest: on its way in, an alert is larger.
      return await one.$$eval(selector, async (all) => {
        const entrances = document.getAnimations()
          .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
        await Promise.all(entrances.map(({ finished }) => finished));
        return all.map((each) => each.getBoundingClientRect().toJSON());
      });
    };
    await open(page, "/alerts?volume=0");
    await untilOpen(url, 1);
    void feed.add(21, roses("Giver 6 with a long name", 5000));
    const others = [
      ...await boxesOf(page, ".alert"),
      ...await boxesOf(await open(await browser.newPage(), "/goal?of=gifts"), "#goal"),
      ...await boxesOf(await open(await browser.newPage(), "/chat"), ".bubble"),
    ];
    const rows = await boxesOf(await open(await browser.newPage(), "/leaderboard"), ".row, #title");
    const meets = (one: DOMRect, other: DOMRect) =>
      one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
    assert.deepEqual(others.filter((other) => rows.some((row) => meets(row, other))), []);
  },
);

const upright = { width: 1080, height: 1920 };

/** In the page: its root font size, and how far the goal is from the edges, in pixels. */
const measureGoal = (): Record<string, number> => {
  const goal = document.getElementById("goal") as HTMLElement;
  const { left, right, top, bottom } = goal.getBoundingClientRect();
  return {
    rem: parseFloat(getComputedStyle(document.documentElement).fontSize),
    left,
    right: innerWidth - right,
    top,
    bottom: innerHeight - bottom,
  };
};

testPages(
  "On a phone the texts are about 1.8 times as large, and nothing is under TikTok's interface unless the URL says so",
  async ({ page, overlays: { url } }) => {
    const measure = async (path: string) => {
      await page.goto(`${url}${path}`);
      await page.waitForSelector("#goal", { visible: true });
      return await page.evaluate(measureGoal);
    };
    const across = await measure("/goal");
    await page.setViewport(upright);
    const covered = await measure("/goal");
    assert.equal(across.rem, 20.5);
    assert.ok((covered.rem ?? 0) / 20.5 > 1.75 && (covered.rem ?? 0) / 20.5 < 1.85, `${covered.rem} px`);
    assert.ok((covered.top ?? 0) >= 240 && (covered.right ?? 0) >= 140, JSON.stringify(covered));
    assert.ok((await measure("/goal?position=bottom")).bottom as number >= 614);
    assert.ok((await measure("/goal?safe_top=0")).top as number < 60);
    assert.ok((await measure("/goal?safe_top=20")).top as number >= 384);
  },
);
