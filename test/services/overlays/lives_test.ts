/** Sums are of the live, whatever run, session or source its events came by; and pages say whose they show. */
import assert from "node:assert/strict";
import type { EventOf, LiveEvent } from "../../../src/event.ts";
import { makeEvent, makeGift } from "../../support/events.ts";
import { OverlayPage, startOverlays } from "../../support/overlays.ts";
import { donation } from "../../support/overlay_events.ts";

function gifts(id: number, count: number, given: Partial<EventOf<"GiftEvent">> = {}): LiveEvent {
  const streak = { id: `of ${id}`, count, delta: count, hasEnded: true };
  return makeGift({ id, count, streak, ...given });
}

const room1 = { source: "main", liveId: 1, roomId: "700" };
const room2 = { source: "second", liveId: 2, roomId: "800" };

Deno.test("With two rooms at once each live has its own sums, board and events", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  await using first = await OverlayPage.open(url, "?source=main");
  await using second = await OverlayPage.open(url, "?source=second");
  await using either = await OverlayPage.open(url);
  for (let id = 1; id <= 10; id++) await tested.feed.add(id, gifts(id, 1, id % 2 === 0 ? room2 : room1));
  await tested.feed.add(11, gifts(11, 100, room1));
  await tested.feed.add(12, gifts(12, 1000, room2));
  assert.equal((await first.heard("totals", ({ gifts }) => gifts >= 105)).gifts, 105);
  assert.equal((await second.heard("totals", ({ gifts }) => gifts >= 1005)).gifts, 1005);
  // The one that began last, without going to and fro.
  assert.equal((await either.heard("totals", ({ gifts }) => gifts >= 1005)).gifts, 1005);
  const heard = (page: OverlayPage) =>
    page.messages.flatMap(({ name, data }) => name === "event" ? [(data as { id: number }).id] : []);
  await either.heard("event", ({ id }) => id === 12);
  assert.deepEqual(heard(first), [1, 3, 5, 7, 9, 11]);
  assert.deepEqual(heard(second), [2, 4, 6, 8, 10, 12]);
  assert.deepEqual(heard(either).length, 12);
  await using later = await OverlayPage.open(url, "?source=main");
  assert.deepEqual([later.hello.totals.gifts, later.hello.board[0]?.gifts], [105, 105]);
  assert.deepEqual(later.hello.recent.map(({ id }) => id), [1, 3, 5, 7, 9, 11]);
  await using all = await OverlayPage.open(url);
  assert.equal(all.hello.recent.length, 12);
});

Deno.test("A source that follows a room is of its live: a page of either shows both", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  const tip = { ...donation("Ana"), id: 2, source: "tips", liveId: 1, roomId: "" };
  await tested.feed.add(1, gifts(1, 5, room1));
  await tested.feed.add(2, tip);
  for (const query of ["", "?source=main", "?source=tips"]) {
    await using page = await OverlayPage.open(url, query);
    assert.deepEqual([page.hello.totals.gifts, page.hello.totals.donations], [5, { EUR: 500 }], query);
    assert.deepEqual(page.hello.recent.map(({ id }) => id), [1, 2], query);
  }
  await using unknown = await OverlayPage.open(url, "?source=nobody");
  assert.deepEqual([unknown.hello.totals.gifts, unknown.hello.recent], [0, []]);
});

Deno.test("A source without a room of its own does not take the pages away from the room", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  await tested.feed.add(1, gifts(1, 5, room1));
  await tested.feed.add(2, { ...donation("Ana"), id: 2, source: "tips", liveId: 9, roomId: "" });
  await using page = await OverlayPage.open(url);
  assert.equal(page.hello.totals.gifts, 5);
  assert.deepEqual(page.hello.recent.map(({ id }) => id), [1, 2]);
});

Deno.test("The option source says whose the pages are that do not say it", async () => {
  const { tested, url } = await startOverlays({ source: "main" });
  await using _ = tested;
  await using page = await OverlayPage.open(url, "?wants=alerts");
  await using other = await OverlayPage.open(url, "?source=second");
  assert.equal((await tested.feed.add(2, gifts(2, 9, room2))).kind, "completed");
  const shown = tested.feed.add(1, gifts(1, 5, room1));
  assert.equal((await page.heard("event")).id, 1);
  assert.equal((await page.heard("totals", ({ gifts }) => gifts > 0)).gifts, 5);
  assert.equal((await other.heard("event")).id, 2);
  await page.show(1);
  await shown;
});

Deno.test("A live's sums go on after a restart and a reconnect, while another is open", async () => {
  const first = await startOverlays();
  await first.tested.feed.add(1, gifts(1, 5, room1));
  await first.tested.feed.add(2, gifts(2, 7, room2));
  await first.tested.runner.stop({ graceMs: 0 });
  const { tested, url } = await startOverlays({}, { kept: first.tested.feed.state });
  await using _ = tested;
  await tested.feed.add(3, gifts(3, 10, { ...room1, sessionId: 3 }));
  await tested.feed.add(4, gifts(4, 20, { ...room2, sessionId: 4 }));
  await tested.feed.add(4, gifts(4, 20, { ...room2, sessionId: 4 }), { attempt: 2 });
  for (const [source, sum] of [["main", 15], ["second", 27]] as const) {
    await using page = await OverlayPage.open(url, `?source=${source}`);
    assert.equal(page.hello.totals.gifts, sum);
    assert.equal(page.hello.board[0]?.gifts, sum);
  }
});

Deno.test("Of old lives nothing is kept, and what comes late from them counts nowhere", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  for (let live = 1; live <= 30; live++) {
    await tested.feed.add(live, gifts(live, live, { source: "main", liveId: live, roomId: `${live}` }));
  }
  await tested.feed.add(31, gifts(31, 1, { source: "main", liveId: 1, roomId: "1" }));
  const keys = [...tested.feed.state.keys()].filter((key) => /tally|recent/.test(key));
  assert.equal(keys.length, 2 * 8);
  assert(keys.every((key) => Number(key.match(/\d+/)?.[0]) > 22), keys.join());
  await using page = await OverlayPage.open(url);
  assert.equal(page.hello.totals.gifts, 30);
  assert.deepEqual(page.hello.recent.map(({ id }) => id), [30]);
});

Deno.test("Gifts to a guest, another room's messages and tests count in no goal and on no board", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  await using page = await OverlayPage.open(url);
  const lion = { id: 2, name: "Lion", diamondCount: 29_999, isStreakable: false, imageUrl: "" };
  const receiver = { id: "9", uniqueId: "gil", nickname: "Guest Gil" };
  await tested.feed.add(1, gifts(1, 4));
  await tested.feed.add(2, gifts(2, 1, { data: { gift: lion, repeatCount: 1, receiver } }));
  await tested.feed.add(3, gifts(3, 50, { isForeign: true, roomId: "999" }));
  await tested.feed.add(4, gifts(4, 500, { isTest: true }));
  await tested.feed.add(5, gifts(5, 1));
  const totals = await page.heard("totals", ({ gifts }) => gifts >= 5);
  assert.deepEqual([totals.gifts, totals.diamonds], [5, 5]);
  assert.deepEqual((await page.heard("board", ([top]) => top?.gifts === 5)).length, 1);
  const heard = page.messages.flatMap(({ name, data }) => name === "event" ? [data as { id: number }] : []);
  assert.deepEqual(heard.map(({ id }) => id), [1, 2, 4, 5]);
  assert.equal((await page.heard("event", ({ id }) => id === 2)).receiver, "Guest Gil");
  assert.equal((await page.heard("event", ({ id }) => id === 4)).isTest, true);
  await using later = await OverlayPage.open(url);
  assert.deepEqual(later.hello.recent.map(({ id }) => id), [1, 2, 5]);
});

Deno.test("A gift of several subscriptions counts as many", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  const subscription = (id: number, count: number, isGifted: boolean) =>
    makeEvent<"SubscribeEvent">({
      id,
      type: "SubscribeEvent",
      data: { months: 0, isGifted, count, isSuperFan: true },
    });
  await tested.feed.add(1, subscription(1, 1, false));
  await tested.feed.add(2, subscription(2, 5, true));
  await using page = await OverlayPage.open(url);
  assert.equal(page.hello.totals.subscribers, 6);
});

Deno.test("A test of Livecue's is an alert, also where no rule's conditions hold, and starts no cooldown", async () => {
  const rules = [
    {
      when: "GiftEvent",
      if: { gift: "Lion" },
      do: { text: "{user} lets the lion out!" },
      cooldown: { rule_seconds: 60 },
    },
  ];
  const { tested, url } = await startOverlays({ rules });
  await using _ = tested;
  await using page = await OverlayPage.open(url, "?wants=alerts");
  const lion = {
    gift: { id: 2, name: "Lion", diamondCount: 29_999, isStreakable: false, imageUrl: "" },
    repeatCount: 1,
    receiver: null,
  };
  const given = [
    gifts(1, 1, { isTest: true }),
    gifts(2, 1, { isTest: true, data: lion }),
    gifts(3, 1, { data: lion }),
    gifts(4, 1, { data: lion }),
  ];
  const texts = [];
  for (const event of given) {
    void tested.feed.add(event.id, event);
    texts.push((await page.heard("event", ({ id }) => id === event.id)).alert?.text);
  }
  const text = "Ana lets the lion out!";
  assert.deepEqual(texts, [text, text, text, undefined]);
});
