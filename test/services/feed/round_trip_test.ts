/** From one Livecue to another: what the feed gives in TikFinity's form is what a TikFinity source takes in. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { createTikfinitySource } from "../../../src/capture/tikfinity/connection.ts";
import { systemClock } from "../../../src/clock.ts";
import type { EventType, LiveEvent, User } from "../../../src/event.ts";
import { Streaks } from "../../../src/lives/streaks.ts";
import type { CapturedEvent } from "../../../src/source.ts";
import type { Subscription } from "../../../src/subscription.ts";
import { sampleEvents } from "../../support/captured_events.ts";
import { makeEvent } from "../../support/events.ts";
import { type FeedUnderTest, startFeed } from "../../support/feed_under_test.ts";
import { silentLog } from "../../support/silent_log.ts";

const lastWords = "that is all";
const gifts = [
  { id: 5655, name: "Rose", diamondCount: 1, isStreakable: true, imageUrl: "https://g.invalid/rose" },
  { id: 11046, name: "Galaxy", diamondCount: 1000, isStreakable: false, imageUrl: "" },
  { id: 6064, name: "GG", diamondCount: 5, isStreakable: true, imageUrl: "" },
];
const users: User[] = ["Ana 🌹", "بن", "Çağla"].map((nickname, index) => ({
  id: `700000000000000000${index}`,
  uniqueId: `viewer.${index}`,
  nickname,
  avatarUrl: index === 0 ? "https://a.invalid/1" : "",
  roles: index === 0 ? ["moderator", "subscriber", "follower"] : [],
}));

type Captured = Pick<CapturedEvent, "type" | "data" | "streak" | "user">;

const user = fc.constantFrom(...users);
const count = fc.integer({ min: 1, max: 30 });

/** Frames as a bad line brings them: in any order, repeated, with ends or without. */
const giftFrame = fc.record({
  user,
  gift: fc.constantFrom(...gifts),
  group: fc.constantFrom("1701792311393", "1701792319999"),
  count,
  isEnd: fc.boolean(),
}).map(({ user, gift, group, count, isEnd }): Captured => ({
  type: "GiftEvent",
  data: { gift, repeatCount: count, receiver: null },
  streak: {
    kind: "gift",
    groupId: gift.isStreakable ? group : null,
    count,
    isEnd: isEnd || !gift.isStreakable,
  },
  user,
}));
const like = fc.record({ user, count }).map(({ user, count }): Captured => ({
  type: "LikeEvent",
  data: { total: 1000 },
  streak: { kind: "like", count },
  user,
}));
const comment = fc.record({ user, comment: fc.stringMatching(/^[a-z ]{1,20}$/) }).map((
  { user, comment },
): Captured => ({
  type: "CommentEvent",
  data: { comment, language: "en", emotes: [] },
  streak: null,
  user,
}));

/** What a streamer sees of a live. */
interface Sums {
  /** Gifts by giver and gift. */
  gifts: Record<string, number>;
  diamonds: number;
  likes: Record<string, number>;
  comments: string[];
  people: Record<string, User>;
}

class Counter {
  readonly sums: Sums = { gifts: {}, diamonds: 0, likes: {}, comments: [], people: {} };

  add({ type, data, user }: { type: string; data: unknown; user: User }, delta: number): void {
    this.sums.people[user.id] = user;
    if (type === "CommentEvent") this.sums.comments.push((data as { comment: string }).comment);
    if (delta === 0) return;
    if (type === "LikeEvent") this.sums.likes[user.id] = (this.sums.likes[user.id] ?? 0) + delta;
    if (type !== "GiftEvent") return;
    const { gift } = data as { gift: typeof gifts[number] };
    const key = `${user.id} ${JSON.stringify(gift)}`;
    this.sums.gifts[key] = (this.sums.gifts[key] ?? 0) + delta;
    this.sums.diamonds += delta * gift.diamondCount;
  }
}

/** Gives the feed what its subscription brings of these events; their sums, as Livecue counts them. */
async function play(
  feed: FeedUnderTest,
  frames: Captured[],
  streaks: Subscription["streaks"],
): Promise<Sums> {
  const counter = new Counter();
  const counted = new Streaks();
  const events = new Map<number, LiveEvent>();
  let items = 0;
  const give = (event: LiveEvent, count: number) => feed.tested.feed.add(++items, event, { count });
  for (const [index, frame] of frames.entries()) {
    const id = index + 1;
    const captured = { ...frame, roomId: "700", messageId: String(id), createdAt: null } as CapturedEvent;
    const { streak, closed } = counted.count(captured, id, id);
    const now = systemClock.now();
    const event = makeEvent({ ...captured as object, id, streak, createdAt: now, receivedAt: now } as object);
    events.set(id, event);
    counter.add(captured, streak?.delta ?? 0);
    if (streak === null) await give(event, 1);
    else if (streaks === "each" && streak.delta > 0) await give(event, streak.delta);
    else if (streaks === "final" && closed !== null) await give(event, streak.count);
    else if (streaks === "final" && streak.hasEnded && streak.delta > 0) await give(event, streak.delta);
  }
  for (const { lastEventId, total } of streaks === "final" ? counted.closeAll() : []) {
    const last = events.get(lastEventId) as LiveEvent;
    await give({ ...last, streak: { ...last.streak, count: total, hasEnded: true } } as LiveEvent, total);
  }
  await give(
    makeEvent({
      id: frames.length + 1,
      messageId: "last",
      data: { comment: lastWords, language: "", emotes: [] },
    }),
    1,
  );
  return counter.sums;
}

/** Takes in all that comes, up to the last words, with the ends of all streaks. */
async function takeIn(url: string, whenLive: () => void): Promise<CapturedEvent[]> {
  const source = createTikfinitySource({
    name: "second",
    url: `${url}?format=tikfinity`,
    clock: systemClock,
    log: silentLog(),
    random: Math.random,
    once: false,
  });
  const events: CapturedEvent[] = [];
  const stop = new AbortController();
  for await (const item of source.open(stop.signal)) {
    if (item.kind === "state" && item.state.phase === "live" && events.length === 0) whenLive();
    if (item.kind !== "event") continue;
    if (item.event.type === "CommentEvent" && item.event.data.comment === lastWords) break;
    events.push(item.event);
  }
  return events;
}

async function roundTrip(feed: FeedUnderTest, give: () => Promise<unknown>): Promise<CapturedEvent[]> {
  const live = Promise.withResolvers<void>();
  const taken = takeIn(feed.url, live.resolve);
  await live.promise;
  await give();
  return await taken;
}

for (const streaks of ["each", "final"] as const) {
  Deno.test(`Gifts, diamonds, likes and comments come out equal, with "streaks": "${streaks}"`, async () => {
    const frames = fc.array(fc.oneof({ arbitrary: giftFrame, weight: 4 }, like, comment), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(frames, async (frames) => {
        await using feed = await startFeed({ streak_seconds: 0.05 });
        let given: Sums | null = null;
        const events = await roundTrip(feed, async () => given = await play(feed, frames, streaks));
        const counter = new Counter();
        const counted = new Streaks();
        const ids = new Set<string | null>();
        for (const [index, event] of events.entries()) {
          assert.ok(!ids.has(event.messageId), `the id ${event.messageId} came twice`);
          ids.add(event.messageId);
          assert.equal(event.isHistory, false);
          counter.add(event, counted.count(event, index + 1, index + 1).streak?.delta ?? 0);
        }
        assert.deepEqual(counter.sums, given);
      }),
      { numRuns: 15 },
    );
  });
}

Deno.test("Events of the types that TikFinity's form has come out as they went in", async () => {
  const without: EventType[] = [
    "GiftEvent",
    "GoalEvent",
    "BarrageEvent",
    "CaptionEvent",
    "NoticeEvent",
    "PinEvent",
    "RankEvent",
    "PollEvent",
    "BattleEvent",
    "StreamPauseEvent",
    "StreamResumeEvent",
    "UnknownEvent",
  ];
  const samples = sampleEvents().filter(({ type }) => !without.includes(type));
  await using feed = await startFeed();
  const events = await roundTrip(feed, () => play(feed, samples, "each"));
  const told = ({ type, data, user }: Captured) => ({
    type,
    data,
    user: { ...user, id: user.id || "nobody" },
  });
  assert.deepEqual(events.map(told), samples.map(told));
});

Deno.test("A test event stays one, and a gift to a guest stays the guest's", async () => {
  await using feed = await startFeed();
  const receiver = { id: "7000000000000000009", uniqueId: "guest", nickname: "Guest" };
  const events = await roundTrip(feed, async () => {
    const streak = { id: "s", count: 1, delta: 1, hasEnded: true };
    const data = { gift: gifts[1], repeatCount: 1, receiver };
    await feed.tested.feed.add(1, makeEvent({ type: "GiftEvent", data, streak, isTest: true } as object));
    await play(feed, [], "each");
  });
  const [event] = events;
  assert.ok(event?.type === "GiftEvent");
  assert.deepEqual([event.isTest, event.data.receiver], [true, receiver]);
});
