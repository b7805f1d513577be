/// <reference lib="dom" />
import assert from "node:assert/strict";
import type { Page } from "puppeteer-core";
import { commentBy, viewer } from "../../support/overlay_events.ts";
import { openPage, testPages, waitForTexts, watchFor } from "../../support/overlays_under_test.ts";

testPages("Comments come as they are written, with badges", async ({ page, overlays }) => {
  const { feed } = overlays.tested;
  await page.goto(`${overlays.url}/chat?fade=3600`);
  await feed.add(1, commentBy(viewer("Mo", { roles: ["moderator"] }), "hello"));
  await waitForTexts(page, ".comment .name", ["Mo"]);
  await waitForTexts(page, ".bubble .words", ["hello"]);
  assert.equal(await page.evaluate(() => document.querySelectorAll(".who.moderator img").length), 1);
});

testPages("Comments fade", async ({ page, overlays }) => {
  await page.goto(`${overlays.url}/chat?fade=1`);
  const shown = await watchFor(page, ".bubble .words", "hello");
  await overlays.tested.feed.add(1, commentBy(viewer("Mo"), "hello"));
  await shown();
  await waitForTexts(page, ".comment", []);
});

testPages("A comment stays as it is while others come and go", async ({ page, overlays }) => {
  const { feed } = overlays.tested;
  await page.goto(`${overlays.url}/chat?max=2`);
  const say = (id: number) => feed.add(id, commentBy(viewer("Ana"), `comment ${id}`));
  const colours = () =>
    page.$$eval(".who", (tags) => tags.map((tag) => getComputedStyle(tag).backgroundColor));
  await say(1);
  await say(2);
  await waitForTexts(page, ".bubble .words", ["comment 1", "comment 2"]);
  const [colour] = await colours();
  await say(3);
  await waitForTexts(page, ".bubble .words", ["comment 2", "comment 3"]);
  assert.deepEqual(await colours(), [colour, colour]);
});

testPages("A chat keeps no more of a flood than it shows", async ({ page, overlays }) => {
  const { feed } = overlays.tested;
  await page.goto(`${overlays.url}/chat?max=2&fade=3600`);
  for (let id = 1; id <= 300; id++) await feed.add(id, commentBy(viewer("Ana"), `comment ${id}`));
  await waitForTexts(page, ".bubble .words", ["comment 299", "comment 300"]);
  const session = await page.createCDPSession();
  await session.send("HeapProfiler.collectGarbage");
  const { Nodes: count = 0 } = await page.metrics();
  assert(count < 1000, `There are ${count} nodes.`);
});

testPages("A comment with nothing in it is not shown", async ({ page, overlays }) => {
  const { feed } = overlays.tested;
  await page.goto(`${overlays.url}/chat`);
  await feed.add(1, commentBy(viewer("Ana"), ""));
  await feed.add(2, commentBy(viewer("Ben"), "hello"));
  await waitForTexts(page, ".bubble .words", ["hello"]);
});

testPages("A chat that is opened anew has the comments that were there", async ({ page, overlays }) => {
  const { feed } = overlays.tested;
  await page.goto(`${overlays.url}/chat?max=2`);
  for (const [index, text] of ["one", "two", "three"].entries()) {
    await feed.add(index + 1, commentBy(viewer("Ana"), text));
  }
  await waitForTexts(page, ".bubble .words", ["two", "three"]);
  await page.reload();
  await waitForTexts(page, ".bubble .words", ["two", "three"]);
});

const picture = "https://p16-webcast.tiktokcdn.com/emote/1.png";

const ofPicture = `/picture?of=${encodeURIComponent(picture)}`;

/** What stands in the comments: texts as they are, each picture as its address. */
function shownComments(page: Page): Promise<string[][]> {
  return page.$$eval(
    ".bubble .words",
    (all) =>
      all.map((words) =>
        [...words.childNodes].map((node) =>
          node instanceof HTMLImageElement ? node.getAttribute("src") ?? "" : node.textContent ?? ""
        )
      ),
  );
}

testPages(
  "Emotes are pictures at their places; a comment of emotes alone is shown",
  async ({ page, overlays }) => {
    const { feed } = overlays.tested;
    await page.setRequestInterception(true);
    page.on("request", (request) => {
      if (!request.url().endsWith(ofPicture)) return request.continue();
      return request.respond({
        contentType: "image/svg+xml",
        body: '<svg xmlns="http://www.w3.org/2000/svg"/>',
      });
    });
    await page.goto(`${overlays.url}/chat`);
    const emote = (at: number) => ({ id: "1", imageUrl: picture, at });
    await feed.add(1, commentBy(viewer("Ana"), "", [emote(0), emote(0)]));
    await feed.add(2, commentBy(viewer("Bo"), "well done 👏!", [emote(12), emote(0), emote(5)]));
    await waitForTexts(page, ".comment .name", ["Ana", "Bo"]);
    await page.waitForFunction(() => document.querySelectorAll('.emote[src^="/picture"]').length === 5);
    assert.deepEqual(await shownComments(page), [
      [ofPicture, ofPicture],
      [ofPicture, "well ", ofPicture, "done 👏", ofPicture, "!"],
    ]);
  },
);

testPages(
  "Emotes with places and addresses that cannot be do no harm",
  async ({ page, overlays }) => {
    const { feed } = overlays.tested;
    const requests: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(`${overlays.url}/chat`);
    const places = [-5, 1e9, NaN, 0.5, 2, 1];
    const hostile = places.map((at) => ({ id: "x", imageUrl: "https://evil.example/a.png", at }));
    await feed.add(1, commentBy(viewer("Ana"), "👏 badword", hostile));
    await feed.add(
      2,
      commentBy(viewer("Bo"), "a badword b", [{ id: "1", imageUrl: "javascript:1", at: 10 }]),
    );
    await waitForTexts(page, ".comment .name", ["Ana", "Bo"]);
    const own = "/assets/emote.svg";
    assert.deepEqual(await shownComments(page), [
      [own, own, "👏", own, own, " ***", own, own],
      ["a *** ", own, "b"],
    ]);
    await feed.add(3, commentBy(viewer("Cy"), "", Array(500).fill({ id: "1", imageUrl: "", at: 0 })));
    await waitForTexts(page, ".comment .name", ["Ana", "Bo", "Cy"]);
    assert.equal((await shownComments(page))[2]?.length, 30);
    assert.deepEqual(requests.filter((url) => !url.startsWith(overlays.url)), []);
  },
  { blocked_words: ["badword"] },
);

testPages(
  "A hidden chat gains no elements, and shows the latest comments when it is seen again",
  async ({ page, browser, overlays }) => {
    const { feed } = overlays.tested;
    await openPage(page, overlays.url, "/chat?max=3");
    const other = await browser.newPage();
    await other.bringToFront();
    await page.waitForFunction(() => document.hidden, { polling: 50 });
    for (let id = 1; id <= 100; id++) await feed.add(id, commentBy(viewer("Ana"), `comment ${id}`));
    assert.equal(await page.evaluate(() => document.querySelectorAll(".comment").length), 0);
    await page.bringToFront();
    await waitForTexts(page, ".bubble .words", ["comment 98", "comment 99", "comment 100"]);
  },
);
