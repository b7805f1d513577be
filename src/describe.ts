/** An event as one short sentence for a person, with the sign of its type. */
import {
  asEmitted,
  type EventType,
  isEventType,
  type KnownEvent,
  type LiveEvent,
  type Payment,
} from "./event.ts";

/** One sign a type, two columns wide in a terminal. */
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

/** The sign of a type; events that services make share one. */
export function eventSign(type: string): string {
  return isEventType(type) ? eventSigns[type] : "✨";
}

/** `🎁 ana sent Rose ×5 (streak ended)`. Names and texts in it are as clean as the event's. */
export function describeEvent(event: LiveEvent): string {
  const history = event.isHistory ? " (before the start)" : "";
  return `${eventSign(event.type)} ${whatHappened(event)}${history}`;
}

function whatHappened(event: LiveEvent): string {
  const emitted = asEmitted(event);
  return emitted === null
    ? whatKnownDid(event as KnownEvent)
    : `${emitted.type} ${JSON.stringify(emitted.data)}`;
}

/** "5.00 EUR". */
function money({ amount, currency }: Payment): string {
  return `${(amount / 100).toFixed(2)} ${currency}`;
}

function whatKnownDid(event: KnownEvent): string {
  const who = event.user.nickname || event.user.uniqueId || "somebody";
  switch (event.type) {
    case "GiftEvent": {
      const { count, delta, hasEnded } = event.streak;
      const streak = !event.data.gift.isStreakable ? "" : hasEnded ? " (streak ended)" : ` (+${delta})`;
      return `${who} sent ${event.data.gift.name || `gift ${event.data.gift.id}`} ×${count}${streak}`;
    }
    case "SubscribeEvent": {
      const { months, isGifted } = event.data;
      const month = months > 1 ? ` (month ${months})` : "";
      return `${who} ${isGifted ? "was given a subscription" : "subscribed"}${month}`;
    }
    case "FollowEvent":
      return `${who} followed`;
    case "ShareEvent":
      return `${who} shared the live`;
    case "CommentEvent":
      return `${who}: ${event.data.comment}`;
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
      return "the stream goes on";
    case "StreamEndEvent":
      return `the live has ended${event.data.reason ? ` (${event.data.reason})` : ""}`;
    case "UnknownEvent":
      return `something unknown: ${event.data.method}`;
  }
}
