/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { anotherRose, follow, roses } from "../../support/overlay_events.ts";
import { openPage, startOverlays, testPages, untilOpen } from "../../support/overlays_under_test.ts";

function shownName(page: Page): Promise<string | null> {
  return page.evaluate(() => document.querySelector(".placed:not(.leaving) .name")?.textContent ?? null);
}

async function waitForName(page: Page, name: string): Promise<void> {
  const isShown = (name: string) =>
    document.querySelector(".placed:not(.leaving) .name")?.textContent === name;
  await page.waitForFunction(isShown, { polling: "mutation", timeout: 15_000 }, name);
}

testPages(
  "An alert appears within 100 ms of its event, and its item ends when it has been shown",
  async ({ page, overlays }) => {
    const { feed } = overlays.tested;
    await openPage(page, overlays.url, "/alerts?duration=0.5&volume=0");
    const times: number[] = [];
    for (const [index, name] of ["Ana", "Ben", "Carla"].entries()) {
      const appeared = page.evaluate((name) =>
        new Promise<number>((resolve) => {
          const observer = new MutationObserver(() => {
            if (document.querySelector(".placed:not(.leaving) .name")?.textContent !== name) return;
            observer.disconnect();
            resolve(Date.now());
          });
          observer.observe(document.body, { childList: true, subtree: true });
        }), name);
      // The browser answers in order: then it observes.
      await page.evaluate(() => {});
      const happenedAt = Date.now();
      const ended = feed.add(index + 1, follow(name));
      times.push(await appeared - happenedAt);
      assert.deepEqual(feed.running, [index + 1]);
      assert.equal((await ended).kind, "completed");
      assert.ok(Date.now() - happenedAt >= 500);
    }
    // Of three, so that a busy computer may stumble once.
    assert.ok(Math.min(...times) < 100, `It took ${times.join(", ")} ms`);
  },
);

testPages(
  "A streak is one alert that counts up, and all of its items end with it",
  async ({ page, overlays }) => {
    const { feed } = overlays.tested;
    await openPage(page, overlays.url, "/alerts?duration=0.5&volume=0");
    const ends = [feed.add(1, anotherRose("Ana", 1))];
    await waitForName(page, "Ana");
    for (const count of [2, 5, 9]) {
      ends.push(feed.add(count, anotherRose("Ana", count)));
      const counts = (text: string) => document.querySelector(".badge .number")?.textContent === text;
      await page.waitForFunction(counts, { polling: "mutation" }, `×${count}`);
      assert.equal(await page.evaluate(() => document.querySelectorAll(".alert").length), 1);
    }
    for (const end of ends) assert.equal((await end).kind, "completed");
  },
);

testPages("Of what waits the biggest gift is next, then what came first", async ({ page, overlays }) => {
  const { feed } = overlays.tested;
  await openPage(page, overlays.url, "/alerts?duration=0.5&volume=0");
  const ends = [feed.add(1, roses("First", 1000))];
  await waitForName(page, "First");
  ends.push(feed.add(2, roses("Second", 1)), feed.add(3, roses("Small", 5)), feed.add(4, roses("Big", 500)));
  ends.push(feed.add(5, roses("Third", 1)));
  for (const name of ["Big", "Small", "Second", "Third"]) await waitForName(page, name);
  await Promise.all(ends);
});

testPages(
  "The URL says which alerts a page shows; the items of others end at once",
  async ({ page, overlays }) => {
    const { feed } = overlays.tested;
    await openPage(
      page,
      overlays.url,
      "/alerts?types=gift&min_diamonds=10&duration=0.5&volume=0&position=bottom-left",
    );
    assert.equal((await feed.add(1, follow("Ben"))).kind, "completed");
    assert.equal((await feed.add(2, roses("Small", 9))).kind, "completed");
    assert.equal(await shownName(page), null);
    const shown = feed.add(3, roses("Big", 10));
    await waitForName(page, "Big");
    const box = await page.evaluate(() => document.querySelector(".alert")?.getBoundingClientRect().toJSON());
    assert.ok(box.left < 300 && box.top > 540, `It is at ${box.left}, ${box.top}`);
    await shown;
  },
);

testPages(
  "A page that was there before Livecue was restarted shows alerts again by itself, also where ids begin anew",
  async ({ page, overlays }) => {
    await openPage(page, overlays.url, "/alerts?duration=0.5&volume=0");
    await overlays.tested.feed.add(1, follow("Ben"));
    await overlays.tested[Symbol.asyncDispose]();
    await using restarted = await startOverlays({ before: overlays });
    await untilOpen(restarted.url, 1);
    const ended = restarted.tested.feed.add(1, follow("Ana", 1_700_000_060_000));
    await waitForName(page, "Ana");
    await ended;
  },
);

testPages(
  "A hundred follows at once are one alert, and their items end with it",
  async ({ page, overlays }) => {
    const { feed } = overlays.tested;
    await openPage(page, overlays.url, "/alerts?duration=0.5&volume=0");
    const ends = Array.from(
      { length: 100 },
      (_, index) => feed.add(index + 1, follow(`Viewer ${index + 1}`)),
    );
    const isWhole = () =>
      /^and \d\d others are now following!$/.test(
        document.querySelector(".placed .words")?.textContent ?? "",
      );
    await page.waitForFunction(isWhole, { polling: "mutation" });
    assert.equal(await shownName(page), "Viewer 1");
    const outcomes = await Promise.all(ends);
    assert.ok(outcomes.every(({ kind }) => kind === "completed"));
    assert.ok(await page.evaluate(() => document.querySelectorAll("*").length) < 100);
  },
);

testPages(
  "A big gift cuts in, and the alert before it comes back",
  async ({ page, overlays }) => {
    const { feed } = overlays.tested;
    await openPage(page, overlays.url, "/alerts?duration=1&volume=0");
    void feed.add(1, roses("Small", 1));
    await waitForName(page, "Small");
    void feed.add(2, roses("Whale", 29_999));
    await waitForName(page, "Whale");
    assert.equal(await page.$eval("#glow", (glow) => (glow as HTMLElement).hidden), false);
    await waitForName(page, "Small");
    assert.equal(await page.$eval("#glow", (glow) => (glow as HTMLElement).hidden), true);
  },
);

testPages(
  "A hidden page gains no elements, and shows the current alert when it is seen again",
  async ({ page, browser, overlays }) => {
    const { feed } = overlays.tested;
    await openPage(page, overlays.url, "/alerts?duration=60&volume=0");
    const session = await page.createCDPSession();
    await session.send("Performance.enable");
    const nodes = async () => {
      await session.send("HeapProfiler.collectGarbage");
      const { metrics } = await session.send("Performance.getMetrics");
      return metrics.find(({ name }) => name === "Nodes")?.value ?? 0;
    };
    const before = await nodes();
    const other = await browser.newPage();
    await other.bringToFront();
    await page.waitForFunction(() => document.hidden, { polling: 50 });
    for (let id = 1; id <= 400; id++) {
      void feed.add(id, id % 2 ? anotherRose("Ana", id) : follow(`Viewer ${id}`));
    }
    await feed.say(401, "the end");
    assert.equal(await page.evaluate(() => document.querySelector(".placed")), null);
    const gained = await nodes() - before;
    assert.ok(gained < 50, `${gained} nodes`);
    await page.bringToFront();
    await waitForName(page, "Ana");
  },
);
