/** The page of a report, in a real Chromium. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "puppeteer-core";
import { reportPage } from "../../src/report/page.ts";
import { type SessionReport, withoutNames } from "../../src/session_report.ts";
import { lacksBrowser, withPage } from "../support/browser.ts";
import { withFolder } from "../support/temporary_store.ts";

const startedAt = Date.UTC(2026, 10, 27, 20, 0);
const hostile = `<img src=x onerror="globalThis.hacked=1">'"&`;
const breakingOut = "</script><script>globalThis.hacked=1</script>";

function madeUpReport(): SessionReport {
  const minutes = [0, 1, 3].map((minute) => ({
    minute,
    at: startedAt + minute * 60_000,
    events: 10 + minute,
    diamonds: minute * 7,
    viewers: minute === 1 ? null : 100 + minute,
  }));
  return {
    session: {
      id: 7,
      username: `ana${hostile}`,
      name: `Sorpresa ${breakingOut}`,
      source: "main",
      isActive: false,
      startedAt,
      endedAt: startedAt + 240_000,
      endReason: `Switched to @ben${hostile}`,
    },
    lengthMs: 240_000,
    events: 34,
    totals: { diamonds: 28, gifts: 4, likes: 3, comments: 2, follows: 1, shares: 0, subscribes: 0, joins: 5 },
    viewers: { highest: 103, highestAt: startedAt + 180_000, average: 101.5 },
    minutes,
    before: { events: 0, diamonds: 0 },
    busiestMinute: minutes[2]!,
    richestMinute: minutes[2]!,
    gifts: { count: 1, first: [{ id: 5, name: `Rose${hostile}`, count: 4, diamonds: 28 }] },
    givers: { count: 1, first: [{ id: "1", name: `Zoé${hostile}`, gifts: 4, diamonds: 28 }] },
    followers: {
      count: 2,
      first: [{ id: "2", name: `Ben${breakingOut}` }, { id: "1", name: "Zoé, renamed" }],
    },
    payments: [{ type: "DonationEvent", currency: hostile, count: 1, amount: 500 }],
    services: [{ slug: "tts", completed: 9, failed: 0, open: 0, discarded: { evicted: 2 } }],
    shed: { JoinEvent: 3 },
  };
}

/** Opens the page as a file, and counts what it asks for besides itself. */
async function withReport(
  report: SessionReport,
  use: (page: Page, asked: () => string[]) => Promise<void>,
): Promise<void> {
  await withFolder((folder) =>
    withPage(async (page) => {
      const file = join(folder, "report.html");
      Deno.writeTextFileSync(file, reportPage(report));
      const asked: string[] = [];
      page.on("request", (request) => asked.push(request.url()));
      page.on("pageerror", (error) => asked.push(String(error)));
      await page.goto(pathToFileURL(file).href);
      await use(page, () => asked.slice(1));
    })
  );
}

const text = (page: Page) =>
  page.evaluate("document.documentElement.outerHTML + document.title") as Promise<string>;

Deno.test({
  name: "The page draws its charts without any other file, and shows a hostile name as it is written",
  ignore: lacksBrowser,
  async fn() {
    await withReport(madeUpReport(), async (page, asked) => {
      assert.equal(await page.evaluate("document.querySelectorAll('canvas').length"), 3);
      assert.equal(await page.evaluate("globalThis.hacked"), undefined);
      assert.deepEqual(asked(), []);
      const shown = await page.evaluate("document.body.innerText") as string;
      for (
        const written of [
          `Zoé${hostile}`,
          `Ben${breakingOut}`,
          `Rose${hostile}`,
          "103",
          "28",
          "tts",
          "3 joins, because",
        ]
      ) {
        assert.ok(shown.includes(written), `${written}\n${shown}`);
      }
      assert.match(await page.title(), /^Live of @ana/);
    });
  },
});

Deno.test({
  name: "With names off, no name is anywhere in the page, and the same viewer has the same number",
  ignore: lacksBrowser,
  async fn() {
    await withReport(withoutNames(madeUpReport()), async (page) => {
      const all = await text(page);
      for (const name of ["ana", "Sorpresa", "Zoé", "Ben", "@ben"]) {
        assert.ok(!new RegExp(`${name}(?![a-z])`).test(all), name);
      }
      const shown = await page.evaluate("document.body.innerText") as string;
      assert.match(shown, /Viewer 1\s+4\s+28/);
      assert.match(shown, /Viewer 2, Viewer 1/);
      assert.equal(await page.title(), "Live of 27 November 2026");
    });
  },
});

Deno.test({
  name: "The page fits a phone of 390 points, and is dark in a dark scheme but not on paper",
  ignore: lacksBrowser,
  async fn() {
    await withReport(madeUpReport(), async (page) => {
      await page.setViewport({ width: 390, height: 844 });
      // The charts follow the width in a later frame.
      await page.waitForFunction("document.documentElement.scrollWidth === 390");
      const lightness = async () => {
        const color = await page.evaluate(
          "getComputedStyle(document.documentElement).backgroundColor",
        ) as string;
        return Math.max(...(color.match(/\d+/g) ?? []).slice(0, 3).map(Number));
      };
      assert.ok(await lightness() > 200);
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
      assert.ok(await lightness() < 60);
      await page.emulateMediaType("print");
      const ink = await page.evaluate("getComputedStyle(document.documentElement).color") as string;
      assert.ok(Math.max(...(ink.match(/\d+/g) ?? []).map(Number)) < 80, ink);
    });
  },
});

Deno.test({
  name:
    "The page of a live in which nothing happened says so, and that of an hour shows each minute's whole bar",
  ignore: lacksBrowser,
  async fn() {
    const report = madeUpReport();
    const nothing: Partial<SessionReport> = { events: 0, minutes: [], viewers: null, busiestMinute: null };
    const totals = { ...report.totals, diamonds: 0, gifts: 0 };
    await withReport({ ...report, ...nothing, totals }, async (page, asked) => {
      assert.match(
        await page.evaluate("document.body.innerText") as string,
        /Nothing happened in this live\./,
      );
      assert.deepEqual([await page.evaluate("document.querySelectorAll('canvas').length"), asked()], [0, []]);
    });
    const minutes = Array.from({ length: 60 }, (_, minute) => {
      return { minute, at: startedAt + minute * 60_000, events: 1_000, diamonds: 5, viewers: 2_000 };
    });
    await withReport({ ...report, minutes }, async (page, asked) => {
      // The gap before the first bar, and the bar, in the middle of the chart's height.
      const opacities = await page.evaluate(`[0, 6].map((x) => {
        const chart = document.querySelector("[data-chart=events]");
        const [canvas, plot] = [chart.querySelector("canvas"), chart.querySelector(".u-over")];
        const y = plot.offsetTop + plot.offsetHeight * 0.6;
        return canvas.getContext("2d").getImageData(plot.offsetLeft + x, y, 1, 1).data[3];
      })`);
      assert.deepEqual(opacities, [0, 255]);
      assert.deepEqual(asked(), []);
    });
  },
});
