/// <reference lib="dom" />
/** The page of charts, in a real browser. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { csvHeader } from "../../../src/reading_query.ts";
import { lacksBrowser, withPage } from "../../support/browser.ts";
import { DashboardUnderTest } from "../../support/dashboard_under_test.ts";
import { withFolder } from "../../support/temporary_store.ts";

const polling = { timeout: 20_000, polling: 50 };
const secondMs = 1000;
const minuteMs = 60 * secondMs;
const now = Date.now();

function testPage(
  name: string,
  use: (page: Page, dashboard: DashboardUnderTest) => Promise<void>,
  options: Record<string, unknown> = {},
): void {
  Deno.test({
    name: lacksBrowser ? `${name} (there is no browser)` : name,
    ignore: lacksBrowser,
    fn: () =>
      withPage((page) =>
        withFolder(async (folder) => {
          await using dashboard = await DashboardUnderTest.start(folder, options);
          const problems: unknown[] = [];
          page.on("pageerror", (error) => problems.push(error));
          await page.setViewport({ width: 390, height: 844, hasTouch: true });
          await use(page, dashboard);
          assert.deepEqual(problems, []);
        })
      ),
  });
}

async function untilText(page: Page, selector: string, text: string): Promise<void> {
  const has = (selector: string, text: string) =>
    document.querySelector(selector)?.textContent?.includes(text) ?? false;
  await page.waitForFunction(has, polling, selector, text);
}

/** An hour with a reading every ten seconds, which is the number of its quarter; none from minute 30 to 40. */
async function addHour(dashboard: DashboardUnderTest): Promise<{ at: number; value: number }[]> {
  const readings = Array.from({ length: 360 }, (_, index) => index * 10)
    .filter((second) => second < 1800 || second >= 2400)
    .map((second) => ({ at: now - 60 * minuteMs + second * secondMs, value: Math.floor(second / 900) }));
  const sent = readings.map((reading) => ({ channel: "tank", ...reading }));
  await dashboard.add(sent, { tank: { name: "Urine tank", unit: "%" } });
  return readings;
}

/** The place in the first chart of a part of its width. */
async function placeAt(page: Page, part: number): Promise<[x: number, y: number]> {
  const box = await (await page.waitForSelector(".u-over"))?.boundingBox();
  assert.ok(box);
  return [box.x + box.width * part, box.y + box.height / 2];
}

/**
 * Notes where on the chart a finger or the mouse is pressed and released, as parts of its width: the chart may still
 * find its width. The returned function resolves to the two.
 */
async function notePlaces(page: Page): Promise<() => Promise<[down: number, up: number]>> {
  await page.evaluate(() => {
    const chart = document.querySelector(".u-over") as Element;
    const parts: number[] = [];
    const note = ({ clientX }: PointerEvent) => {
      const { left, width } = chart.getBoundingClientRect();
      parts.push((clientX - left) / width);
    };
    for (const type of ["pointerdown", "pointerup"] as const) document.addEventListener(type, note, true);
    Object.assign(globalThis, { parts });
  });
  return async () => {
    const parts = await page.evaluate(() => (globalThis as unknown as { parts: number[] }).parts);
    const [down, up] = parts;
    assert.ok(parts.length === 2 && down !== undefined && up !== undefined);
    return [down, up];
  };
}

/** The span of the first chart, as its download has it. */
async function spanOf(page: Page): Promise<{ from: number; to: number }> {
  const query = await page.$eval(".legend a", (link) => new URL((link as HTMLAnchorElement).href).search);
  const params = new URLSearchParams(query);
  return { from: Number(params.get("from")), to: Number(params.get("to")) };
}

testPage(
  "Without readings, the page says how to add a source, and shows a chart when they come",
  async (page, dashboard) => {
    await page.goto(dashboard.url);
    await untilText(page, "#empty", 'Add a source of readings to "sources" in config.jsonc');
    await addHour(dashboard);
    await untilText(page, ".legend", "Urine tank3 %");
    assert.equal(await page.$eval("#empty", (found) => (found as HTMLElement).hidden), true);
  },
);

testPage("The chart shows the value under the cursor, gaps, and a new reading", async (page, dashboard) => {
  await addHour(dashboard);
  await page.goto(dashboard.url);
  await untilText(page, ".legend", "Urine tank3 %");
  await page.mouse.move(...await placeAt(page, 0.37));
  await untilText(page, ".legend", "Urine tank1 %");
  await page.mouse.move(...await placeAt(page, 0.56));
  await untilText(page, ".legend", "Urine tankno reading");
  await page.mouse.move(0, 0);
  await dashboard.add([{ channel: "tank", at: Date.now(), value: 77.25 }]);
  await untilText(page, ".legend", "Urine tank77.25 %");
});

testPage(
  "A drag selects a span, its download has exactly its rows, and Back returns",
  async (page, dashboard) => {
    const readings = await addHour(dashboard);
    await page.goto(dashboard.url);
    await untilText(page, ".legend", "Urine tank3 %");
    const whole = await spanOf(page);
    assert.equal(whole.to - whole.from, 60 * minuteMs);
    const places = await notePlaces(page);
    await page.mouse.move(...await placeAt(page, 0.25));
    await page.mouse.down();
    await page.mouse.move(...await placeAt(page, 0.75), { steps: 5 });
    await page.mouse.up();
    await page.waitForSelector("#back:not([hidden])");
    const { from, to } = await spanOf(page);
    const [start, end] = await places();
    assert.ok(end - start > 0.3);
    for (const [actual, part] of [[from, start], [to, end]] as const) {
      const minutes = (actual - whole.from) / minuteMs;
      assert.ok(Math.abs(minutes - part * 60) < 1, `${minutes} min in place of ${part * 60}`);
    }
    const csv = await page.evaluate(async () =>
      await (await fetch((document.querySelector(".legend a") as HTMLAnchorElement).href)).text()
    );
    const rows = readings.filter(({ at }) => from <= at && at < to)
      .map(({ at, value }) => `${new Date(at).toISOString()},iss,tank,${value},%\r\n`);
    assert.ok(rows.length > 100);
    assert.equal(csv, csvHeader + rows.join(""));
    await page.click("#back");
    const again = await spanOf(page);
    assert.equal(again.to - again.from, 60 * minuteMs);
    await page.click('[data-minutes="1440"]');
    const day = await spanOf(page);
    assert.equal(day.to - day.from, 1440 * minuteMs);
  },
);

testPage("A finger shows values and selects a span", async (page, dashboard) => {
  await addHour(dashboard);
  await page.goto(dashboard.url);
  await untilText(page, ".legend", "Urine tank3 %");
  const places = await notePlaces(page);
  await page.touchscreen.touchStart(...await placeAt(page, 0.37));
  await untilText(page, ".legend", "Urine tank1 %");
  await page.touchscreen.touchMove(...await placeAt(page, 0.5));
  await page.touchscreen.touchMove(...await placeAt(page, 0.6));
  await page.touchscreen.touchEnd();
  await page.waitForSelector("#back:not([hidden])");
  const { from, to } = await spanOf(page);
  const [start, end] = await places();
  assert.ok(end - start > 0.1);
  assert.ok(Math.abs(to - from - (end - start) * 60 * minuteMs) < minuteMs, `${(to - from) / minuteMs} min`);
});

testPage("Detections are shown with their text, and strangers' names stay text", async (page, dashboard) => {
  const hostile = '<img src=x onerror="document.title=1">"\u202E\n' + "x".repeat(120);
  const labels = { [hostile]: { name: hostile, unit: "<b>" } };
  await dashboard.add([{ channel: hostile, at: now - minuteMs, value: 5 }], labels);
  const window = { from: now - 20 * minuteMs, to: now - 10 * minuteMs };
  await dashboard.detect({ channel: hostile, name: "<b>Fill</b>", text: "<i>It fills</i>", window });
  await page.goto(dashboard.url);
  await untilText(page, ".detections", "<b>Fill</b> <i>It fills</i>");
  await dashboard.detect({ channel: hostile, name: "Again", text: "It fills again", window });
  await untilText(page, ".detections", "It fills again");
  const found = await page.evaluate(() => ({
    title: document.title,
    made: document.querySelectorAll(".chart img, .chart b, .chart i, #channels img").length,
    heading: document.querySelector(".chart h2")?.textContent,
    isTooWide: document.documentElement.scrollWidth > innerWidth,
  }));
  assert.ok(found.heading?.includes("<img src=x"));
  assert.deepEqual({ ...found, heading: "" }, { title: "Readings", made: 0, heading: "", isTooWide: false });
});

testPage(
  "Hundreds of channels can be searched, and one becomes a chart that stays",
  async (page, dashboard) => {
    const channels = Array.from(
      { length: 400 },
      (_, index) => ({ channel: `sensor ${index}`, at: now, value: index }),
    );
    await dashboard.add(channels);
    await page.goto(dashboard.url);
    await untilText(page, "#channel-count", "(400)");
    await page.click("summary");
    await untilText(page, "#channel-more", "300 more channels match");
    await page.type("#search", "SENSOR 399");
    await untilText(page, "#channel-list", "iss:sensor 399399 ·");
    assert.equal(await page.$$eval("#channel-list li", ({ length }) => length), 1);
    await page.click("#channel-list input");
    await untilText(page, ".chart:nth-of-type(7)", "sensor 399");
    await page.reload();
    await untilText(page, ".chart:nth-of-type(7)", "sensor 399");
    await page.click(".chart:nth-of-type(7) button");
    await page.waitForFunction(() => document.querySelectorAll(".chart").length === 6, polling);
  },
);
