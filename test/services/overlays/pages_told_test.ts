/** What pages are told, and what the overlays take from them. */
import assert from "node:assert/strict";
import type { Status } from "../../../services/overlays/messages.ts";
import { makeEvent, makeGift } from "../../support/events.ts";
import { OverlayPage, startOverlays } from "../../support/overlays.ts";
import { get, post } from "../../support/page_stream.ts";

Deno.test("A test reaches the pages and counts nowhere", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  await using page = await OverlayPage.open(url, "?wants=alerts");
  await post(`${url}/test`, { type: "GiftEvent", count: 20, diamonds: 5 });
  const event = await page.heard("event");
  assert.deepEqual([event.isTest, event.total, event.diamonds], [true, 20, 100]);
  assert.notEqual(event.alert, null);
  assert(event.id < 0);
  await page.show(event.id);
  await using later = await OverlayPage.open(url);
  assert.deepEqual([later.hello.totals.gifts, later.hello.board, later.hello.recent], [0, [], []]);
});

Deno.test("Names, comments and pictures of strangers arrive as data, pictures of TikTok's only", async () => {
  const { tested, url } = await startOverlays({ blocked_words: ["badword", "c++"] });
  await using _ = tested;
  await using page = await OverlayPage.open(url);
  const nickname = "</script><img src=x onerror=alert(1)>\n\nevent: hello\ndata: {}";
  const user = {
    id: "1",
    uniqueId: "x",
    nickname,
    avatarUrl: "https://evil.example/p16.tiktokcdn.com/a.png",
    roles: [],
  };
  await tested.feed.add(
    1,
    makeEvent({ id: 1, user, data: { comment: "A BadWord, badwords, C++", language: "", emotes: [] } }),
  );
  const comment = await page.heard("event", ({ id }) => id === 1);
  assert.equal(comment.user.name, nickname);
  assert.equal(comment.user.avatarUrl, "");
  assert.equal(comment.comment, "A ***, badwords, ***");

  const pictures = [
    ["https://p16-webcast.tiktokcdn.com/rose.png~tplv-obj.webp?x=1", true],
    ["http://p16-webcast.tiktokcdn.com/rose.png", false],
    ["https://tiktokcdn.com.evil.example/rose.png", false],
    ["https://eviltiktokcdn.com/rose.png", false],
    ["https://a@p16.tiktokcdn.com/rose.png", false],
    ["javascript:alert(1)//.tiktokcdn.com", false],
    ["data:image/svg+xml,<svg/>", false],
  ] as const;
  for (const [index, [imageUrl, isKept]] of pictures.entries()) {
    const id = 10 + index;
    const gift = { id: 1, name: "Rose", diamondCount: 1, isStreakable: false, imageUrl };
    await tested.feed.add(id, makeGift({ id, data: { gift, repeatCount: 1, receiver: null } }));
    const event = await page.heard("event", (event) => event.id === id);
    assert.equal(event.gift?.imageUrl, isKept ? imageUrl : "", imageUrl);
  }
});

Deno.test("The status lists the pages, and what a page may say is checked", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  const status = JSON.parse((await get(`${url}/status`)).text) as Status;
  assert.deepEqual(status.pages.map(({ name }) => name), [
    ...[
      "alerts",
      "battle",
      "chat",
      "countdown",
      "goal",
      "leaderboard",
      "now",
      "poll",
      "qr",
      "raffle",
      "soundboard",
      "ticker",
      "timer",
      "wheel",
    ],
  ]);
  assert.equal(status.url, url);
  assert.equal((await post(`${url}/shown`, { id: "1" })).status, 400);
  assert.equal((await post(`${url}/test`, { type: "StreamEndEvent" })).status, 400);
  assert.equal((await post(`${url}/shown`, { id: 12345 })).status, 204);
});
