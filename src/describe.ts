/** Describes an event in one short sentence, with the emoji of its type. */
import { cleanText } from "./clean_text.ts";
import {
  asEmitted,
  type DetectionData,
  detectorTypes,
  type EmittedEvent,
  type EventDataByType,
  type EventType,
  isEventType,
  type KnownEvent,
  type lesserEventTypes,
  type LiveEvent,
  type Payment,
  type Receiver,
  shownTextOf,
} from "./event.ts";
import { amountText } from "./money.ts";

/** One emoji per type, two columns wide in a terminal. */
const eventSigns: Record<EventType, string> = {
  DonationEvent: "💶",
  MembershipEvent: "🎫",
  OrderEvent: "📦",
  GiftEvent: "🎁",
  SubscribeEvent: "🌟",
  FollowEvent: "➕",
  ShareEvent: "📣",
  CommentEvent: "💬",
  LikeEvent: "💗",
  JoinEvent: "👋",
  ViewerCountEvent: "👀",
  EmoteEvent: "😀",
  QuestionEvent: "❓",
  TreasureBoxEvent: "💰",
  GoalEvent: "🎯",
  BarrageEvent: "🎉",
  CaptionEvent: "📝",
  IntroEvent: "📜",
  NoticeEvent: "📢",
  PinEvent: "📌",
  RankEvent: "🏆",
  PollEvent: "📊",
  BattleEvent: "🥊",
  StreamPauseEvent: "💤",
  StreamResumeEvent: "🎬",
  StreamEndEvent: "🏁",
  UnknownEvent: "🧩",
};

/** The noun for counts of a type. */
const nouns: Record<EventType, string> = {
  DonationEvent: "donation",
  MembershipEvent: "membership",
  OrderEvent: "order",
  GiftEvent: "gift",
  SubscribeEvent: "subscription",
  FollowEvent: "follow",
  ShareEvent: "share",
  CommentEvent: "comment",
  LikeEvent: "like",
  JoinEvent: "join",
  ViewerCountEvent: "viewer count",
  EmoteEvent: "emote",
  QuestionEvent: "question",
  TreasureBoxEvent: "treasure box",
  GoalEvent: "goal",
  BarrageEvent: "barrage",
  CaptionEvent: "caption",
  IntroEvent: "intro",
  NoticeEvent: "notice",
  PinEvent: "pin",
  RankEvent: "rank",
  PollEvent: "poll",
  BattleEvent: "battle message",
  StreamPauseEvent: "pause",
  StreamResumeEvent: "resumption",
  StreamEndEvent: "end",
  UnknownEvent: "unknown message",
};

/**
 * Counts by type, as "4,120 joins and 310 likes", the highest first; "" without counts. A like here is a message,
 * which may bring several likes.
 */
export function describeCounts(counts: Readonly<Record<string, number>>): string {
  const present = Object.entries(counts).filter(([, count]) => count > 0)
    .sort(([, one], [, other]) => other - one);
  return joined(present.map(([type, count]) => {
    const noun = isEventType(type) ? nouns[type] : type;
    const plural = type === "TreasureBoxEvent" ? "treasure boxes" : `${noun}s`;
    return `${count.toLocaleString("en")} ${count === 1 ? noun : plural}`;
  }));
}

/** "a, b and c". */
export function joined(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}

/** The emoji of a type; all types that services emit share one. */
export function eventSign(type: string): string {
  return isEventType(type) ? eventSigns[type] : "✨";
}

/** A source's name for display: the name of a file comes without its folder. */
export function sourceLabel(name: string): string {
  return name.replace(/^(\w+:).*[\\/]/, "$1");
}

/**
 * For example `🎁 ana sent Rose ×5 (streak ended)`; a test event starts with [test]. Names and texts are as clean as
 * in the event.
 */
export function describeEvent(event: LiveEvent): string {
  const place = event.isHistory ? " (before the start)" : event.isForeign ? " (from another room)" : "";
  // In front, so that a narrow window does not cut it off.
  const test = event.isTest ? "[test] " : "";
  return `${test}${eventSign(event.type)} ${whatHappened(event)}${place}`;
}

function whatHappened(event: LiveEvent): string {
  const emitted = asEmitted(event);
  return emitted === null ? whatKnownDid(event as KnownEvent) : whatWasEmitted(emitted);
}

const maxEmittedText = 300;
/** Of something that a detector found out this late, the time is shown. */
const lateMs = 60_000;
/** The latest time that a Date can hold. */
const maxTimeMs = 8.64e15;

/** What a detector says is for people. A service of another kind may emit its types too, with any data. */
function whatWasEmitted({ type, data, receivedAt }: EmittedEvent): string {
  const { name, text } = data;
  const isDetected = (detectorTypes as readonly string[]).includes(type) && typeof text === "string";
  if (!isDetected) return `${type} ${JSON.stringify(data)}`;
  const detector = typeof name === "string" ? `${cleanText(name, maxEmittedText)}: ` : "";
  const at = Number(type === "SignalEvent" ? data.at : (data as Partial<DetectionData>).window?.to);
  const isLate = Math.abs(receivedAt - at) > lateMs && Math.abs(at) <= maxTimeMs;
  const when = isLate ? ` (${new Date(at).toISOString().replace(/\.\d+/, "")})` : "";
  return detector + cleanText(text, maxEmittedText) + when;
}

/** "5.00 EUR". */
function money(payment: Payment): string {
  return `${amountText(payment)} ${payment.currency}`.trimEnd();
}

/** The nickname, or the handle if the nickname is empty. */
function receiverName({ nickname, uniqueId }: Receiver): string {
  return nickname || uniqueId || "a guest";
}

/** A box names its sender, but for a single gifted subscription TikTok names the receiver. */
function howSubscribed(data: EventDataByType["SubscribeEvent"]): string {
  const { months, isGifted, count, isSuperFan } = data;
  const month = months > 1 ? ` (month ${months})` : "";
  if (isSuperFan && !isGifted) return `became a Super Fan${month}`;
  const kind = isSuperFan ? "Super Fan subscription" : "subscription";
  if (count > 1) return `gave ${count} ${kind}s${month}`;
  if (isSuperFan) return `gave a ${kind}${month}`;
  return `${isGifted ? `was given a ${kind}` : "subscribed"}${month}`;
}

function whatKnownDid(event: KnownEvent): string {
  const who = event.user.nickname || event.user.uniqueId || "somebody";
  switch (event.type) {
    case "GiftEvent": {
      const { count, delta, hasEnded } = event.streak;
      const { gift, receiver } = event.data;
      const streak = !gift.isStreakable ? "" : hasEnded ? " (streak ended)" : ` (+${delta})`;
      const guest = receiver === null ? "" : ` to ${receiverName(receiver)}`;
      return `${who} sent ${gift.name || `gift ${gift.id}`} ×${count}${guest}${streak}`;
    }
    case "SubscribeEvent":
      return `${who} ${howSubscribed(event.data)}`;
    case "FollowEvent":
      return `${who} followed`;
    case "ShareEvent":
      return `${who} shared the live`;
    case "CommentEvent":
      return `${who}: ${shownTextOf(event)}`;
    case "LikeEvent":
      return `${who} liked ×${event.streak.count} (+${event.streak.delta})`;
    case "JoinEvent":
      return `${who} joined`;
    case "DonationEvent":
      return `${who} gave ${money(event.data)}${event.data.message ? `: ${event.data.message}` : ""}`;
    case "MembershipEvent":
      return `${who} ${event.data.action} a membership${event.data.tier ? ` (${event.data.tier})` : ""}`;
    case "OrderEvent":
      return `${who} ordered for ${money(event.data)}`;
    default:
      return whatElseHappened(event, who);
  }
}

type LesserEvent = Extract<KnownEvent, { type: typeof lesserEventTypes[number] }>;

function whatElseHappened(event: LesserEvent, who: string): string {
  switch (event.type) {
    case "ViewerCountEvent":
      return `${event.data.viewerCount} viewers`;
    case "EmoteEvent":
      return `${who} sent ${
        event.data.emotes.length === 1 ? "an emote" : `${event.data.emotes.length} emotes`
      }`;
    case "QuestionEvent":
      return `${who} asks: ${event.data.question}`;
    case "TreasureBoxEvent":
      return `${who} put up a treasure box of ${event.data.diamondCount} diamonds`;
    case "GoalEvent":
      return `goal ${event.data.title}: ${event.data.current} of ${event.data.target}`;
    case "BarrageEvent":
      return event.data.text || `${who} makes an entrance`;
    case "CaptionEvent":
      return `caption: ${event.data.text}`;
    case "IntroEvent":
      return `about this live: ${event.data.text}`;
    case "NoticeEvent":
      return `TikTok says: ${event.data.text}`;
    case "PinEvent":
      return `pinned: ${event.data.text || event.data.method}`;
    case "RankEvent":
      return `rank: ${event.data.text}`;
    case "PollEvent":
      return `poll: ${event.data.title}`;
    case "BattleEvent":
      return `battle ${event.data.battleId}`;
    case "StreamPauseEvent":
      return "the stream is paused";
    case "StreamResumeEvent":
      return "the stream has resumed";
    case "StreamEndEvent":
      return `the live has ended${event.data.reason ? ` (${event.data.reason})` : ""}`;
    case "UnknownEvent":
      return `unknown message: ${event.data.method}`;
  }
}
