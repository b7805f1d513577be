/** Events for the pages alone: nobody sent them, and they count nowhere. */
import { z } from "zod";
import type { EventDataByType, LiveEvent } from "livecue/service";

const types = [
  "GiftEvent",
  "SubscribeEvent",
  "FollowEvent",
  "ShareEvent",
  "CommentEvent",
  "LikeEvent",
  "JoinEvent",
] as const;

export const testSchema = z.strictObject({
  type: z.enum(types),
  count: z.int().min(1).max(10_000).default(1),
  /** Price of one gift. */
  diamonds: z.int().min(1).max(50_000).default(1),
});

export type TestRequest = z.output<typeof testSchema>;

const names = ["Ana", "Bo", "Chidi", "Dilnoza", "Eun-ji", "Fátima"];
const comments = ["Hello from the test button!", "This looks great", "¡Vamos!", "First time here 👋"];

/** `id` is below 0, and chooses whose event it is. */
export function makeTestEvent({ type, count, diamonds }: TestRequest, id: number): LiveEvent {
  const name = choose(names, id);
  const isStreak = type === "GiftEvent" || type === "LikeEvent";
  const gift = { id: 5655, name: "Rose", diamondCount: diamonds, isStreakable: true, imageUrl: "" };
  const data: Pick<EventDataByType, TestRequest["type"]> = {
    GiftEvent: { gift, repeatCount: count, receiver: null },
    SubscribeEvent: { months: count, isGifted: false, count: 1, isSuperFan: false },
    FollowEvent: { followerCount: count },
    ShareEvent: { shareCount: count },
    CommentEvent: { comment: choose(comments, id), language: "en", emotes: [] },
    LikeEvent: { total: count },
    JoinEvent: { memberCount: count },
  };
  return {
    id,
    sessionId: 0,
    roomId: "",
    messageId: null,
    isHistory: false,
    createdAt: Date.now(),
    receivedAt: Date.now(),
    user: { id: `test-${name}`, uniqueId: name.toLowerCase(), nickname: name, avatarUrl: "", roles: [] },
    isFirstOfUser: false,
    streak: isStreak ? { id: `test ${id}`, count, delta: count, hasEnded: true } : null,
    type,
    data: data[type],
  } as LiveEvent;
}

function choose<Value>(values: readonly Value[], id: number): Value {
  return values[Math.abs(id) % values.length] as Value;
}
