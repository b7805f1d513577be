/** A made-up event of every type, as a source gives it: what the decoder, the fake server and their tests share. */
import { describeEvent } from "../../src/describe.ts";
import { type EventOf, type LiveEvent, nobody, type User } from "../../src/event.ts";
import type { CapturedEvent } from "../../src/source.ts";
import { makeEvent } from "./events.ts";

export const sampleRoomId = "7400000000000000001";

export const ana: User = {
  id: "7000000000000000001",
  uniqueId: "ana.live",
  nickname: "Ana 🌹",
  avatarUrl: "https://example.invalid/ana.webp",
  roles: ["moderator", "subscriber", "follower"],
};

export const ben: User = {
  id: "7000000000000000002",
  uniqueId: "ben",
  nickname: "بن",
  avatarUrl: "",
  roles: [],
};

type Sample = CapturedEvent extends infer Event
  ? Event extends CapturedEvent ? Omit<Event, keyof Shared> : never
  : never;
interface Shared {
  roomId: string;
  messageId: string | null;
  createdAt: number | null;
}

const noUser = { ...nobody, roles: [] };
const rose = {
  id: 5655,
  name: "Rose",
  diamondCount: 1,
  isStreakable: true,
  imageUrl: "https://example.invalid/rose.webp",
};
const galaxy = { id: 11046, name: "Galaxy", diamondCount: 1000, isStreakable: false, imageUrl: "" };

const samples: Sample[] = [
  {
    type: "GiftEvent",
    data: { gift: rose, repeatCount: 7, receiver: null },
    user: ana,
    streak: { kind: "gift", groupId: "1701792311393", count: 7, isEnd: false },
  },
  {
    type: "GiftEvent",
    data: { gift: rose, repeatCount: 7, receiver: null },
    user: ana,
    streak: { kind: "gift", groupId: "1701792311393", count: 7, isEnd: true },
  },
  {
    type: "GiftEvent",
    data: { gift: galaxy, repeatCount: 1, receiver: null },
    user: ben,
    streak: { kind: "gift", groupId: null, count: 1, isEnd: true },
  },
  {
    type: "SubscribeEvent",
    data: { months: 3, isGifted: true, count: 1, isSuperFan: false },
    user: ana,
    streak: null,
  },
  { type: "FollowEvent", data: { followerCount: 1_568_497 }, user: ben, streak: null },
  { type: "ShareEvent", data: { shareCount: 4 }, user: ben, streak: null },
  {
    type: "CommentEvent",
    data: { comment: "Привет <b>", language: "ru", emotes: [] },
    user: ana,
    streak: null,
  },
  { type: "LikeEvent", data: { total: 414_892 }, user: ben, streak: { kind: "like", count: 15 } },
  { type: "JoinEvent", data: { memberCount: 1650 }, user: ben, streak: null },
  { type: "ViewerCountEvent", data: { viewerCount: 120, totalUserCount: 4321 }, user: noUser, streak: null },
  {
    type: "EmoteEvent",
    data: { emotes: [{ id: "e1", imageUrl: "https://example.invalid/e1.webp" }, { id: "e2", imageUrl: "" }] },
    user: ana,
    streak: null,
  },
  { type: "QuestionEvent", data: { question: "Where are you from?" }, user: ben, streak: null },
  {
    type: "TreasureBoxEvent",
    data: { diamondCount: 100, recipientCount: 10 },
    user: { ...ben, uniqueId: "" },
    streak: null,
  },
  {
    type: "GoalEvent",
    data: { title: "Clappers", current: 22, target: 50 },
    user: { ...ben, nickname: "" },
    streak: null,
  },
  { type: "BarrageEvent", data: { text: "A super fan joined" }, user: ana, streak: null },
  { type: "CaptionEvent", data: { text: "hello everyone" }, user: noUser, streak: null },
  { type: "IntroEvent", data: { text: "Welcome!" }, user: ana, streak: null },
  { type: "NoticeEvent", data: { text: "Be kind." }, user: noUser, streak: null },
  { type: "PinEvent", data: { method: "WebcastChatMessage", text: "pinned words" }, user: ben, streak: null },
  { type: "PinEvent", data: { method: "WebcastGiftMessage", text: "Coral" }, user: ben, streak: null },
  { type: "RankEvent", data: { text: "Weekly No. 45" }, user: noUser, streak: null },
  {
    type: "PollEvent",
    data: { title: "Next game?", options: [{ text: "Dino", votes: 3 }, { text: "Chess", votes: 0 }] },
    user: noUser,
    streak: null,
  },
  { type: "BattleEvent", data: { battleId: "7300000000000000001", status: 4 }, user: noUser, streak: null },
  { type: "StreamPauseEvent", data: {}, user: noUser, streak: null },
  { type: "StreamResumeEvent", data: {}, user: noUser, streak: null },
  { type: "UnknownEvent", data: { method: "WebcastHashtagMessage" }, user: noUser, streak: null },
  { type: "UnknownEvent", data: { method: "WebcastSocialMessage" }, user: noUser, streak: null },
  {
    type: "GiftEvent",
    data: {
      gift: galaxy,
      repeatCount: 1,
      receiver: { id: "7000000000000000077", uniqueId: "gil", nickname: "Guest Gil" },
    },
    user: ben,
    streak: { kind: "gift", groupId: null, count: 1, isEnd: true },
  },
  {
    type: "SubscribeEvent",
    data: { months: 0, isGifted: false, count: 1, isSuperFan: true },
    user: ana,
    streak: null,
  },
  {
    type: "SubscribeEvent",
    data: { months: 0, isGifted: true, count: 5, isSuperFan: true },
    user: ben,
    streak: null,
  },
  {
    type: "CommentEvent",
    data: {
      comment: "wow 🌹!",
      language: "en",
      emotes: [
        { id: "e1", imageUrl: "https://example.invalid/e1.webp", at: 0 },
        { id: "e2", imageUrl: "", at: 4 },
        { id: "e2", imageUrl: "", at: 7 },
      ],
    },
    user: ben,
    streak: null,
  },
];

const payment = { amount: 500, currency: "EUR", provider: "kofi" };

const payments: Sample[] = [
  {
    type: "DonationEvent",
    data: { ...payment, message: "for the dino", isPublic: true },
    user: ben,
    streak: null,
  },
  {
    type: "MembershipEvent",
    data: { ...payment, tier: "Gold", months: 3, action: "renewed" },
    user: ben,
    streak: null,
  },
  {
    type: "OrderEvent",
    data: { ...payment, items: [{ name: "Mug", count: 2 }], message: "" },
    user: ben,
    streak: null,
  },
];

const end: Sample = { type: "StreamEndEvent", data: { reason: "ended" }, user: noUser, streak: null };
const suspension: Sample = {
  type: "StreamEndEvent",
  data: { reason: "suspended" },
  user: noUser,
  streak: null,
};

let lastMessageId = 7_400_000_000_000_000_000n;

function complete(sample: Sample, roomId: string): CapturedEvent {
  const messageId = String(++lastMessageId);
  return { ...structuredClone(sample), roomId, messageId, createdAt: 1_700_000_000_000 } as CapturedEvent;
}

/** What no message of TikTok's says: a donation, a membership and an order. */
export function paymentEvents(roomId = sampleRoomId): CapturedEvent[] {
  return payments.map((payment) => complete(payment, roomId));
}

/** Every type of a message of TikTok's but StreamEndEvent, each with a message id of its own. */
export function sampleEvents(roomId = sampleRoomId): CapturedEvent[] {
  return samples.map((sample) => complete(sample, roomId));
}

export function streamEnd(roomId = sampleRoomId, reason: "ended" | "suspended" = "ended"): CapturedEvent {
  return complete(reason === "ended" ? end : suspension, roomId);
}

/** A comment of Ben's with these words. */
export function commentOf(comment: string, roomId = sampleRoomId): CapturedEvent {
  return complete(
    { type: "CommentEvent", data: { comment, language: "en", emotes: [] }, user: ben, streak: null },
    roomId,
  );
}

export function sampleOf(type: CapturedEvent["type"], roomId = sampleRoomId): CapturedEvent {
  const sample = [...samples, ...payments, end].find((each) => each.type === type);
  if (sample === undefined) throw new Error(`There is no sample of ${type}.`);
  return complete(sample, roomId);
}

/** The event as it would be stored, its streak having grown by two. */
export function storedAs({ streak, ...event }: CapturedEvent): LiveEvent {
  const hasEnded = streak?.kind === "gift" && streak.isEnd;
  return makeEvent<typeof event.type>({
    ...event,
    createdAt: event.createdAt ?? 0,
    streak: streak && { id: "1", count: streak.count, delta: 2, hasEnded },
  } as Partial<EventOf<typeof event.type>>);
}

export function describeCaptured(event: CapturedEvent): string {
  return describeEvent(storedAs(event));
}
