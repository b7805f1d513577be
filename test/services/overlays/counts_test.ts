import assert from "node:assert/strict";
import type { KeptTally } from "../../../services/overlays/tally.ts";
import { makeEvent, makeGift } from "../../support/events.ts";
import { OverlayPage, startOverlays } from "../../support/overlays.ts";
import type { LiveEvent, User } from "../../../src/event.ts";

const bo: User = { id: "7", uniqueId: "bo", nickname: "Bo", avatarUrl: "", roles: [] };

function likes(id: number, delta: number): LiveEvent {
  return makeEvent<"LikeEvent">({
    id,
    type: "LikeEvent",
    data: { total: 1 },
    streak: { id: "likes", count: delta, delta, hasEnded: false },
  });
}

function gifts(id: number, count: number, given: Partial<LiveEvent> = {}): LiveEvent {
  const streak = { id: `of ${id}`, count, delta: count, hasEnded: true };
  return makeGift({ ...given as object, id, count, streak });
}

Deno.test("Sums and givers are at the page at once, those of the whole streak where only its end is given", async () => {
  const goals = [{ name: "hearts", of: "likes", target: 1000, title: "Hearts" }];
  const { tested, url } = await startOverlays({ goals });
  await using _ = tested;
  await using page = await OverlayPage.open(url);
  assert.deepEqual(page.hello.goals, [{ ...goals[0], start: 0 }]);
  await tested.feed.add(1, likes(1, 15));
  await tested.feed.add(2, gifts(2, 5));
  await tested.feed.add(3, gifts(3, 20, { user: bo }), { count: 25 });
  await tested.feed.add(4, makeEvent<"FollowEvent">({ type: "FollowEvent", data: { followerCount: 9 } }));
  const totals = { likes: 15, diamonds: 30, gifts: 30, followers: 1, subscribers: 0, shares: 0 };
  assert.deepEqual(await page.heard("totals", ({ followers }) => followers === 1), totals);
  const board = await page.heard("board", ({ length }) => length === 2);
  assert.deepEqual(board.map(({ name, diamonds }) => [name, diamonds]), [["Bo", 25], ["Ana", 5]]);
  await using later = await OverlayPage.open(url);
  assert.deepEqual(later.hello.totals, totals);
  assert.deepEqual(later.hello.board, board);
  assert.deepEqual(later.hello.recent.map(({ type }) => type), ["GiftEvent", "GiftEvent", "FollowEvent"]);
});

Deno.test("A flood of likes is a few messages and a few writes, and each of them counts", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  let writes = 0;
  const setState = tested.feed.setState.bind(tested.feed);
  tested.feed.setState = (...given) => {
    writes++;
    return setState(...given);
  };
  await using page = await OverlayPage.open(url);
  await Promise.all(
    Array.from({ length: 1000 }, (_, index) => tested.feed.add(index + 1, likes(index + 1, 2))),
  );
  await page.heard("totals", (totals) => totals.likes === 2000);
  assert(writes < 100, `${writes} writes`);
  assert(page.messages.filter(({ name }) => name === "totals").length < 20);
});

Deno.test("After a restart goals, givers and latest events go on, and no item counts twice", async () => {
  const first = await startOverlays();
  await first.tested.feed.add(1, gifts(1, 5));
  await first.tested.feed.add(2, gifts(2, 1, { user: bo }));
  await first.tested.feed.say(3, "still here?");
  await first.tested.runner.stop({ graceMs: 0 });

  const { tested, url } = await startOverlays({}, { kept: first.tested.feed.state });
  await using _ = tested;
  await using page = await OverlayPage.open(url);
  assert.equal(page.hello.totals.diamonds, 6);
  assert.deepEqual(page.hello.board.map(({ name }) => name), ["Ana", "Bo"]);
  assert.deepEqual(page.hello.recent.map(({ id }) => id), [1, 2, 3]);
  // The same live in a later session, and an item that had ended when nobody heard of it any more.
  await tested.feed.add(2, gifts(2, 1, { user: bo }), { attempt: 2 });
  await tested.feed.add(4, gifts(4, 10, { user: bo, sessionId: 2 }));
  const totals = await page.heard("totals", ({ gifts }) => gifts >= 16);
  assert.equal(totals.diamonds, 16);
  assert.deepEqual((await page.heard("board")).map(({ name, gifts }) => [name, gifts]), [["Bo", 11], [
    "Ana",
    5,
  ]]);
});

Deno.test("What an ended item has counted is kept, even where the program is killed", async () => {
  const { tested } = await startOverlays();
  await using _ = tested;
  await tested.feed.add(1, gifts(1, 5));
  const kept = tested.feed.state.get("service tally 1") as KeptTally;
  assert.deepEqual([kept.totals.gifts, kept.countedIds], [5, [1]]);
});

Deno.test("What is written with each gift is small, whatever was said before", async () => {
  const { tested } = await startOverlays();
  await using _ = tested;
  for (let id = 1; id <= 50; id++) await tested.feed.say(id, "x".repeat(500));
  await tested.feed.add(51, gifts(51, 5));
  const { length } = JSON.stringify(tested.feed.state.get("service tally 1"));
  assert(length < 1000, `It is ${length} bytes.`);
});

Deno.test("Another live begins anew; what comes late from an earlier one counts nowhere", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  await using page = await OverlayPage.open(url);
  await tested.feed.add(1, gifts(1, 5));
  await tested.feed.add(2, makeEvent({ id: 2, roomId: "800", sessionId: 2, liveId: 2 }));
  assert.equal((await page.heard("totals", ({ gifts }) => gifts === 0)).diamonds, 0);
  assert.deepEqual(await page.heard("board", ({ length }) => length === 0), []);
  await tested.feed.add(3, gifts(3, 7));
  await tested.feed.add(4, gifts(4, 1, { roomId: "800", sessionId: 2, liveId: 2 }));
  assert.equal((await page.heard("totals", ({ gifts }) => gifts > 0 && gifts !== 5)).gifts, 1);
  await using later = await OverlayPage.open(url);
  assert.deepEqual(later.hello.recent.map(({ id }) => id), [2, 4]);
});

Deno.test("Alerts that come right after a restart wait for the page to come back", async () => {
  const first = await startOverlays();
  const page = await OverlayPage.open(first.url, "?wants=alerts");
  await first.tested.runner.stop({ graceMs: 0 });
  await page.ended();

  const { tested, url } = await startOverlays({ reconnect_seconds: 30 }, { kept: first.tested.feed.state });
  await using _ = tested;
  await using chat = await OverlayPage.open(url);
  const item = tested.feed.add(1, gifts(1, 1));
  await chat.heard("event");
  await using back = await OverlayPage.open(url, "?wants=alerts");
  assert.deepEqual(back.hello.waiting.map(({ id }) => id), [1]);
  assert.equal(back.hello.totals.gifts, 1);
  await back.show(1);
  assert.deepEqual(await item, { kind: "completed" });
});
