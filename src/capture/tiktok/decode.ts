/**
 * Decodes a raw message to a captured event, with cleaned text. Pure: no clock, no network, and no bytes make it
 * throw.
 */
import { nobody, type Receiver, type User } from "../../event.ts";
import type { CapturedEvent, RawMessage } from "../../source.ts";
import { type Content, plain } from "../content.ts";
import { cleanName, cleanText } from "../../clean_text.ts";
import { emotesOf, placedEmotes } from "./emotes.ts";
import {
  count,
  idOf,
  imageUrl,
  maxListLength,
  milliseconds,
  type Phrase,
  render,
  text,
  userIn,
  userOf,
} from "./fields.ts";
import { type BodyOf, decodeMessage, type KnownMethod, type Message } from "./schema.ts";
import { becomesSuperFan, isSuperFanBox } from "./super_fans.ts";

const maxMethodLength = 80;

/** `messageType` of a WebcastSubNotifyMessage. */
const subscribed = 0;
/** `display` of a WebcastEnvelopeMessage. */
const hidden = 2;

/**
 * Decodes one message; "corrupt" if its bytes do not fit its method. `fallbackRoomId` is used if the message names no
 * room.
 */
export function decodeEvent(raw: RawMessage, fallbackRoomId: string): CapturedEvent | "corrupt" {
  const message = decodeMessage(raw.method, raw.payload);
  if (message === "corrupt") return "corrupt";
  const common = message.method === null ? message.common : message.body.common ?? null;
  const content = message.method === null ? unknown(raw.method) : contentOf(message, raw.streamer);
  return {
    ...content,
    roomId: idOf(common?.roomId) || fallbackRoomId,
    messageId: (message.method !== null && boxIdOf(message)) || idOf(common?.msgId) || null,
    createdAt: milliseconds(common?.createTime) ?? raw.createTime,
  };
}

/** A method's name, cleaned for storing and logging. */
export function cleanMethod(method: string): string {
  return cleanText(method, maxMethodLength);
}

/** Several messages may report the same Super Fan box, so the box's own id identifies it. */
function boxIdOf(message: Message): string {
  if (message.method !== "WebcastEnvelopeMessage" || isSuperFanBox(message.body) !== "given") return "";
  return isHidden(message.body) ? "" : idOf(message.body.envelopeInfo?.envelopeId);
}

/** Reads the content of each known message. */
const readers: { [Method in KnownMethod]: (body: BodyOf<Method>, streamer: string) => Content } = {
  WebcastGiftMessage: gift,
  WebcastSubNotifyMessage: subscribe,
  WebcastSocialMessage: social,
  WebcastChatMessage: comment,
  WebcastLikeMessage: like,
  WebcastMemberMessage: member,
  WebcastControlMessage: control,
  WebcastRoomUserSeqMessage: ({ total, totalUser }) =>
    plain("ViewerCountEvent", { viewerCount: count(total), totalUserCount: count(totalUser) }),
  WebcastEmoteChatMessage: ({ emoteList, user, userIdentity }) =>
    plain("EmoteEvent", { emotes: emotesOf(emoteList) }, userOf(user, userIdentity)),
  WebcastQuestionNewMessage: ({ data }) =>
    plain("QuestionEvent", { question: text(data?.content) }, userOf(data?.user)),
  WebcastEnvelopeMessage: envelope,
  WebcastGoalUpdateMessage: goal,
  WebcastBarrageMessage: barrage,
  WebcastCaptionMessage: ({ content }) =>
    plain("CaptionEvent", { text: text(content.map((part) => part.content).join(" ")) }),
  WebcastLiveIntroMessage: ({ content, user }) => plain("IntroEvent", { text: text(content) }, userOf(user)),
  WebcastNoticeMessage: ({ content, displayText, noticeContent }) =>
    notice(content, displayText, noticeContent),
  WebcastRoomMessage: ({ content, common }) => notice(content, common?.displayText),
  WebcastRoomNotifyMessage: ({ content, common }) => notice(content, common?.displayText),
  WebcastSystemMessage: ({ message, common }) => notice(message, common?.displayText),
  WebcastRoomPinMessage: pin,
  WebcastRankUpdateMessage: ({ updates }) => plain("RankEvent", { text: render(updates[0]?.defaultContent) }),
  WebcastRankTextMessage: ({ otherGetBadgeMsg, content }) =>
    plain("RankEvent", { text: render(otherGetBadgeMsg) || render(content) }),
  WebcastPollMessage: poll,
  WebcastLinkMicBattle: ({ battleId, action }) =>
    plain("BattleEvent", { battleId: idOf(battleId), status: count(action) }),
};

function contentOf({ method, body }: Message, streamer: string): Content {
  // The compiler cannot see that the body and the reader have the same method.
  return (readers[method] as (body: Message["body"], streamer: string) => Content)(body, streamer);
}

function unknown(method: string): Content {
  return plain("UnknownEvent", { method: cleanMethod(method) });
}

function gift(body: BodyOf<"WebcastGiftMessage">, streamer: string): Content {
  // Without a description, a gift can streak if it has a group.
  const isStreakable = body.gift === undefined ? body.groupId !== "0" : body.gift.type === 1;
  const repeatCount = count(body.repeatCount);
  return {
    type: "GiftEvent",
    data: {
      gift: {
        id: count(body.giftId) || count(body.gift?.id),
        name: cleanName(body.gift?.name ?? ""),
        diamondCount: count(body.gift?.diamondCount),
        isStreakable,
        imageUrl: imageUrl(body.gift?.image),
      },
      repeatCount,
      receiver: receiverOf(body, streamer),
    },
    user: userOf(body.user, body.userIdentity),
    streak: isStreakable
      ? { kind: "gift", groupId: idOf(body.groupId) || "0", count: repeatCount, isEnd: body.repeatEnd === 1 }
      // A single gift without a count is still one gift.
      : { kind: "gift", groupId: null, count: Math.max(1, repeatCount), isEnd: true },
  };
}

/** The guest who receives a gift; null if it is the host, whom TikTok may name or omit. */
function receiverOf(
  { toUser, toMemberId, toMemberIdInt, toMemberNickname, monitorInfo }: BodyOf<"WebcastGiftMessage">,
  streamer: string,
): Receiver | null {
  const receiver: Receiver = {
    id: idOf(toUser?.id) || idOf(toMemberId) || idOf(toMemberIdInt),
    uniqueId: cleanName(toUser?.displayId ?? ""),
    nickname: cleanName(toUser?.nickname ?? "") || cleanName(toMemberNickname),
  };
  const { id, uniqueId, nickname } = receiver;
  if (id === "" && uniqueId === "" && nickname === "") return null;
  if (id !== "" && id === idOf(monitorInfo?.anchorId)) return null;
  if (uniqueId !== "" && uniqueId.toLowerCase() === streamer.toLowerCase()) return null;
  return receiver;
}

/** Plain subscriptions. Only one type of this message is a subscription; the others are notices about subscriptions. */
function subscribe(body: BodyOf<"WebcastSubNotifyMessage">): Content {
  if (Number(body.messageType) !== subscribed) return notice("", body.common?.displayText);
  return plain(
    "SubscribeEvent",
    { months: count(body.subMonth), isGifted: body.giftSource > 0, count: 1, isSuperFan: false },
    userOf(body.user),
  );
}

/**
 * Announcements. WebcastSubNotifyMessage reports plain and gifted subscriptions too, so their announcements do not
 * count as subscriptions here. But only this message reports that somebody became a Super Fan.
 */
function barrage(body: BodyOf<"WebcastBarrageMessage">): Content {
  const { content, commonBarrageContent, common } = body;
  const phrases = [content, commonBarrageContent, common?.displayText];
  const user = userOf(body.user ?? phrases.map(userIn).find((each) => each !== undefined));
  if (becomesSuperFan(body)) {
    return plain("SubscribeEvent", { months: 0, isGifted: false, count: 1, isSuperFan: true }, user);
  }
  return plain("BarrageEvent", { text: firstText(phrases.map(render)) }, user);
}

function social(body: BodyOf<"WebcastSocialMessage">): Content {
  const key = body.common?.displayText?.key ?? "";
  if (key.includes("follow")) {
    return plain("FollowEvent", { followerCount: count(body.followCount) }, userOf(body.user));
  }
  if (key.includes("share")) {
    return plain("ShareEvent", { shareCount: count(body.shareCount) }, userOf(body.user));
  }
  return unknown("WebcastSocialMessage");
}

function comment(body: BodyOf<"WebcastChatMessage">): Content {
  const comment = text(body.content);
  return plain(
    "CommentEvent",
    {
      comment,
      language: cleanText(body.contentLanguage, 16),
      emotes: placedEmotes(body.emotes, body.content, comment),
    },
    userOf(body.user, body.userIdentity),
  );
}

function like(body: BodyOf<"WebcastLikeMessage">): Content {
  return {
    type: "LikeEvent",
    data: { total: count(body.total) },
    user: userOf(body.user),
    streak: { kind: "like", count: count(body.count) },
  };
}

function member(body: BodyOf<"WebcastMemberMessage">): Content {
  // Action 3 reports a subscription that WebcastSubNotifyMessage reports too, with another message id. Using both
  // would count it twice.
  if (Number(body.action) !== 1) return unknown("WebcastMemberMessage");
  return plain("JoinEvent", { memberCount: count(body.memberCount) }, userOf(body.user));
}

function control(body: BodyOf<"WebcastControlMessage">): Content {
  switch (Number(body.action)) {
    case 1:
      return plain("StreamPauseEvent", {});
    case 2:
      return plain("StreamResumeEvent", {});
    case 3:
      return plain("StreamEndEvent", { reason: "ended" });
    case 4:
      return plain("StreamEndEvent", { reason: "suspended" });
    default:
      return unknown("WebcastControlMessage");
  }
}

/** A gift to many viewers at once: a treasure box, or a box of Super Fan subscriptions. */
function envelope(body: BodyOf<"WebcastEnvelopeMessage">): Content {
  const { envelopeInfo, common } = body;
  // It removes a box from the screen, and has only the box's id.
  if (isHidden(body)) return unknown("WebcastEnvelopeMessage");
  const sender = senderOf(body);
  switch (isSuperFanBox(body)) {
    case "given": {
      const subscriptions = count(envelopeInfo?.superFanCount) || count(envelopeInfo?.peopleCount) || 1;
      const data = { months: 0, isGifted: true, count: subscriptions, isSuperFan: true };
      return plain("SubscribeEvent", data, sender);
    }
    case "other":
      return plain("BarrageEvent", { text: render(common?.displayText) }, sender);
    case "no":
      return plain("TreasureBoxEvent", {
        diamondCount: count(envelopeInfo?.diamondCount),
        recipientCount: count(envelopeInfo?.peopleCount),
      }, sender);
  }
}

function isHidden({ display }: BodyOf<"WebcastEnvelopeMessage">): boolean {
  return Number(display) === hidden;
}

/** The giver. Only the displayed phrase has the handle. */
function senderOf({ envelopeInfo, common }: BodyOf<"WebcastEnvelopeMessage">): User {
  const id = idOf(envelopeInfo?.sendUserId);
  const named = userIn(common?.displayText);
  const known = named !== undefined && (id === "" || idOf(named.id) === id) ? userOf(named) : null;
  return {
    id: id || (known?.id ?? ""),
    uniqueId: known?.uniqueId ?? "",
    nickname: cleanName(envelopeInfo?.sendUserName ?? "") || (known?.nickname ?? ""),
    avatarUrl: imageUrl(envelopeInfo?.sendUserAvatar) || (known?.avatarUrl ?? ""),
    roles: known?.roles ?? [],
  };
}

function goal({ goal, ...body }: BodyOf<"WebcastGoalUpdateMessage">): Content {
  // A goal of several gifts has a sub-goal for each.
  const parts = goal?.subGoals ?? [];
  return plain(
    "GoalEvent",
    {
      title: text(goal?.description),
      current: count(parts.reduce((sum, part) => sum + count(part.progress), 0)),
      target: count(parts.reduce((sum, part) => sum + count(part.target), 0)),
    },
    {
      ...nobody,
      id: idOf(body.contributorId),
      uniqueId: cleanName(body.contributorDisplayId),
      avatarUrl: imageUrl(body.contributorAvatar),
      roles: [],
    },
  );
}

/** Uses the first text that is not empty: TikTok's own notices have a space as content, and the text elsewhere. */
function notice(content: string, ...phrases: Phrase[]): Content {
  return plain("NoticeEvent", { text: firstText([text(content).trim(), ...phrases.map(render)]) });
}

function firstText(texts: string[]): string {
  return texts.find((each) => each !== "") ?? "";
}

function pin(body: BodyOf<"WebcastRoomPinMessage">): Content {
  const { chatMessage, giftMessage } = body;
  const pinned = chatMessage ?? giftMessage ?? body.socialMessage ?? body.memberMessage ?? body.likeMessage;
  const words = chatMessage?.content ?? giftMessage?.gift?.name;
  return plain(
    "PinEvent",
    {
      method: cleanMethod(body.method || (pinned?.common?.method ?? "")),
      text: words === undefined ? render(pinned?.common?.displayText) : text(words),
    },
    userOf(pinned?.user),
  );
}

function poll(body: BodyOf<"WebcastPollMessage">): Content {
  const content = body.endContent ?? body.updateVotesContent ?? body.startContent;
  const options = content?.optionList.slice(0, maxListLength) ?? [];
  return plain("PollEvent", {
    title: text(body.startContent?.title || body.pollBasicInfo?.title),
    options: options.map(({ displayContent, votes }) => ({
      text: text(displayContent),
      votes: count(votes),
    })),
  });
}
