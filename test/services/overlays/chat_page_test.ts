/// <reference lib="dom" />
import assert from "node:assert/strict";
import { commentBy, viewer } from "../../support/overlay_events.ts";
import { testPages, waitForTexts } from "../../support/overlays_under_test.ts";

testPages("Comments come as they are written, with badges, and fade", async ({ page, overlays }) => {
  const { feed } = overlays.tested;
  await page.goto(`${overlays.url}/chat?fade=1`);
  await feed.add(1, commentBy(viewer("Mo", { roles: ["moderator"] }), "hello"));
  await waitForTexts(page, ".comment .name", ["Mo"]);
  await waitForTexts(page, ".bubble .words", ["hello"]);
  assert.equal(await page.evaluate(() => document.querySelectorAll(".who.moderator img").length), 1);
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
