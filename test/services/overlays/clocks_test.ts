/// <reference lib="dom" />
/** A page and Livecue may have clocks that differ: no page compares its own with a time of Livecue's. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Page } from "puppeteer-core";
import { OverlayPage, startOverlays } from "../../support/overlays.ts";
import { commentBy, viewer } from "../../support/overlay_events.ts";
import {
  type OverlaysUnderTest,
  testPages,
  waitForTexts,
  watchFor,
} from "../../support/overlays_under_test.ts";

const hourMs = 3_600_000;

async function reloadChat(page: Page, { url, tested: { feed } }: OverlaysUnderTest): Promise<void> {
  await page.goto(`${url}/chat?fade=60`);
  await feed.add(1, commentBy(viewer("Ana"), "still here"));
  await waitForTexts(page, ".bubble .words", ["still here"]);
  await page.reload();
  await waitForTexts(page, ".bubble .words", ["still here"]);
}

for (const [direction, offMs] of [["behind", -hourMs], ["ahead", hourMs]] as const) {
  testPages(
    `A chat is full after a reload where the browser's clock is an hour ${direction}`,
    async (parts) => {
      const { page, overlays } = parts;
      await page.evaluateOnNewDocument((offMs) => {
        const now = Date.now;
        Date.now = () => now() + offMs;
      }, offMs);
      await reloadChat(page, overlays);
    },
  );
}

testPages(
  "A comment that is older than it may be is not shown again after a reload",
  async ({ page, overlays }) => {
    const { feed } = overlays.tested;
    await page.goto(`${overlays.url}/chat?fade=1`);
    const shown = await watchFor(page, ".bubble .words", "old");
    await feed.add(1, commentBy(viewer("Ana"), "old"));
    await shown();
    await waitForTexts(page, ".comment", []);
    await page.reload();
    await feed.add(2, commentBy(viewer("Ben"), "new"));
    await waitForTexts(page, ".bubble .words", ["new"]);
  },
);

Deno.test("What a page that comes later is told of has its age, also after a restart", async () => {
  const first = await startOverlays();
  await first.tested.feed.say(1, "hello");
  await first.tested.runner.stop({ graceMs: 0 });
  const kept = first.tested.feed.state.get("service recent 1") as { savedAt: number };
  // As if it had been off for an hour; and as if the clock had been set back since.
  for (const [passedMs, expectedMs] of [[hourMs, hourMs], [-hourMs, 0]] as const) {
    const state = new Map(first.tested.feed.state);
    state.set("service recent 1", { ...kept, savedAt: kept.savedAt - passedMs });
    const { tested, url } = await startOverlays({}, { kept: state });
    await using _ = tested;
    await using page = await OverlayPage.open(url);
    const ageMs = page.hello.recent[0]?.ageMs ?? NaN;
    assert(ageMs >= expectedMs && ageMs < expectedMs + 60_000, `It is ${ageMs} ms old.`);
  }
});

Deno.test("No page looks at its own wall clock", async () => {
  const folders = ["services/overlays/pages/assets/", "src/kit/pages/client/"];
  for (const folder of folders.map((path) => fileURLToPath(new URL(`../../../${path}`, import.meta.url)))) {
    for await (const { name } of Deno.readDir(folder)) {
      if (!name.endsWith(".js")) continue;
      assert.doesNotMatch(await Deno.readTextFile(`${folder}${name}`), /\bDate\b|timeOrigin/, name);
    }
  }
});
