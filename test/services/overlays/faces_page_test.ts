/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { makeGift } from "../../support/events.ts";
import { commentBy, viewer } from "../../support/overlay_events.ts";
import { openPage, testPages, waitForTexts } from "../../support/overlays_under_test.ts";

const faceUrl = "https://p16.tiktokcdn.com/face.png";
const giftUrl = "https://p16.tiktokcdn.com/lion.png";
const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** Answers for Livecue, which has the pictures only once `has` is set. */
async function answerPictures(page: Page): Promise<{ has: boolean; foreign: string[] }> {
  const state = { has: false, foreign: [] as string[] };
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    const { protocol, pathname, hostname } = new URL(request.url());
    if (protocol !== "data:" && hostname !== "127.0.0.1") state.foreign.push(request.url());
    if (pathname !== "/picture") return request.continue();
    return request.respond(
      state.has ? { contentType: "image/png", body: Uint8Array.from(atob(pixel), (c) => c.charCodeAt(0)) } : {
        status: 204,
      },
    );
  });
  return state;
}

const gift = (name: string) =>
  makeGift({
    id: 1,
    user: viewer(name, { avatarUrl: faceUrl }),
    data: {
      gift: { id: 1, name: "Lion", diamondCount: 500, isStreakable: false, imageUrl: giftUrl },
      repeatCount: 1,
      receiver: null,
    },
  });

testPages(
  "An alert shows initials and a symbol at once, and the face and the gift when Livecue has them",
  async ({ page, overlays }) => {
    const pictures = await answerPictures(page);
    await openPage(page, overlays.url, "/alerts?duration=60&volume=0");
    void overlays.tested.feed.add(1, gift("Ana López"));
    await waitForTexts(page, ".medal .initials", ["AL"]);
    assert.equal(
      await page.$eval(".token", (one) => (one as HTMLImageElement).src),
      `${overlays.url}/assets/gift.svg`,
    );
    pictures.has = true;
    await page.evaluate(async (urls) => {
      const path = "/assets/pictures.js";
      const { pictureCame } = await import(path);
      urls.forEach(pictureCame);
    }, [faceUrl, giftUrl]);
    await page.waitForSelector(`.medal .face > img[src="/picture?of=${encodeURIComponent(faceUrl)}"]`);
    await page.waitForSelector(`.medal .token[src="/picture?of=${encodeURIComponent(giftUrl)}"]`);
    assert.deepEqual(pictures.foreign, []);
  },
);

testPages(
  "Without the permission to load pictures, faces are initials, and the log says once what to do",
  async ({ page, overlays }) => {
    const { feed, log } = overlays.tested;
    await page.goto(`${overlays.url}/chat`);
    for (const [index, name] of ["Ana", "Bo Li", "🦁 King", "..."].entries()) {
      await feed.add(index + 1, commentBy(viewer(name, { avatarUrl: `${faceUrl}?${name}` }), "hello"));
    }
    await waitForTexts(page, ".avatar .initials", ["A", "BL", "🦁", "?"]);
    const { text } = await log.heard(/initials in place of faces/);
    assert.match(text, /"\*\.tiktokcdn\.com"/);
    assert.equal(log.entries.filter((entry) => entry.text.includes("initials")).length, 1);
  },
);
