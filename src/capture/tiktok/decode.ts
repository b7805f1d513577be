/** One raw message → one captured event, cleaned. Pure: no clock, no network, nothing thrown by any bytes. */
import { type EventDataByType, type EventType, nobody, type User } from "../../event.ts";
import type { CapturedEvent, RawMessage, StreakFrame } from "../../source.ts";
import { cleanName, cleanText } from "../../clean_text.ts";
import { type BodyOf, type Common, decodeMessage, type Message } from "./schema.ts";

/** TikTok's users, as far as any message describes one. */
type TikTokUser = NonNullable<BodyOf<"WebcastChatMessage">["user"]>;
type Identity = BodyOf<"WebcastChatMessage">["userIdentity"];
type Image = TikTokUser["avatarThumb"];
type Phrase = Common["displayText"];

/** What a message says, without what every event has. */
type Content = {
  [Type in EventType]: {
    type: Type;
    data: EventDataByType[Type];
    user: User;
    streak: Type extends "GiftEvent" | "LikeEvent" ? StreakFrame : null;
  };
}[EventType];

const maxTextLength = 500;
const maxMethodLength = 80;
const maxUrlLength = 2048;
const maxIdLength = 64;
const maxListLength = 50;

/** Badges by `sceneType`. */
const adminBadge = 1;
const subscriberBadges = [4, 7];

/**
 * Decodes one message; "corrupt" where its bytes are not what its method says. `fallbackRoomId` is used
 * where the message names no room.
 */
export function decodeEvent(raw: RawMessage, fallbackRoomId: string): CapturedEvent | "corrupt" {
  const message = decodeMessage(raw.method, raw.payload);
  if (message === "corrupt") return "corrupt";
  const common = message.method === null ? message.common : message.body.common ?? null;
  const content = message.method === null ? unknown(raw.method) : contentOf(message);
  return {
    ...content,
    roomId: idOf(common?.roomId) || fallbackRoomId,
    messageId: idOf(common?.msgId) || null,
    createdAt: milliseconds(common?.createTime) ?? raw.createTime,
  };
}

/** A method as it may be stored and logged. */
export function cleanMethod(method: string): string {
  return cleanText(method, maxMethodLength);
}

function contentOf(message: Message): Content {
  switch (message.method) {
    case "WebcastGiftMessage":
      return gift(message.body);
    case "WebcastSubNotifyMessage":
      return subscribe(message.body);
    case "WebcastSocialMessage":
      return social(message.body);
    case "WebcastChatMessage":
      return comment(message.body);
    case "WebcastLikeMessage":
      return like(message.body);
    case "WebcastMemberMessage":
      return member(message.body);
    case "WebcastControlMessage":
      return control(message.body);
    default:
      return lesser(message);
  }
}

type LesserMessage = Exclude<
  Message,
  {
    method:
      | "WebcastGiftMessage"
      | "WebcastSubNotifyMessage"
      | "WebcastSocialMessage"
      | "WebcastChatMessage"
      | "WebcastLikeMessage"
      | "WebcastMemberMessage"
      | "WebcastControlMessage";
  }
>;

function lesser(message: LesserMessage): Content {
  switch (message.method) {
    case "WebcastRoomUserSeqMessage":
      return plain("ViewerCountEvent", {
        viewerCount: count(message.body.total),
        totalUserCount: count(message.body.totalUser),
      });
    case "WebcastEmoteChatMessage":
      return emotes(message.body);
    case "WebcastQuestionNewMessage":
      return plain(
        "QuestionEvent",
        { question: text(message.body.data?.content) },
        userOf(message.body.data?.user),
      );
    case "WebcastEnvelopeMessage":
      return treasureBox(message.body);
    case "WebcastGoalUpdateMessage":
      return goal(message.body);
    case "WebcastBarrageMessage": {
      const { content, commonBarrageContent, user } = message.body;
      return plain("BarrageEvent", { text: render(content) || render(commonBarrageContent) }, userOf(user));
    }
    case "WebcastCaptionMessage":
      return plain("CaptionEvent", {
        text: text(message.body.content.map((part) => part.content).join(" ")),
      });
    case "WebcastLiveIntroMessage":
      return plain("IntroEvent", { text: text(message.body.content) }, userOf(message.body.user));
    case "WebcastNoticeMessage":
      return notice(message.body.content, message.body.displayText, message.body.noticeContent);
    case "WebcastRoomMessage":
    case "WebcastRoomNotifyMessage":
      return notice(message.body.content, message.body.common?.displayText);
    case "WebcastSystemMessage":
      return notice(message.body.message, message.body.common?.displayText);
    case "WebcastRoomPinMessage":
      return pin(message.body);
    case "WebcastRankUpdateMessage":
      return plain("RankEvent", { text: render(message.body.updates[0]?.defaultContent) });
    case "WebcastRankTextMessage":
      return plain("RankEvent", {
        text: render(message.body.otherGetBadgeMsg) || render(message.body.content),
      });
    case "WebcastPollMessage":
      return poll(message.body);
    case "WebcastLinkMicBattle":
      return plain("BattleEvent", {
        battleId: idOf(message.body.battleId),
        status: count(message.body.action),
      });
  }
}

type StreakedType = "GiftEvent" | "LikeEvent";

function plain<Type extends Exclude<EventType, StreakedType>>(
  type: Type,
  data: EventDataByType[Type],
  user: User = { ...nobody, roles: [] },
): Content {
  return { type, data, user, streak: null } as Content;
}

function unknown(method: string): Content {
  return plain("UnknownEvent", { method: cleanMethod(method) });
}

function gift(body: BodyOf<"WebcastGiftMessage">): Content {
  // Without its description a gift is known to streak by its group alone.
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
      receiver: null,
    },
    user: userOf(body.user, body.userIdentity),
    streak: isStreakable
      ? { kind: "gift", groupId: idOf(body.groupId) || "0", count: repeatCount, isEnd: body.repeatEnd === 1 }
      // A gift that comes once and says no count is still one gift.
      : { kind: "gift", groupId: null, count: Math.max(1, repeatCount), isEnd: true },
  };
}

/**
 * The one source of subscriptions. Other kinds of this message (reminders, goals) go to the streamer or to
 * one viewer only, never to an onlooker as Livecue is.
 */
function subscribe(body: BodyOf<"WebcastSubNotifyMessage">): Content {
  return plain(
    "SubscribeEvent",
    { months: count(body.subMonth), isGifted: body.giftSource > 0, count: 1, isSuperFan: false },
    userOf(body.user),
  );
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
  return plain(
    "CommentEvent",
    { comment: text(body.content), language: cleanText(body.contentLanguage, 16), emotes: [] },
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
  // Action 3 tells of a subscription that WebcastSubNotifyMessage tells of as well, under another message
  // id: taking both would count it twice.
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

function emotes(body: BodyOf<"WebcastEmoteChatMessage">): Content {
  const shown = body.emoteList.slice(0, maxListLength);
  return plain(
    "EmoteEvent",
    {
      emotes: shown.map(({ emoteId, image }) => ({
        id: cleanText(emoteId, maxIdLength),
        imageUrl: imageUrl(image),
      })),
    },
    userOf(body.user, body.userIdentity),
  );
}

function treasureBox({ envelopeInfo }: BodyOf<"WebcastEnvelopeMessage">): Content {
  return plain(
    "TreasureBoxEvent",
    { diamondCount: count(envelopeInfo?.diamondCount), recipientCount: count(envelopeInfo?.peopleCount) },
    {
      ...nobody,
      id: idOf(envelopeInfo?.sendUserId),
      nickname: cleanName(envelopeInfo?.sendUserName ?? ""),
      avatarUrl: imageUrl(envelopeInfo?.sendUserAvatar),
      roles: [],
    },
  );
}

function goal({ goal, ...body }: BodyOf<"WebcastGoalUpdateMessage">): Content {
  // A goal of several gifts has a part for each.
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

/** The first that says anything; TikTok's own notices have a blank for content and the words elsewhere. */
function notice(content: string, ...phrases: Phrase[]): Content {
  const texts = [text(content).trim(), ...phrases.map(render)];
  return plain("NoticeEvent", { text: texts.find((each) => each !== "") ?? "" });
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

function userOf(user: TikTokUser | undefined, identity?: Identity): User {
  if (user === undefined) return { ...nobody, roles: [] };
  const badges = user.badgeList.map((badge) => Number(badge.sceneType));
  const roles: User["roles"] = [];
  if (identity?.isModeratorOfAnchor || user.userAttr?.isAdmin || badges.includes(adminBadge)) {
    roles.push("moderator");
  }
  if (identity?.isSubscriberOfAnchor || subscriberBadges.some((badge) => badges.includes(badge))) {
    roles.push("subscriber");
  }
  const follows = (user.followInfo?.followStatus ?? "0") !== "0";
  if (identity?.isFollowerOfAnchor || identity?.isMutualFollowingWithAnchor || follows) {
    roles.push("follower");
  }
  return {
    id: idOf(user.id),
    uniqueId: cleanName(user.displayId),
    nickname: cleanName(user.nickname),
    avatarUrl: imageUrl(user.avatarThumb),
    roles,
  };
}

/** A phrase of TikTok's with its pieces (names, numbers, gifts) put in. */
function render(phrase: Phrase): string {
  if (phrase === undefined) return "";
  const pieces = phrase.pieces.map((piece) =>
    piece.stringValue || piece.userValue?.user?.nickname || piece.giftValue?.nameRef?.defaultPattern || ""
  );
  return text(phrase.defaultPattern.replace(/\{(\d{1,2})(?::\w+)?\}/g, (_, index) => pieces[index] ?? ""))
    .trim();
}

function text(value: string | undefined): string {
  return cleanText(value ?? "", maxTextLength);
}

/** TikTok's ids are decimal numbers in text; "0" is none. */
function idOf(value: string | undefined): string {
  return value === undefined || value === "0" ? "" : cleanText(value, maxIdLength);
}

/** A count as a number: 0 for what is negative or beyond exact numbers. */
function count(value: string | number | undefined): number {
  const number = Number(value ?? 0);
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}

/** Unix milliseconds from TikTok's time, which some messages give in seconds; null where it is no time. */
function milliseconds(time: string | undefined): number | null {
  const number = count(time);
  if (number >= 1e12 && number < 1e13) return number;
  return number >= 1e9 && number < 1e10 ? number * 1000 : null;
}

/** The first address. A cut address leads nowhere, so a long one is none. */
function imageUrl(image: Image): string {
  const url = image?.urlList[0] ?? "";
  return url.length <= maxUrlLength && /^https?:\/\/[\x21-\x7e]+$/.test(url) ? url : "";
}
