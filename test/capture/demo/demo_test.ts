import assert from "node:assert/strict";
import { createDemoSource } from "../../../src/capture/demo/demo.ts";
import { DemoLive } from "../../../src/capture/demo/demo_live.ts";
import type { CapturedEvent, SourceItem } from "../../../src/source.ts";
import { cleanName, cleanText } from "../../../src/clean_text.ts";
import { eventTypes, mainEventTypes, paymentEventTypes } from "../../../src/event.ts";
import { only } from "../../support/collect.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { tally } from "../../support/tally.ts";

const startAt = 1_700_000_000_000;

function made(count: number, { seed = 1, ratePerSecond = 5 } = {}) {
  const live = new DemoLive({ seed, ratePerSecond, startAt });
  return Array.from({ length: count }, () => live.next());
}

/** What the demo gives until `seconds` have passed on its clock. */
async function run(
  seconds: number,
  { seed = 1, ratePerSecond = 5, stepMs = 100, shiftWallMs = 0 } = {},
): Promise<SourceItem[]> {
  const clock = new FakeClock(startAt);
  const controller = new AbortController();
  const items: SourceItem[] = [];
  const pull = (async () => {
    const source = createDemoSource({ seed, ratePerSecond, clock });
    for await (const item of source.open(controller.signal)) items.push(item);
  })();
  await new Promise((resolve) => setImmediate(resolve));
  clock.shiftWall(shiftWallMs);
  for (let passedMs = 0; passedMs < seconds * 1000; passedMs += stepMs) {
    clock.advance(stepMs);
    await new Promise((resolve) => setImmediate(resolve));
  }
  controller.abort();
  await pull;
  assert.equal(clock.timerCount, 0);
  return items;
}

Deno.test("The demo makes the same events of the same seed, and others of another", () => {
  assert.deepEqual(made(500, { seed: 7 }), made(500, { seed: 7 }));
  assert.notDeepEqual(made(500, { seed: 7 }), made(500, { seed: 8 }));
});

Deno.test("After a sleep the demo goes on with times in whole milliseconds, as the database wants them", async () => {
  const items = await run(30, { ratePerSecond: 20, stepMs: 7_000.4 });
  const times = items.flatMap((item) => item.kind === "event" ? [item.event.createdAt] : []);
  assert.ok(times.length > 0, `${times.length}`);
  assert.deepEqual(times.filter((time) => !Number.isSafeInteger(time)), []);
});

Deno.test("The demo makes every type of event, the main ones mostly", () => {
  const counts = new Map<string, number>();
  const events = made(50_000);
  for (const { type } of events) counts.set(type, (counts.get(type) ?? 0) + 1);
  const types = eventTypes.filter((type) => !(paymentEventTypes as readonly string[]).includes(type));
  assert.deepEqual([...counts.keys()].sort(), types.sort());
  const main = mainEventTypes.reduce((sum, type) => sum + (counts.get(type) ?? 0), 0);
  assert.ok(main > 0.9 * events.length);
  for (const type of ["CommentEvent", "JoinEvent", "LikeEvent", "GiftEvent"]) {
    assert.ok((counts.get(type) ?? 0) > 0.05 * events.length, type);
  }
});

Deno.test("The demo has guests, emotes and Super Fans now and then", () => {
  const events = made(50_000);
  const share = <Type extends CapturedEvent["type"]>(
    type: Type,
    has: (data: Extract<CapturedEvent, { type: Type }>["data"]) => boolean,
  ) => {
    const all = events.filter((event) => event.type === type);
    return all.filter((event) => has(event.data as never)).length / all.length;
  };
  const shares = [
    share("GiftEvent", ({ receiver }) => receiver !== null),
    share("CommentEvent", ({ emotes }) => emotes.length > 0),
    share("SubscribeEvent", ({ isSuperFan, isGifted }) => isSuperFan && !isGifted),
    share("SubscribeEvent", ({ isSuperFan, isGifted, count }) => isSuperFan && isGifted && count > 1),
  ];
  for (const each of shares) assert.ok(each > 0.01 && each < 0.5, `${shares}`);
});

for (const ratePerSecond of [1, 5, 1000]) {
  Deno.test(`The demo makes ${ratePerSecond} events a second where asked to`, () => {
    const count = Math.max(20_000, ratePerSecond * 60);
    const last = made(count, { ratePerSecond }).at(-1)?.createdAt ?? 0;
    const rate = count / ((last - startAt) / 1000);
    assert.ok(Math.abs(rate / ratePerSecond - 1) < 0.1, `${rate} events a second`);
  });
}

Deno.test("The demo's events are in order, have ids of their own and clean text", () => {
  const events = made(20_000);
  const ids = new Set(events.map(({ messageId }) => messageId));
  assert.equal(ids.size, events.length);
  let last = startAt;
  for (const event of events) {
    assert.ok(event.createdAt >= last);
    last = event.createdAt;
    assert.equal(cleanName(event.user.nickname), event.user.nickname);
    if (event.type === "CommentEvent") assert.equal(cleanText(event.data.comment, 500), event.data.comment);
  }
});

Deno.test("The demo's streaks skip, change places and lack their end now and then, and its likes come 15 at most", () => {
  const frames = new Map<string, { count: number; isEnd: boolean }[]>();
  const likes: number[] = [];
  const isGift = (event: CapturedEvent) => event.type === "GiftEvent";
  for (const event of made(50_000)) {
    if (event.streak?.kind === "like") likes.push(event.streak.count);
    if (event.streak?.kind !== "gift" || event.streak.groupId === null) continue;
    assert.ok(isGift(event));
    const known = frames.get(event.streak.groupId) ?? [];
    frames.set(event.streak.groupId, [...known, event.streak]);
  }
  assert.equal(Math.max(...likes), 15);
  assert.ok(Math.min(...likes) >= 1);
  const streaks = [...frames.values()];
  const share = (has: (streak: { count: number; isEnd: boolean }[]) => boolean) =>
    streaks.filter(has).length / streaks.length;
  const falls = share((streak) => streak.some(({ count }, index) => count < (streak[index - 1]?.count ?? 0)));
  const skips = share((streak) =>
    streak.some(({ count }, index) => count > (streak[index - 1]?.count ?? 0) + 1)
  );
  const endless = share((streak) => !streak.some(({ isEnd }) => isEnd));
  assert.ok(falls > 0.01 && falls < 0.3, `${falls} of the streaks fall`);
  assert.ok(skips > 0.2, `${skips} of the streaks skip`);
  assert.ok(endless > 0.05 && endless < 0.2, `${endless} of the streaks never end`);
  assert.ok(streaks.every((streak) => streak.filter(({ isEnd }) => isEnd).length <= 1));
});

Deno.test("The demo opens a live and its session, and ends without a word when it is aborted", async () => {
  const items = await run(20);
  assert.equal(items[0]?.kind, "state");
  const [session] = only(items, "session");
  assert.equal(session?.username, "demo");
  const events = only(items, "event");
  assert.equal(events.length, items.length - 2);
  assert.ok(events.length > 40 && events.length < 200, `${events.length} events in 20 s`);
  assert.ok(events.every(({ event, raw }) => raw === null && event.roomId === session?.roomId));
  assert.ok(tally(items).repeated === 0);
});

Deno.test("The demo goes on at its pace whatever is done to the wall clock", async () => {
  const [calm, back, forward] = await Promise.all(
    [0, -3_600_000, 3_600_000].map(async (shiftWallMs) => only(await run(20, { shiftWallMs }), "event")),
  );
  assert.deepEqual(back, calm);
  assert.deepEqual(forward, calm);
});

Deno.test("The demo reaches 1,000 events a second with few timers", async () => {
  const events = only(await run(10, { ratePerSecond: 1000, stepMs: 50 }), "event");
  assert.ok(Math.abs(events.length / 10_000 - 1) < 0.1, `${events.length} events in 10 s`);
});

Deno.test("The demo does not make up for hours of sleep", async () => {
  const items = only(await run(7_200, { stepMs: 3_600_000 }), "event");
  assert.ok(items.length < 200, `${items.length} events at once`);
  const times = items.map(({ event }) => event.createdAt ?? 0);
  assert.ok(times.every((time, index) => time >= (times[index - 1] ?? 0)));
});
