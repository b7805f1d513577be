/** The shape of each type's data, to detect stored data that was corrupted. */
import { type EventDataByType, type EventType, isEventType } from "./event.ts";

const payment = { amount: 0, currency: "", provider: "" };

/** An example of each type's data; lists have one element. null stands for an object or null. */
const examples: { [Type in EventType]: EventDataByType[Type] } = {
  GiftEvent: {
    gift: { id: 0, name: "", diamondCount: 0, isStreakable: true, imageUrl: "" },
    repeatCount: 0,
    receiver: null,
  },
  SubscribeEvent: { months: 0, isGifted: true, count: 0, isSuperFan: true },
  FollowEvent: { followerCount: 0 },
  ShareEvent: { shareCount: 0 },
  CommentEvent: { comment: "", language: "", emotes: [{ id: "", imageUrl: "", at: 0 }] },
  LikeEvent: { total: 0 },
  JoinEvent: { memberCount: 0 },
  DonationEvent: { ...payment, message: "", isPublic: true },
  MembershipEvent: { ...payment, tier: "", months: 0, action: "started" },
  OrderEvent: { ...payment, items: [{ name: "", count: 0 }], message: "" },
  ViewerCountEvent: { viewerCount: 0, totalUserCount: 0 },
  EmoteEvent: { emotes: [{ id: "", imageUrl: "" }] },
  QuestionEvent: { question: "" },
  TreasureBoxEvent: { diamondCount: 0, recipientCount: 0 },
  GoalEvent: { title: "", current: 0, target: 0 },
  BarrageEvent: { text: "" },
  CaptionEvent: { text: "" },
  IntroEvent: { text: "" },
  NoticeEvent: { text: "" },
  PinEvent: { method: "", text: "" },
  RankEvent: { text: "" },
  PollEvent: { title: "", options: [{ text: "", votes: 0 }] },
  BattleEvent: { battleId: "", status: 0 },
  StreamPauseEvent: {},
  StreamResumeEvent: {},
  StreamEndEvent: { reason: "" },
  UnknownEvent: { method: "" },
};

/** Whether `data` has all fields of its type. For a type that a service emits, any object is valid. */
export function isDataOf(type: string, data: unknown): data is Record<string, unknown> {
  return isLike(data, isEventType(type) ? examples[type] : {});
}

function isLike(value: unknown, example: unknown): boolean {
  if (example === null) return typeof value === "object";
  if (Array.isArray(example)) {
    return Array.isArray(value) && value.every((each) => isLike(each, example[0]));
  }
  if (typeof example === "number") return Number.isFinite(value);
  if (typeof example !== "object") return typeof value === typeof example;
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.entries(example).every(([name, each]) => isLike((value as Record<string, unknown>)[name], each));
}
