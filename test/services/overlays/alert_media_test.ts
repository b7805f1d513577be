/// <reference lib="dom" />
import assert from "node:assert/strict";
import { lacksBrowser, withPage } from "../../support/browser.ts";
import { roses } from "../../support/overlay_events.ts";
import { openPage, startOverlays } from "../../support/overlays_under_test.ts";
import { withFolder } from "../../support/temporary_store.ts";

const square = {
  v: "5.7.0",
  fr: 30,
  ip: 0,
  op: 60,
  w: 100,
  h: 100,
  assets: [],
  layers: [{ ty: 1, nm: "square", ip: 0, op: 60, st: 0, sw: 100, sh: 100, sc: "#ff0000", ks: {} }],
};

Deno.test({
  name: "A gift has the Lottie animation of its name; a missing file is told once, and the alert is shown",
  ignore: lacksBrowser,
  fn: () =>
    withFolder((folder) =>
      withPage(async (page) => {
        await Deno.writeTextFile(`${folder}/rose.json`, JSON.stringify(square));
        const rules = [
          { when: "GiftEvent", if: { min_diamonds: 5 }, do: { media: "gone.webm" } },
          { when: "GiftEvent", do: {} },
        ];
        await using overlays = await startOverlays({
          options: { theme_folder: folder, rules },
          read: [folder],
        });
        const { feed, log } = overlays.tested;
        await openPage(page, overlays.url, "/alerts?duration=0.5&volume=0");
        void feed.add(1, roses("Ana", 1));
        await page.waitForSelector("#media .lottie svg rect");
        for (const id of [2, 3]) await feed.add(id, roses(`Viewer ${id}`, 5));
        const { text } = await log.heard(/without the file "gone.webm"/);
        assert.match(text, /theme_folder/);
        const told = log.entries.filter((entry) => /without the file "gone.webm"/.test(entry.text));
        assert.equal(told.length, 1);
      })
    ),
});
