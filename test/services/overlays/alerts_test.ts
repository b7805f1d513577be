import assert from "node:assert/strict";
import { makeEvent, makeGift } from "../../support/events.ts";
import { OverlayPage, startOverlays } from "../../support/overlays.ts";
import type { LiveEvent } from "../../../src/event.ts";

const follow = (id: number) =>
  makeEvent<"FollowEvent">({ id, type: "FollowEvent", data: { followerCount: 1 } });

/** One event of a streak of roses. */
function streakOf(id: number, count: number, delta = 1): LiveEvent {
  return makeGift({ id, count, streak: { id: "streak", count, delta, hasEnded: false } });
}

function giftWorth(id: number, diamondCount: number): LiveEvent {
  const gift = { id: 1, name: "Gift", diamondCount, isStreakable: false, imageUrl: "" };
  return makeGift({
    id,
    data: { gift, repeatCount: 1, receiver: null },
    streak: { id: `of ${id}`, count: 1, delta: 1, hasEnded: true },
  });
}

Deno.test("An item ends when a page has shown its alert", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  await using page = await OverlayPage.open(url, "?wants=alerts");
  const item = tested.feed.add(1, follow(1));
  const event = await page.heard("event");
  assert.deepEqual(event.alert, { text: "", durationSeconds: null, sound: "", media: "", size: null });
  assert.deepEqual(tested.feed.running, [1]);
  await page.show(event.id);
  assert.deepEqual(await item, { kind: "completed" });
});

Deno.test("Where no page shows such alerts, an item ends at once", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  assert.deepEqual(await tested.feed.add(1, follow(1)), { kind: "completed" });
  await using _chat = await OverlayPage.open(url);
  assert.deepEqual(await tested.feed.add(2, follow(2)), { kind: "completed" });
  await using _gifts = await OverlayPage.open(url, "?wants=alerts&types=GiftEvent");
  assert.deepEqual(await tested.feed.add(3, follow(3)), { kind: "completed" });
});

Deno.test("No item waits with wait_for_alerts false", async () => {
  const { tested, url } = await startOverlays({ wait_for_alerts: false });
  await using _ = tested;
  await using page = await OverlayPage.open(url, "?wants=alerts");
  assert.deepEqual(await tested.feed.add(1, follow(1)), { kind: "completed" });
  assert.notEqual((await page.heard("event")).alert, null);
});

Deno.test("Comments, likes and joins go to the page and end at once, while alerts wait", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  await using page = await OverlayPage.open(url, "?wants=alerts");
  void tested.feed.add(1, follow(1));
  const like = makeEvent<"LikeEvent">({
    type: "LikeEvent",
    data: { total: 15 },
    streak: { id: "likes", count: 15, delta: 15, hasEnded: false },
  });
  const join = makeEvent<"JoinEvent">({ type: "JoinEvent", data: { memberCount: 1 } });
  const ends = [tested.feed.say(2, "hello"), tested.feed.add(3, like), tested.feed.add(4, join)];
  assert((await Promise.all(ends)).every(({ kind }) => kind === "completed"));
  assert.deepEqual(tested.feed.running, [1]);
  assert.equal((await page.heard("event", ({ id }) => id === 2)).comment, "hello");
  assert.equal((await page.heard("event", ({ id }) => id === 3)).count, 15);
});

Deno.test("A page that is gone for good holds up nobody", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  const page = await OverlayPage.open(url, "?wants=alerts");
  const item = tested.feed.add(1, follow(1));
  await page.heard("event");
  await page[Symbol.asyncDispose]();
  assert.deepEqual(await item, { kind: "completed" });
});

Deno.test("A page that comes back gets the alerts that it has not shown", async () => {
  const { tested, url } = await startOverlays({ reconnect_seconds: 30 });
  await using _ = tested;
  await using chat = await OverlayPage.open(url);
  const first = await OverlayPage.open(url, "?wants=alerts");
  const items = [tested.feed.add(1, follow(1)), tested.feed.add(2, follow(2))];
  await first.heard("event", ({ id }) => id === 2);
  await first.show(1);
  await items[0];
  await first[Symbol.asyncDispose]();

  const whileGone = tested.feed.add(3, follow(3));
  await chat.heard("event", ({ id }) => id === 3);
  await using second = await OverlayPage.open(url, "?wants=alerts");
  assert.deepEqual(second.hello.waiting.map(({ id }) => id), [2, 3]);
  await second.show(2);
  await second.show(3);
  await Promise.all([items[1], whileGone]);
});

Deno.test("Over max_waiting_alerts, the one of least worth is given up; its item ends well", async () => {
  const { tested, url } = await startOverlays({ max_waiting_alerts: 3 });
  await using _ = tested;
  await using page = await OverlayPage.open(url, "?wants=alerts");
  void tested.feed.add(1, giftWorth(1, 500));
  const small = tested.feed.add(2, giftWorth(2, 5));
  void tested.feed.add(3, giftWorth(3, 50));
  void tested.feed.add(4, giftWorth(4, 1000));
  assert.deepEqual(await small, { kind: "completed" });
  assert.deepEqual(await tested.feed.add(5, giftWorth(5, 1)), { kind: "completed" });
  assert.deepEqual(tested.feed.running, [1, 3, 4]);
  assert.equal((await tested.log.heard(/2 skipped so far/)).level, "debug");
  assert.equal((await page.heard("event", ({ id }) => id === 5)).diamonds, 1);
});

Deno.test("A streak is one alert: where too many wait, its earlier items give way to its later ones", async () => {
  const { tested, url } = await startOverlays({ max_waiting_alerts: 2 });
  await using _ = tested;
  await using page = await OverlayPage.open(url, "?wants=alerts");
  void tested.feed.add(1, giftWorth(1, 1));
  const begun = tested.feed.add(2, streakOf(2, 1));
  const goesOn = tested.feed.add(3, streakOf(3, 2));
  assert.deepEqual(await begun, { kind: "completed" });
  assert.deepEqual(tested.feed.running, [1, 3]);
  const event = await page.heard("event", ({ id }) => id === 3);
  assert.deepEqual([event.count, event.total, event.streakId], [1, 2, "streak"]);
  await page.show(3);
  await goesOn;
  assert.equal(tested.log.entries.filter(({ level }) => level === "debug").length, 0);
});

Deno.test("Fifty alerts a second, of which a page shows none, never hold up the chat", async () => {
  const { tested, url } = await startOverlays({ max_waiting_alerts: 20 });
  await using _ = tested;
  await using page = await OverlayPage.open(url, "?wants=alerts");
  const latencies: number[] = [];
  const alerts: Promise<unknown>[] = [];
  for (let id = 1; id <= 500; id += 2) {
    alerts.push(tested.feed.add(id, giftWorth(id, id)));
    const before = performance.now();
    const end = tested.feed.say(id + 1, `comment ${id}`);
    await page.heard("event", (event) => event.id === id + 1);
    latencies.push(performance.now() - before);
    assert.deepEqual(await end, { kind: "completed" });
    // Livecue handles a service's messages for a share of the time, which has to pass.
    tested.clock.advance(20);
  }
  latencies.sort((one, other) => one - other);
  assert(latencies[Math.floor(latencies.length * 0.95)] as number < 100, `${latencies.at(-1)} ms`);
  // Each is worth more than the one before it.
  await Promise.all(alerts.slice(0, -20));
  assert.equal(tested.feed.running.length, 20);
});

Deno.test("The rules say which events are alerts, with which words, how long and how loud", async () => {
  const rules = [
    {
      when: "GiftEvent",
      if: { gift: "Rose" },
      do: {
        text: "{user} has roses",
        sound: "ding.mp3",
        duration_seconds: 3,
        media: "roses.webm",
        size: "big",
      },
    },
    { when: "CommentEvent", if: { words: "hype" }, do: { text: "{comment}!" } },
  ];
  const { tested, url } = await startOverlays({ rules });
  await using _ = tested;
  await using page = await OverlayPage.open(url, "?wants=alerts");
  void tested.feed.add(1, makeGift({ id: 1 }));
  const alert = {
    text: "Ana has roses",
    namesViewer: true,
    durationSeconds: 3,
    sound: "ding.mp3",
    media: "roses.webm",
    size: "big",
  };
  assert.deepEqual((await page.heard("event")).alert, alert);
  void tested.feed.say(2, "HYPE");
  assert.equal((await page.heard("event", ({ id }) => id === 2)).alert?.text, "HYPE!");
  assert.deepEqual(await tested.feed.add(3, follow(3)), { kind: "completed" });
  assert.equal((await page.heard("event", ({ id }) => id === 3)).alert, null);
});

Deno.test("A streak that has become an alert stays one while its rule cools down", async () => {
  const rules = [{ when: "GiftEvent", do: {}, cooldown: { rule_seconds: 60 } }];
  const { tested, url } = await startOverlays({ rules });
  await using _ = tested;
  await using page = await OverlayPage.open(url, "?wants=alerts");
  void tested.feed.add(1, streakOf(1, 1));
  void tested.feed.add(2, streakOf(2, 2));
  await tested.feed.add(3, giftWorth(3, 1));
  const isAlert = async (wanted: number) =>
    (await page.heard("event", ({ id }) => id === wanted)).alert !== null;
  assert.deepEqual([await isAlert(1), await isAlert(2), await isAlert(3)], [true, true, false]);
});

Deno.test("An item whose time is up has failed, and its alert waits no longer", async () => {
  const { tested, url } = await startOverlays({}, { timeoutMs: 2000 });
  await using _ = tested;
  await using page = await OverlayPage.open(url, "?wants=alerts");
  const item = tested.feed.add(1, follow(1));
  await page.heard("event");
  tested.clock.advance(2000);
  assert.deepEqual(await item, { kind: "failed", error: "timed out after 2 s" });
  await using later = await OverlayPage.open(url, "?wants=alerts");
  assert.deepEqual(later.hello.waiting, []);
});

Deno.test("A stop does not wait for alerts: pages show what they were told without Livecue", async () => {
  const { tested, url } = await startOverlays();
  await using page = await OverlayPage.open(url, "?wants=alerts");
  const item = tested.feed.add(1, follow(1));
  await page.heard("event");
  // No time passes on the clock, so nothing is cut off.
  await tested.runner.stop({ graceMs: 10_000 });
  assert.deepEqual(await item, { kind: "completed" });
  await page.ended();
});
