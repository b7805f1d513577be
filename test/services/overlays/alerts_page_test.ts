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
  const ends = [feed.add(1, follow("First"))];
  await waitForName(page, "First");
  ends.push(feed.add(2, follow("Second")), feed.add(3, roses("Small", 5)), feed.add(4, roses("Big", 500)));
  ends.push(feed.add(5, follow("Third")));
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
  "When a hundred alerts come at once, the latest are shown, for a shorter time; all others end",
  async ({ page, overlays }) => {
    const { feed } = overlays.tested;
    await openPage(page, overlays.url, "/alerts?duration=6&volume=0");
    const startedAt = Date.now();
    const ends = Array.from(
      { length: 100 },
      (_, index) => feed.add(index + 1, follow(`Viewer ${index + 1}`)),
    );
    const outcomes = await Promise.all(ends.slice(0, 80));
    assert.ok(outcomes.every(({ kind }) => kind === "completed"));
    await waitForName(page, "Viewer 81");
    assert.ok(Date.now() - startedAt < 5000, "The first was shown for its full time.");
    assert.ok(await page.evaluate(() => document.querySelectorAll("*").length) < 100);
  },
);
