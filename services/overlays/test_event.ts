/** Test events, which only the pages receive and which are not counted. */
import { msg, spoken, t, translated } from "livecue/language";
import { z } from "zod";
import type { EventDataByType, EventOf, LiveEvent } from "livecue/service";

const types = [
  "GiftEvent",
  "SubscribeEvent",
  "FollowEvent",
  "ShareEvent",
  "CommentEvent",
  "LikeEvent",
  "JoinEvent",
  "DonationEvent",
  "MembershipEvent",
  "OrderEvent",
] as const;

export const testSchema = z.strictObject({
  type: z.enum(types),
  /** For a payment, the amount in cents. */
  count: z.int().min(1).max(10_000).default(1),
  /** The price of one gift. */
  diamonds: z.int().min(1).max(50_000).default(1),
});

export type TestRequest = z.output<typeof testSchema>;

const names = ["Ana", "Bo", "Chidi", "Dilnoza", "Eun-ji", "Fátima"];
const comments = [
  msg("Hello from the test button!"),
  msg("This looks great"),
  "¡Vamos!",
  msg("First time here 👋"),
];

/** `id` is negative and selects the viewer. */
export function makeTestEvent({ type, count, diamonds }: TestRequest, id: number): LiveEvent {
  const name = choose(names, id);
  const isStreak = type === "GiftEvent" || type === "LikeEvent";
  const payment = { amount: count, currency: "EUR", provider: "test" };
  const gift = { id: 5655, name: "Rose", diamondCount: diamonds, isStreakable: true, imageUrl: "" };
  const data: Pick<EventDataByType, TestRequest["type"]> = {
    GiftEvent: { gift, repeatCount: count, receiver: null },
    SubscribeEvent: { months: count, isGifted: false, count: 1, isSuperFan: false },
    FollowEvent: { followerCount: count },
    ShareEvent: { shareCount: count },
    CommentEvent: { comment: translated(choose(comments, id)), language: spoken().tag, emotes: [] },
    LikeEvent: { total: count },
    JoinEvent: { memberCount: count },
    DonationEvent: { ...payment, message: translated(choose(comments, id)), isPublic: true },
    MembershipEvent: { ...payment, tier: t`Gold`, months: 1, action: "started" },
    OrderEvent: { ...payment, items: [{ name: t`Mug`, count: 1 }], message: "" },
  };
  const event: Omit<EventOf<"FollowEvent">, "type" | "data" | "streak"> = {
    id,
    sessionId: 0,
    liveId: 0,
    source: "",
    roomId: "",
    messageId: null,
    isHistory: false,
    createdAt: Date.now(),
    isTest: true,
    isForeign: false,
    causedBy: null,
    depth: 0,
    receivedAt: Date.now(),
    user: { id: `test-${name}`, uniqueId: name.toLowerCase(), nickname: name, avatarUrl: "", roles: [] },
    isFirstOfUser: false,
  };
  const streak = isStreak ? { id: `test ${id}`, count, delta: count, hasEnded: true } : null;
  return { ...event, type, streak, data: data[type] } as LiveEvent;
}

function choose<Value>(values: readonly Value[], id: number): Value {
  return values[Math.abs(id) % values.length] as Value;
}
