/** Events to store: one of each type, with what is hard to keep. */
import {
  type EventDataByType,
  type EventType,
  eventTypes,
  type LiveEvent,
  nobody,
  type User,
} from "../../src/event.ts";

const data: EventDataByType = {
  GiftEvent: {
    gift: {
      id: 5655,
      name: "Rose 🌹",
      diamondCount: 1,
      isStreakable: true,
      imageUrl: "https://p16/rose.webp",
    },
    repeatCount: 5,
    receiver: null,
  },
  SubscribeEvent: { months: 3, isGifted: true, count: 1, isSuperFan: false },
  FollowEvent: { followerCount: Number.MAX_SAFE_INTEGER },
  ShareEvent: { shareCount: 0 },
  CommentEvent: { comment: `100% "sure" \\o/ under_score 👩‍👩‍👧 नमस्ते مرحبا`, language: "en", emotes: [] },
  LikeEvent: { total: 1e300 },
  JoinEvent: { memberCount: 12 },
  DonationEvent: { amount: 500, currency: "EUR", provider: "kofi", message: "¡ánimo!", isPublic: true },
  MembershipEvent: {
    amount: 300,
    currency: "USD",
    provider: "patreon",
    tier: "Gold",
    months: 2,
    action: "renewed",
  },
  OrderEvent: {
    amount: 1500,
    currency: "EUR",
    provider: "shop",
    items: [{ name: "Mug", count: 2 }],
    message: "",
  },
  ViewerCountEvent: { viewerCount: 1, totalUserCount: 2 ** 53 },
  EmoteEvent: { emotes: [{ id: "7", imageUrl: "" }, { id: "8", imageUrl: "https://p16/8.webp" }] },
  QuestionEvent: { question: "¿Qué?" },
  TreasureBoxEvent: { diamondCount: 100, recipientCount: 10 },
  GoalEvent: { title: "Roses", current: 1, target: 1000 },
  BarrageEvent: { text: "" },
  CaptionEvent: { text: "one\ttwo" },
  IntroEvent: { text: "'; DROP TABLE live_event; --" },
  NoticeEvent: { text: "null" },
  PinEvent: { method: "WebcastChatMessage", text: "pinned" },
  RankEvent: { text: "#1" },
  PollEvent: { title: "Left?", options: [{ text: "yes", votes: 2 }, { text: "no", votes: 0 }] },
  BattleEvent: { battleId: "7300000000000000001", status: 4 },
  StreamPauseEvent: {},
  StreamResumeEvent: {},
  StreamEndEvent: { reason: "3" },
  UnknownEvent: { method: "WebcastNewMessage" },
};

export const ana: User = {
  id: "7300000000000000007",
  uniqueId: "ana.live",
  nickname: "Ána 🦄",
  avatarUrl: "https://p16/ana.webp",
  roles: ["moderator", "follower"],
};

/** An event of a type; `changes` replaces fields of it, which must go with the type. */
export function sampleEvent(
  { id, type = "CommentEvent", ...changes }: Partial<Omit<LiveEvent, "type">> & {
    id: number;
    type?: EventType;
  },
): LiveEvent {
  const hasStreak = type === "GiftEvent" || type === "LikeEvent";
  return {
    id,
    sessionId: 1,
    liveId: 1,
    source: "demo",
    isTest: false,
    isForeign: false,
    causedBy: null,
    depth: 0,
    roomId: "7312345678901234567",
    messageId: `message-${id}`,
    isHistory: false,
    createdAt: 1_700_000_000_000 + id,
    receivedAt: 1_700_000_000_500 + id,
    user: type === "ViewerCountEvent" ? nobody : ana,
    isFirstOfUser: id % 2 === 0,
    streak: hasStreak ? { id: `streak-${id}`, count: 5, delta: 2, hasEnded: false } : null,
    type,
    data: data[type],
    ...changes,
  } as LiveEvent;
}

/** One event of every type, with ids from 1. */
export function everyEvent(): LiveEvent[] {
  return eventTypes.map((type, index) => sampleEvent({ id: index + 1, type }));
}
