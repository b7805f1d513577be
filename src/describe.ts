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
import { counted, type Noun, noun, t } from "./language.ts";
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
const nouns: Record<EventType, Noun> = {
  DonationEvent: noun("donation"),
  MembershipEvent: noun("membership"),
  OrderEvent: noun("order"),
  GiftEvent: noun("gift"),
  SubscribeEvent: noun("subscription"),
  FollowEvent: noun("follow"),
  ShareEvent: noun("share"),
  CommentEvent: noun("comment"),
  LikeEvent: noun("like"),
  JoinEvent: noun("join"),
  ViewerCountEvent: noun("viewer count"),
  EmoteEvent: noun("emote"),
  QuestionEvent: noun("question"),
  TreasureBoxEvent: noun("treasure box", "treasure boxes"),
  GoalEvent: noun("goal"),
  BarrageEvent: noun("barrage"),
  CaptionEvent: noun("caption"),
  IntroEvent: noun("intro"),
  NoticeEvent: noun("notice"),
  PinEvent: noun("pin"),
  RankEvent: noun("rank"),
  PollEvent: noun("poll"),
  BattleEvent: noun("battle message"),
  StreamPauseEvent: noun("pause"),
  StreamResumeEvent: noun("resumption"),
  StreamEndEvent: noun("end"),
  UnknownEvent: noun("unknown message"),
};

/**
 * Counts by type, as "4,120 joins and 310 likes", the highest first; "" without counts. A like here is a message,
 * which may bring several likes.
 */
export function describeCounts(counts: Readonly<Record<string, number>>): string {
  const present = Object.entries(counts).filter(([, count]) => count > 0)
    .sort(([, one], [, other]) => other - one);
  return joined(
    present.map(([type, count]) =>
      counted(count, isEventType(type) ? nouns[type] : { one: type, other: `${type}s` })
    ),
  );
}

/** "a, b and c". */
export function joined(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : t`${words.slice(0, -1).join(", ")} and ${last}`;
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
  const place = event.isHistory ? t`before the start` : event.isForeign ? t`from another room` : "";
  // In front, so that a narrow window does not cut it off.
  const test = event.isTest ? `[${t`test`}] ` : "";
  return `${test}${eventSign(event.type)} ${whatHappened(event)}${noted(place)}`;
}

/** " (streak ended)"; "" without a note. */
function noted(note: string): string {
  return note === "" ? "" : ` (${note})`;
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
  return nickname || uniqueId || t`a guest`;
}

/** A box names its sender, but for a single gifted subscription TikTok names the receiver. */
function howSubscribed(who: string, data: EventDataByType["SubscribeEvent"]): string {
  const { isGifted, count, isSuperFan } = data;
  if (isSuperFan && !isGifted) return t`${who} became a Super Fan`;
  if (count > 1) {
    return isSuperFan
      ? t`${who} gave ${count} Super Fan subscriptions`
      : t`${who} gave ${count} subscriptions`;
  }
  if (isSuperFan) return t`${who} gave a Super Fan subscription`;
  return isGifted ? t`${who} was given a subscription` : t`${who} subscribed`;
}

function whatWasSent(
  { streak, data: { gift, receiver } }: Extract<KnownEvent, { type: "GiftEvent" }>,
  who: string,
): string {
  const name = gift.name || t`gift ${gift.id}`;
  const sent = receiver === null
    ? t`${who} sent ${name} ×${streak.count}`
    : t`${who} sent ${name} ×${streak.count} to ${receiverName(receiver)}`;
  if (!gift.isStreakable) return sent;
  return sent + noted(streak.hasEnded ? t`streak ended` : `+${streak.delta}`);
}

function whatMemberDid(who: string, action: EventDataByType["MembershipEvent"]["action"]): string {
  switch (action) {
    case "started":
      return t`${who} started a membership`;
    case "renewed":
      return t`${who} renewed a membership`;
    case "changed":
      return t`${who} changed a membership`;
    case "ended":
      return t`${who} ended a membership`;
  }
}

function whatKnownDid(event: KnownEvent): string {
  const who = event.user.nickname || event.user.uniqueId || t`somebody`;
  switch (event.type) {
    case "GiftEvent":
      return whatWasSent(event, who);
    case "SubscribeEvent":
      return howSubscribed(who, event.data) +
        noted(event.data.months > 1 ? t`month ${event.data.months}` : "");
    case "FollowEvent":
      return t`${who} followed`;
    case "ShareEvent":
      return t`${who} shared the live`;
    case "CommentEvent":
      return `${who}: ${shownTextOf(event)}`;
    case "LikeEvent":
      return t`${who} liked ×${event.streak.count} (+${event.streak.delta})`;
    case "JoinEvent":
      return t`${who} joined`;
    case "DonationEvent":
      return t`${who} gave ${money(event.data)}` + (event.data.message ? `: ${event.data.message}` : "");
    case "MembershipEvent":
      return whatMemberDid(who, event.data.action) + noted(event.data.tier);
    case "OrderEvent":
      return t`${who} ordered for ${money(event.data)}`;
    default:
      return whatElseHappened(event, who);
  }
}

type LesserEvent = Extract<KnownEvent, { type: typeof lesserEventTypes[number] }>;

function whatElseHappened(event: LesserEvent, who: string): string {
  switch (event.type) {
    case "ViewerCountEvent":
      return counted(event.data.viewerCount, noun("viewer"));
    case "EmoteEvent":
      return event.data.emotes.length === 1
        ? t`${who} sent an emote`
        : t`${who} sent ${event.data.emotes.length} emotes`;
    case "QuestionEvent":
      return t`${who} asks: ${event.data.question}`;
    case "TreasureBoxEvent":
      return t`${who} put up a treasure box of ${event.data.diamondCount} diamonds`;
    case "GoalEvent":
      return t`goal ${event.data.title}: ${event.data.current} of ${event.data.target}`;
    case "BarrageEvent":
      return event.data.text || t`${who} makes an entrance`;
    case "CaptionEvent":
      return t`caption: ${event.data.text}`;
    case "IntroEvent":
      return t`about this live: ${event.data.text}`;
    case "NoticeEvent":
      return t`TikTok says: ${event.data.text}`;
    case "PinEvent":
      return t`pinned: ${event.data.text || event.data.method}`;
    case "RankEvent":
      return t`rank: ${event.data.text}`;
    case "PollEvent":
      return t`poll: ${event.data.title}`;
    case "BattleEvent":
      return t`battle ${event.data.battleId}`;
    case "StreamPauseEvent":
      return t`the stream is paused`;
    case "StreamResumeEvent":
      return t`the stream has resumed`;
    case "StreamEndEvent":
      return t`the live has ended` + noted(event.data.reason);
    case "UnknownEvent":
      return t`unknown message: ${event.data.method}`;
  }
}
