/// <reference lib="dom" />
/** The library page, in a real browser. */
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { lacksBrowser, withPage } from "../../support/browser.ts";
import { type SamplerUnderTest, startSampler } from "../../support/sampler_under_test.ts";
import { silentWav } from "../../support/silent_wav.ts";
import { withFolder } from "../../support/temporary_store.ts";

const polling = { timeout: 15_000, polling: 50 };

function testPage(name: string, use: (page: Page, sampler: SamplerUnderTest) => Promise<void>): void {
  Deno.test({
    name: lacksBrowser ? `${name} (there is no browser)` : name,
    ignore: lacksBrowser,
    fn: () =>
      withPage((page) =>
        withFolder(async (folder) => {
          await using sampler = await startSampler({ folder });
          await page.setViewport({ width: 390, height: 844 });
          await use(page, sampler);
        })
      ),
  });
}

/** Waits until the page has these titles, in order. */
async function untilTitles(page: Page, titles: string[]): Promise<void> {
  const are = (wanted: string) =>
    JSON.stringify([...document.querySelectorAll(".title")].map(({ textContent }) => textContent)) === wanted;
  await page.waitForFunction(are, polling, JSON.stringify(titles));
}

async function untilText(page: Page, selector: string, text: string): Promise<void> {
  const has = (selector: string, text: string) =>
    document.querySelector(selector)?.textContent?.includes(text) ?? false;
  await page.waitForFunction(has, polling, selector, text);
}

/** Half a second of a tone, as 16-bit WAV: browsers play it under any name. */
function tone(): Uint8Array<ArrayBuffer> {
  const wav = silentWav(0.5);
  const samples = new DataView(wav.buffer, 44);
  for (let index = 0; index < samples.byteLength / 2; index++) {
    samples.setInt16(2 * index, 9000 * Math.sin(index / 3), true);
  }
  return wav;
}

testPage("An empty library says how to add the first sample, and the page adds it", async (page, sampler) => {
  await page.goto(sampler.url);
  await untilText(page, "#empty", "Paste the link to a TikTok video above and press Add");
  await page.type("#url", "https://example.com/video");
  await page.click("#add button");
  await untilText(page, "#added", "example.com is not in the list");
  await page.$eval("#url", (box) => (box as HTMLInputElement).value = "");
  await page.type("#url", "https://www.tiktok.com/@ana/video/7301234567890123456");
  await page.click("#add button");
  await untilText(page, ".sample", "waiting");
  assert.equal(await page.$eval("#empty", (found) => (found as HTMLElement).hidden), true);
});

testPage("The page shows progress, a failure with its reason, and tries again", async (page, sampler) => {
  const { samples, tested } = sampler;
  const { id } =
    samples.request({ url: "https://vm.tiktok.com/ZM1", videoKey: null, requestedBy: "Mo" }).sample;
  await page.goto(sampler.url);
  await untilText(page, ".sample", "waiting");
  samples.begin(id);
  samples.report(id, { step: "download", progress: 0.25 });
  await tested.passSeconds(1);
  await untilText(page, ".sample", "downloading");
  assert.equal(await page.$eval("progress", ({ value }) => value), 0.25);
  samples.fail(id, { step: "download", error: "The video is <b>private</b>." });
  await tested.passSeconds(1);
  await untilText(page, ".error", "Failed while downloading. The video is <b>private</b>.");
  await page.evaluate(() =>
    [...document.querySelectorAll("button")].find(({ textContent }) => textContent === "Try again")?.click()
  );
  const isRequested = () => samples.get(id)?.status === "requested";
  while (!isRequested()) await page.evaluate(() => new Promise(requestAnimationFrame));
  await tested.passSeconds(1);
  await untilText(page, ".sample", "waiting");
});

testPage("Search and filters narrow the list, and a stranger's text stays text", async (page, sampler) => {
  const hostile = '<img src=x onerror="document.title=1"> مرحبا';
  sampler.add({ description: hostile, bpm: 70, halfBpm: 35, doubleBpm: 140, key: "F#" });
  sampler.add({ description: "Rain " + "x".repeat(500), bpm: 100 });
  await page.goto(sampler.url);
  await untilTitles(page, ["Rain " + "x".repeat(500), hostile]);
  assert.deepEqual(await page.evaluate(() => [document.title, document.querySelectorAll("h2 img").length]), [
    "Livecue samples",
    0,
  ]);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  await page.type("#search", "rai");
  await untilTitles(page, ["Rain " + "x".repeat(500)]);
  await page.type("#search", "nbow");
  await untilText(page, "#empty", "No sample matches");
  await page.$eval("#search", (box) => (box as HTMLInputElement).value = "");
  await page.type("#bpm-from", "135");
  await page.type("#bpm-to", "145");
  await untilTitles(page, [hostile]);
  for (const id of ["#bpm-from", "#bpm-to"]) {
    await page.$eval(id, (box) => (box as HTMLInputElement).value = "");
  }
  await page.select("#key", "F#");
  await untilTitles(page, [hostile]);
});

testPage(
  "A sample plays from the place that is pressed on its waveform, and can be deleted",
  async (page, sampler) => {
    const id = sampler.add({ content: { mp3: tone(), wav: tone(), waveform: new Uint8Array([1]) } });
    await page.goto(sampler.url);
    await page.waitForSelector(".wave input");
    assert.equal(await page.$eval("a.button", (link) => new URL(link.href).pathname), `/samples/${id}/mp3`);
    await page.evaluate(() => {
      const audio = document.querySelector("audio") as HTMLAudioElement;
      for (const name of ["play", "ended"]) {
        audio.addEventListener(name, () => document.body.dataset[name] = "yes");
      }
      audio.addEventListener("seeked", () => document.body.dataset["at"] ??= String(audio.currentTime));
    });
    const wave = await (await page.$(".wave"))?.boundingBox();
    assert.ok(wave);
    await page.mouse.click(wave.x + wave.width / 2, wave.y + wave.height / 2);
    await page.waitForFunction(() => document.body.dataset["ended"] === "yes", polling);
    const at = Number(await page.evaluate(() => document.body.dataset["at"]));
    assert.ok(Math.abs(at - 0.25) < 0.05, `it began at ${at} s`);
    assert.equal(sampler.samples.get(id)?.downloads, 0);

    const press = (text: string) =>
      page.evaluate(
        (text) =>
          [...document.querySelectorAll("button")].find(({ textContent }) => textContent === text)?.click(),
        text,
      );
    await press("Delete");
    assert.ok(sampler.samples.get(id));
    await press("Really delete");
    while (sampler.samples.get(id) !== null) await page.evaluate(() => new Promise(requestAnimationFrame));
    await sampler.tested.passSeconds(1);
    await untilText(page, "#empty", "There are no samples yet");
  },
);
