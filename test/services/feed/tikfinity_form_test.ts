/** The feed in TikFinity's form, with programs as others have written them. */
import assert from "node:assert/strict";
import { type EventOf, type LiveEvent, nobody } from "../../../src/event.ts";
import { makeEvent, makeGift } from "../../support/events.ts";
import { FeedClient, type FeedUnderTest, startFeed } from "../../support/feed_under_test.ts";
import { MinecraftMod } from "../../support/minecraft_mod.ts";

/** So short that a test can wait for it. */
const streakSeconds = 0.5;

const ana = { ...nobody, id: "42", uniqueId: "ana", nickname: "Ana", roles: ["moderator" as const] };
let lastId = 0;

/** A frame of a streak, as Livecue counts it. */
function rose(
  streakId: string,
  count: number,
  delta: number,
  hasEnded: boolean,
  given: Partial<LiveEvent> = {},
) {
  const id = ++lastId;
  return makeGift({
    id,
    messageId: String(id),
    count,
    user: ana,
    streak: { id: streakId, count, delta, hasEnded },
    ...given as Partial<EventOf<"GiftEvent">>,
  });
}

async function give(feed: FeedUnderTest, event: LiveEvent, count?: number): Promise<void> {
  const outcome = await feed.tested.feed.add(event.id, event, count === undefined ? {} : { count });
  assert.equal(outcome.kind, "completed");
}

Deno.test("A streak is told by rising counts and one last frame when no gift comes any more", async () => {
  // Longer than the second gift takes on a slow machine.
  await using feed = await startFeed({ streak_seconds: 2 });
  await using client = await FeedClient.open(`${feed.url}?format=tikfinity`);
  await give(feed, rose("a", 1, 1, false));
  await give(feed, rose("a", 4, 3, false));
  const messages = await client.first(3);
  assert.deepEqual(messages.map(({ event }) => event), ["gift", "gift", "gift"]);
  const frames = messages.map(({ data }) => [data.repeatCount, data.repeatEnd, data.giftType]);
  assert.deepEqual(frames, [[1, false, 1], [4, false, 1], [4, true, 1]]);
  assert.equal(new Set(messages.map(({ data }) => data.groupId)).size, 1);
  assert.equal(new Set(messages.map(({ data }) => data.msgId)).size, 3);
});

Deno.test("A program that acts on last frames counts every gift once, however the streak comes", async () => {
  await using feed = await startFeed({ streak_seconds: streakSeconds });
  await using mod = await MinecraftMod.open(`${feed.url}?format=tikfinity`);
  const last = { streakId: 0 };
  const id = () => `streak ${++last.streakId}`;
  // Livecue's own end adds to it; it came in one; the same item was handed out twice.
  const first = id();
  await give(feed, rose(first, 2, 2, false));
  const end = rose(first, 5, 3, true);
  await give(feed, end);
  await give(feed, { ...end, id: ++lastId });
  await give(feed, rose(id(), 7, 7, true));
  // "streaks": "final": the whole streak at its end, at the event that was its last.
  await give(feed, rose(id(), 11, 2, true), 11);
  // A gift that comes after the end is a streak of its own.
  const late = id();
  await give(feed, rose(late, 13, 13, true));
  await give(feed, rose(late, 17, 4, true), 4);
  // The service was started in the midst of it: only what comes is told.
  await give(feed, rose(id(), 30, 10, true), 10);
  // Two at a time, and the ends are timed.
  const [one, other] = [id(), id()];
  await give(feed, rose(one, 1, 1, false));
  await give(feed, rose(other, 2, 2, false));
  await give(feed, rose(one, 3, 2, false));
  await mod.counted(5 + 7 + 11 + 17 + 10 + 3 + 2);
  // One goes on after that.
  await give(feed, rose(one, 8, 5, false));
  await mod.counted(5 + 7 + 11 + 17 + 10 + 8 + 2);
  assert.deepEqual(mod.problems, []);
});

Deno.test("A stop ends the streaks that run, so that nothing of them is missing", async () => {
  await using feed = await startFeed({ streak_seconds: 60 });
  const mod = await MinecraftMod.open(`${feed.url}?format=tikfinity`);
  await give(feed, rose("a", 3, 3, false));
  await feed.tested.runner.stop({ graceMs: 2000 });
  await mod.closed;
  assert.equal(mod.gifts, 3);
});

Deno.test("A gift that does not streak comes once and is its own end", async () => {
  await using feed = await startFeed();
  await using mod = await MinecraftMod.open(`${feed.url}?format=tikfinity`);
  const gift = {
    id: 11046,
    name: "Galaxy",
    diamondCount: 1000,
    isStreakable: false,
    imageUrl: "https://g.invalid/1",
  };
  const receiver = { id: "9", uniqueId: "guest", nickname: "Guest" };
  await give(feed, rose("g", 1, 1, true, { data: { gift, repeatCount: 1, receiver } } as Partial<LiveEvent>));
  await mod.counted(1);
  assert.equal(mod.diamonds, 1000);
  const { data } = mod.messages[0];
  assert.deepEqual([data.giftType, data.repeatEnd, data.receiverUserId], [2, true, "9"]);
  assert.deepEqual(data.toUser, { userId: "9", uniqueId: "guest", nickname: "Guest" });
});

Deno.test("Programs get chat, likes, follows and all else that the form has, with what they read unasked", async () => {
  await using feed = await startFeed({ username: "streamer" });
  await using mod = await MinecraftMod.open(`${feed.url}?format=tikfinity`);
  const events: [string, LiveEvent, Record<string, unknown>, number?][] = [
    [
      "chat",
      makeEvent({ data: { comment: "hi", language: "en", emotes: [{ id: "e", imageUrl: "u", at: 1 }] } }),
      {
        comment: "hi",
        emotes: [{ emoteId: "e", emoteImageUrl: "u", placeInComment: 1 }],
        tikfinityUsername: "streamer",
        isTest: false,
      },
    ],
    [
      "like",
      makeEvent<"LikeEvent">({
        type: "LikeEvent",
        data: { total: 520 },
        streak: { id: "l", count: 18, delta: 3, hasEnded: false },
      }),
      { likeCount: 3, totalLikeCount: 520 },
    ],
    ["follow", makeEvent<"FollowEvent">({ type: "FollowEvent", data: { followerCount: 5 }, isTest: true }), {
      displayType: "pm_main_follow_message_viewer_2",
      isTest: true,
    }],
    ["share", makeEvent<"ShareEvent">({ type: "ShareEvent", data: { shareCount: 1 } }), {}],
    ["member", makeEvent<"JoinEvent">({ type: "JoinEvent", data: { memberCount: 7 } }), { actionId: 1 }],
    [
      "subscribe",
      makeEvent<"SubscribeEvent">({
        type: "SubscribeEvent",
        data: { months: 3, isGifted: false, count: 1, isSuperFan: true },
      }),
      { subMonth: 3, isSuperFan: true },
    ],
    [
      "roomUser",
      makeEvent<"ViewerCountEvent">({
        type: "ViewerCountEvent",
        data: { viewerCount: 12, totalUserCount: 40 },
        user: nobody,
        messageId: null,
      }),
      { viewerCount: 12, topViewers: [] },
    ],
    [
      "emote",
      makeEvent<"EmoteEvent">({ type: "EmoteEvent", data: { emotes: [{ id: "e1", imageUrl: "u1" }] } }),
      {
        emoteId: "e1",
        emoteImageUrl: "u1",
      },
    ],
    [
      "envelope",
      makeEvent<"TreasureBoxEvent">({
        type: "TreasureBoxEvent",
        data: { diamondCount: 100, recipientCount: 10 },
      }),
      { coins: 100, canOpen: 10 },
    ],
    ["questionNew", makeEvent<"QuestionEvent">({ type: "QuestionEvent", data: { question: "Why?" } }), {
      questionText: "Why?",
    }],
    ["streamEnd", makeEvent<"StreamEndEvent">({ type: "StreamEndEvent", data: { reason: "ended" } }), {
      action: 3,
    }],
  ];
  for (const [, event] of events) {
    const id = ++lastId;
    await give(feed, { ...event, id, messageId: event.messageId === null ? null : `m${id}` } as LiveEvent);
  }
  await mod.heard(() => mod.messages.length === events.length);
  for (const [index, [name, , expected]] of events.entries()) {
    const { event, data } = mod.messages[index];
    assert.equal(event, name);
    for (const [key, value] of Object.entries(expected)) assert.deepEqual(data[key], value, `${name}.${key}`);
  }
  assert.equal(mod.likes, 3);
  assert.deepEqual(mod.problems, []);
});

Deno.test("What the form has no word for, and what is of another room, is sent in Livecue's form only", async () => {
  await using feed = await startFeed();
  await using mod = await MinecraftMod.open(`${feed.url}?format=tikfinity`);
  await using client = await FeedClient.open(feed.url);
  await client.first(1);
  const events = [
    makeEvent<"DonationEvent">({
      id: 1001,
      type: "DonationEvent",
      data: { amount: 500, currency: "EUR", provider: "kofi", message: "", isPublic: true },
    }),
    { ...makeEvent({ id: 1002 }), type: "SpinEvent", data: { prize: "hat" } } as never as LiveEvent,
    makeGift({ id: 1003, isForeign: true }),
    makeEvent({ id: 1004, isForeign: true }),
    makeEvent({ id: 1005 }),
  ];
  for (const event of events) await give(feed, event);
  assert.deepEqual((await client.first(6)).slice(1).map(({ event }) => event.id), [
    1001,
    1002,
    1003,
    1004,
    1005,
  ]);
  await mod.heard(() => mod.messages.length > 0);
  assert.deepEqual(mod.messages.map(({ event }) => event), ["chat"]);
});

Deno.test("With the form set in the options, programs that ask for none get it, on the path that they know", async () => {
  await using feed = await startFeed({ format: "tikfinity" });
  await using mod = await MinecraftMod.open(feed.url);
  await give(feed, makeEvent({ id: ++lastId }));
  await mod.heard(() => mod.messages.length > 0);
  assert.equal(mod.messages[0].event, "chat");
});
