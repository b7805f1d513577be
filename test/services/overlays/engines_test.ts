/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { overlays } from "../../../services/overlays/pages/assets/overlay_list.js";
import { withPage } from "../../support/browser.ts";
import { obsEngines } from "../../support/obs_engines.ts";
import { startOverlays } from "../../support/overlays_under_test.ts";
import { differenceOf } from "../../support/picture_difference.ts";

const sizes = [{ width: 1080, height: 1920 }, { width: 1920, height: 1080 }];
const pages = overlays.map(({ name }) => `${name}?preview=still&duration=60`);

/** Takes a picture of each page in each size; of made-up events that stand still. */
async function takePictures(page: Page, url: string): Promise<Map<string, string>> {
  await page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
  const pictures = new Map<string, string>();
  for (const size of sizes) {
    await page.setViewport({ ...size, deviceScaleFactor: 0.5 });
    for (const path of pages) {
      await page.goto(`${url}/${path}`);
      // Pages draw when they know the language. A page that listens has a stream open.
      await page.waitForNetworkIdle({ idleTime: 100, concurrency: 1 });
      await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode())));
      await page.evaluate(() => {
        const entrances = document.getAnimations()
          .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
        for (const entrance of entrances) entrance.finish();
      });
      const picture = await page.screenshot({ omitBackground: true, encoding: "base64" });
      pictures.set(`${path} at ${size.width}×${size.height}`, picture);
    }
  }
  return pictures;
}

const [present, ...older] = await obsEngines();

for (const engine of older) {
  const lack = present?.lack || engine.lack;
  Deno.test({
    name: `Each page looks in ${engine.name} as it does in the present one${lack && ` (${lack})`}`,
    ignore: lack !== "",
    fn: async () => {
      await using tested = await startOverlays();
      let theirs = new Map<string, string>();
      await withPage(async (page) => void (theirs = await takePictures(page, tested.url)), {
        path: engine.path,
      });
      await withPage(async (page) => {
        const ours = await takePictures(page, tested.url);
        const found = [];
        for (const [name, picture] of ours) {
          const difference = await differenceOf(page, picture, theirs.get(name) ?? "");
          if (difference.shownCount < 100 || difference.worst > 0.145) found.push({ name, ...difference });
        }
        assert.deepEqual(found, []);
      });
    },
  });
}
