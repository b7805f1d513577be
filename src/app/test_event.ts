/** Events that nobody sent, to try one's services before the live. */
import type { CapturedEvent, StreakFrame } from "../source.ts";
import { cleanText } from "../clean_text.ts";
import { type EventDataByType, type EventType, nobody, type User } from "../event.ts";
import type { TestEvent } from "../control.ts";

const tester: User = { ...nobody, id: "test", uniqueId: "test", nickname: "Test viewer" };
const maxTextLength = 500;

/** An event as a viewer's; `amount` and `text` go where the type has a number and words. */
export function makeTestEvent({ type, amount, text }: TestEvent, at: number): CapturedEvent {
  const words = cleanText(text, maxTextLength);
  const data = dataMakers[type](amount, words);
  return {
    type,
    data,
    // That of the live which is on.
    roomId: "",
    messageId: null,
    createdAt: at,
    user: tester,
    streak: streakOf(type, amount),
  } as CapturedEvent;
}

function streakOf(type: EventType, count: number): StreakFrame | null {
  if (type === "GiftEvent") return { kind: "gift", groupId: null, count, isEnd: true };
  return type === "LikeEvent" ? { kind: "like", count } : null;
}

const dataMakers: { [Type in EventType]: (amount: number, text: string) => EventDataByType[Type] } = {
  GiftEvent: (amount, text) => ({
    gift: { id: 5655, name: text || "Rose", diamondCount: 1, isStreakable: false, imageUrl: "" },
    repeatCount: amount,
    receiver: null,
  }),
  SubscribeEvent: (amount) => ({ months: amount, isGifted: false, count: 1, isSuperFan: false }),
  FollowEvent: (amount) => ({ followerCount: amount }),
  ShareEvent: (amount) => ({ shareCount: amount }),
  CommentEvent: (_amount, text) => ({ comment: text || "This is a test", language: "en", emotes: [] }),
  LikeEvent: (amount) => ({ total: amount }),
  JoinEvent: (amount) => ({ memberCount: amount }),
  DonationEvent: (amount, text) => ({
    amount,
    currency: "EUR",
    provider: "test",
    message: text || "This is a test",
    isPublic: true,
  }),
  MembershipEvent: (amount, text) => ({
    amount: 500,
    currency: "EUR",
    provider: "test",
    tier: text || "Test",
    months: amount,
    action: "started",
  }),
  OrderEvent: (amount, text) => ({
    amount: 500,
    currency: "EUR",
    provider: "test",
    items: [{ name: text || "Test", count: amount }],
    message: "",
  }),
  ViewerCountEvent: (amount) => ({ viewerCount: amount, totalUserCount: amount }),
  EmoteEvent: (_amount, text) => ({ emotes: [{ id: text || "1", imageUrl: "" }] }),
  QuestionEvent: (_amount, text) => ({ question: text || "Is this a test?" }),
  TreasureBoxEvent: (amount) => ({ diamondCount: amount, recipientCount: 1 }),
  GoalEvent: (amount, text) => ({ title: text || "Test", current: amount, target: amount }),
  BarrageEvent: (_amount, text) => ({ text: text || "This is a test" }),
  CaptionEvent: (_amount, text) => ({ text: text || "This is a test" }),
  IntroEvent: (_amount, text) => ({ text: text || "This is a test" }),
  NoticeEvent: (_amount, text) => ({ text: text || "This is a test" }),
  PinEvent: (_amount, text) => ({ method: "WebcastChatMessage", text: text || "This is a test" }),
  RankEvent: (amount, text) => ({ text: text || `No. ${amount}` }),
  PollEvent: (amount, text) => ({ title: text || "Test?", options: [{ text: "yes", votes: amount }] }),
  BattleEvent: (amount) => ({ battleId: "test", status: amount }),
  StreamPauseEvent: () => ({}),
  StreamResumeEvent: () => ({}),
  StreamEndEvent: () => ({ reason: "test" }),
  UnknownEvent: (_amount, text) => ({ method: text || "Test" }),
};
