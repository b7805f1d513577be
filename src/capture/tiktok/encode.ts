/**
 * The inverse of decoding: encodes a captured event as the message that TikTok would send, for recordings and test
 * servers.
 */
import {
  BadgeStruct,
  CommonMessageData,
  EmoteModel,
  FollowInfo,
  Gift,
  ImageModel,
  LiveStreamGoal,
  LiveStreamSubGoal,
  MessageCommonText,
  MessageRedEnvelopInfo,
  PollOptionInfo,
  PollStartContent,
  Question,
  TextPiece,
  TextPieceUser,
  User as TikTokUser,
  UserAttr,
  WebcastChatMessage,
  WebcastGiftMessage,
} from "tiktok-live-connector";
import { isDeepStrictEqual } from "node:util";
import { paymentEventTypes, type User } from "../../event.ts";
import type { CapturedEvent, RawMessage } from "../../source.ts";
import { decodeEvent } from "./decode.ts";
import {
  type BodyOf,
  type Common,
  encodeCommonOnly,
  encodeMessage,
  fill,
  fillMessage,
  isKnownMethod,
  type Message,
} from "./schema.ts";

/** `envelopeInfo.businessType` of a box of Super Fan subscriptions. */
const superFanBox = 19;

type EventOfType<Type extends CapturedEvent["type"]> = Extract<CapturedEvent, { type: Type }>;

/** The message that fully represents the event; null if there is none, as for a donation or a test event. */
export function faithfulMessage(event: CapturedEvent, streamer: string): RawMessage | null {
  if (isPayment(event)) return null;
  const raw = encodeEvent(event, streamer);
  // `isForeign` depends on the room, not on the message.
  const { isForeign: _, ...said } = event;
  return isDeepStrictEqual(decodeEvent(raw, ""), said) ? raw : null;
}

/**
 * `streamer` is the host's handle. Decoding the result gives the same event, except for fields that TikTok's message
 * does not have (`isHistory`, and the user of an event that nobody caused). Throws a `TypeError` for a payment, for
 * which TikTok has no message.
 */
export function encodeEvent(event: CapturedEvent, streamer: string): RawMessage {
  if (isPayment(event)) throw new TypeError(`TikTok has no message for a ${event.type}.`);
  const { method, payload } = event.type === "UnknownEvent"
    ? encodeUnknown(event)
    : encodeKnown(messageOf(event));
  return { method, createTime: event.createdAt, streamer, payload };
}

function encodeKnown(message: Message): { method: string; payload: Uint8Array } {
  return { method: message.method, payload: encodeMessage(message) };
}

function encodeUnknown(event: EventOfType<"UnknownEvent">): { method: string; payload: Uint8Array } {
  const { method } = event.data;
  const common = commonOf(event, method);
  // A message with a known method is an unknown event if its action is unknown or missing.
  if (isKnownMethod(method)) return encodeKnown(fillMessage(method, { common }));
  return { method, payload: encodeCommonOnly(common) };
}

type PaymentEvent = EventOfType<typeof paymentEventTypes[number]>;

function isPayment(event: CapturedEvent): event is PaymentEvent {
  return (paymentEventTypes as readonly string[]).includes(event.type);
}

function messageOf(event: Exclude<CapturedEvent, PaymentEvent | { type: "UnknownEvent" }>): Message {
  switch (event.type) {
    case "GiftEvent":
      return giftMessage(event);
    case "SubscribeEvent":
      return subscribeMessage(event);
    case "FollowEvent":
      return socialMessage(event, "pm_main_follow_message_viewer_2", {
        followCount: String(event.data.followerCount),
      });
    case "ShareEvent":
      return socialMessage(event, "pm_mt_guidance_share", { shareCount: event.data.shareCount });
    case "CommentEvent":
      return message("WebcastChatMessage", event, {
        user: userOf(event.user),
        content: event.data.comment,
        contentLanguage: event.data.language,
        emotes: event.data.emotes.map(({ at, ...emote }) => ({ index: at, emote: emoteOf(emote) })),
      });
    case "LikeEvent":
      return message("WebcastLikeMessage", event, {
        user: userOf(event.user),
        count: event.streak.count,
        total: String(event.data.total),
      });
    case "JoinEvent":
      return message("WebcastMemberMessage", event, {
        user: userOf(event.user),
        memberCount: event.data.memberCount,
        action: 1,
      });
    case "StreamPauseEvent":
      return message("WebcastControlMessage", event, { action: 1 });
    case "StreamResumeEvent":
      return message("WebcastControlMessage", event, { action: 2 });
    case "StreamEndEvent":
      return message("WebcastControlMessage", event, { action: event.data.reason === "suspended" ? 4 : 3 });
    default:
      return lesserMessageOf(event);
  }
}

type LesserEvent = EventOfType<
  | "ViewerCountEvent"
  | "EmoteEvent"
  | "QuestionEvent"
  | "TreasureBoxEvent"
  | "GoalEvent"
  | "BarrageEvent"
  | "CaptionEvent"
  | "IntroEvent"
  | "NoticeEvent"
  | "PinEvent"
  | "RankEvent"
  | "PollEvent"
  | "BattleEvent"
>;

function lesserMessageOf(event: LesserEvent): Message {
  switch (event.type) {
    case "ViewerCountEvent":
      return message("WebcastRoomUserSeqMessage", event, {
        total: String(event.data.viewerCount),
        totalUser: String(event.data.totalUserCount),
      });
    case "EmoteEvent":
      return emoteMessage(event);
    case "QuestionEvent":
      return message("WebcastQuestionNewMessage", event, {
        data: fill(Question, { content: event.data.question, user: userOf(event.user) }),
      });
    case "TreasureBoxEvent":
      return treasureBoxMessage(event);
    case "GoalEvent":
      return goalMessage(event);
    case "BarrageEvent":
      return message("WebcastBarrageMessage", event, {
        user: userOf(event.user),
        content: phraseOf(event.data.text),
      });
    case "CaptionEvent":
      return message("WebcastCaptionMessage", event, { content: [{ lang: "", content: event.data.text }] });
    case "IntroEvent":
      return message("WebcastLiveIntroMessage", event, {
        user: userOf(event.user),
        content: event.data.text,
      });
    case "NoticeEvent":
      return message("WebcastRoomMessage", event, { content: event.data.text });
    case "PinEvent":
      return pinMessage(event);
    case "RankEvent":
      return message("WebcastRankTextMessage", event, { content: phraseOf(event.data.text) });
    case "PollEvent":
      return pollMessage(event);
    case "BattleEvent":
      return message("WebcastLinkMicBattle", event, {
        battleId: numberOf(event.data.battleId),
        action: event.data.status,
      });
  }
}

function message<Method extends Message["method"]>(
  method: Method,
  event: CapturedEvent,
  fields: Partial<BodyOf<Method>>,
): Message {
  return fillMessage(method, { common: commonOf(event, method), ...fields });
}

function commonOf(event: CapturedEvent, method: string): Common {
  return fill(CommonMessageData, {
    method,
    msgId: numberOf(event.messageId),
    roomId: numberOf(event.roomId),
    createTime: String(event.createdAt ?? 0),
  });
}

function giftMessage(event: EventOfType<"GiftEvent">): Message {
  const { gift, repeatCount, receiver } = event.data;
  const groupId = event.streak.kind === "gift" ? event.streak.groupId : null;
  const isEnd = event.streak.kind === "gift" && event.streak.isEnd;
  return message("WebcastGiftMessage", event, {
    user: userOf(event.user),
    giftId: String(gift.id),
    repeatCount,
    repeatEnd: gift.isStreakable && isEnd ? 1 : 0,
    groupId: numberOf(groupId),
    toUser: receiver === null ? undefined : userOf({ ...receiver, avatarUrl: "", roles: [] }),
    toMemberId: receiver?.id ?? "",
    toMemberNickname: receiver?.nickname ?? "",
    gift: fill(Gift, {
      id: String(gift.id),
      name: gift.name,
      diamondCount: gift.diamondCount,
      // 2 represents all types that cannot streak.
      type: gift.isStreakable ? 1 : 2,
      image: imageOf(gift.imageUrl),
    }),
  });
}

function subscribeMessage(event: EventOfType<"SubscribeEvent">): Message {
  const { isSuperFan, isGifted, count, months } = event.data;
  if (!isSuperFan) {
    return message("WebcastSubNotifyMessage", event, {
      user: userOf(event.user),
      subMonth: String(months),
      giftSource: isGifted ? 1 : 0,
    });
  }
  if (!isGifted) {
    const content = fill(MessageCommonText, { key: "ttlive_superFan_commentNotif_someoneBecameSuperFan" });
    return message("WebcastBarrageMessage", event, { user: userOf(event.user), content });
  }
  const user = fill(TextPieceUser, { user: userOf(event.user) });
  const displayText = fill(MessageCommonText, {
    key: "ttlive_superFanBox_commentSection_sent",
    pieces: [fill(TextPiece, { userValue: user })],
  });
  const common = { ...commonOf(event, "WebcastEnvelopeMessage"), displayText };
  const sender = senderOf(event.user);
  const info = { businessType: superFanBox, superFanCount: count, peopleCount: count };
  return fillMessage("WebcastEnvelopeMessage", {
    common,
    envelopeInfo: fill(MessageRedEnvelopInfo, { ...sender, ...info }),
  });
}

function socialMessage(
  event: CapturedEvent,
  key: string,
  fields: Partial<BodyOf<"WebcastSocialMessage">>,
): Message {
  const common = commonOf(event, "WebcastSocialMessage");
  return fillMessage("WebcastSocialMessage", {
    common: { ...common, displayText: fill(MessageCommonText, { key }) },
    user: userOf(event.user),
    ...fields,
  });
}

function emoteMessage(event: EventOfType<"EmoteEvent">): Message {
  return message("WebcastEmoteChatMessage", event, {
    user: userOf(event.user),
    emoteList: event.data.emotes.map(emoteOf),
  });
}

function treasureBoxMessage(event: EventOfType<"TreasureBoxEvent">): Message {
  return message("WebcastEnvelopeMessage", event, {
    envelopeInfo: fill(MessageRedEnvelopInfo, {
      ...senderOf(event.user),
      diamondCount: event.data.diamondCount,
      peopleCount: event.data.recipientCount,
    }),
  });
}

function goalMessage(event: EventOfType<"GoalEvent">): Message {
  const { title, current, target } = event.data;
  return message("WebcastGoalUpdateMessage", event, {
    goal: fill(LiveStreamGoal, {
      description: title,
      subGoals: [fill(LiveStreamSubGoal, { progress: String(current), target: String(target) })],
    }),
    contributorId: numberOf(event.user.id),
    contributorDisplayId: event.user.uniqueId,
    contributorAvatar: imageOf(event.user.avatarUrl),
  });
}

function pinMessage(event: EventOfType<"PinEvent">): Message {
  const { method, text } = event.data;
  const user = userOf(event.user);
  const pinned: Partial<BodyOf<"WebcastRoomPinMessage">> = method === "WebcastGiftMessage"
    ? { giftMessage: fill(WebcastGiftMessage, { user, gift: fill(Gift, { name: text }) }) }
    : { chatMessage: fill(WebcastChatMessage, { user, content: text }) };
  return message("WebcastRoomPinMessage", event, { method, ...pinned });
}

function pollMessage(event: EventOfType<"PollEvent">): Message {
  return message("WebcastPollMessage", event, {
    startContent: fill(PollStartContent, {
      title: event.data.title,
      optionList: event.data.options.map(({ text, votes }, index) =>
        fill(PollOptionInfo, { displayContent: text, votes: String(votes), optionIdx: index })
      ),
    }),
  });
}

/** undefined for an event that nobody caused. */
function userOf(user: User): TikTokUser | undefined {
  if (user.id === "" && user.uniqueId === "" && user.nickname === "") return undefined;
  return fill(TikTokUser, {
    id: numberOf(user.id),
    displayId: user.uniqueId,
    nickname: user.nickname,
    avatarThumb: imageOf(user.avatarUrl),
    userAttr: user.roles.includes("moderator") ? fill(UserAttr, { isAdmin: true }) : undefined,
    badgeList: user.roles.includes("subscriber") ? [fill(BadgeStruct, { sceneType: 4 })] : [],
    followInfo: user.roles.includes("follower") ? fill(FollowInfo, { followStatus: "1" }) : undefined,
  });
}

function senderOf({ id, nickname, avatarUrl }: User): Partial<MessageRedEnvelopInfo> {
  return { sendUserId: id, sendUserName: nickname, sendUserAvatar: imageOf(avatarUrl) };
}

function emoteOf({ id, imageUrl }: { id: string; imageUrl: string }): EmoteModel {
  return fill(EmoteModel, { emoteId: id, image: imageOf(imageUrl) });
}

/** TikTok's ids are 64-bit numbers; "0" replaces a missing or invalid one. */
function numberOf(id: string | null): string {
  return id !== null && /^\d{1,19}$/.test(id) && BigInt(id) < 2n ** 63n ? id : "0";
}

function imageOf(url: string): ImageModel | undefined {
  return url === "" ? undefined : fill(ImageModel, { urlList: [url] });
}

function phraseOf(text: string): Common["displayText"] {
  return fill(MessageCommonText, { defaultPattern: text });
}
