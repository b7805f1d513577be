/**
 * Decodes an envelope to a captured event, with cleaned text. Pure: no clock, no network, and no message makes it
 * throw.
 *
 * TikFinity's fields are flat. Other servers with this format nest the user under `user`, the gift under `gift`,
 * `giftDetails` or `extendedGiftInfo`, and the id and the time under `common`.
 */
import { cleanText } from "../../clean_text.ts";
import type { Receiver, User } from "../../event.ts";
import type { CapturedEvent } from "../../source.ts";
import { type Content, plain } from "../content.ts";
import {
  countOf,
  first,
  handleOf,
  idOf,
  inside,
  isSet,
  listOf,
  nameOf,
  pictureOf,
  textOf,
  timeOf,
} from "./fields.ts";
import type { Envelope, Fields } from "./message.ts";

const maxTextLength = 500;
const maxNameLength = 80;
const maxLanguageLength = 16;
const maxListLength = 50;

/** Messages about the connection or TikFinity's own settings, not about the live. */
const notOfTheLive = new Set([
  "config",
  "connected",
  "decodeddata",
  "disconnected",
  "error",
  "hello",
  "ping",
  "rawdata",
  "roominfo",
  "websocketconnected",
]);

const decoders: Record<string, (data: Fields) => Content | "corrupt"> = {
  chat: comment,
  comment,
  gift,
  like,
  follow,
  share,
  social,
  member,
  join: member,
  subscribe: subscription,
  subscription,
  superfan: (data) => subscription({ ...data, isSuperFan: true }),
  superfanbox: superFanBox,
  superfanjoin: (data) =>
    plain("BarrageEvent", { text: textOf(first(data, "content", "text"), maxTextLength) }, personOf(data)),
  roomuser: viewerCount,
  roomuserseq: viewerCount,
  emote,
  envelope,
  questionnew: question,
  question,
  liveintro: (data) =>
    plain(
      "IntroEvent",
      { text: textOf(first(data, "description", "content"), maxTextLength) },
      personOf(data),
    ),
  streamend: (data) =>
    plain("StreamEndEvent", { reason: countOf(data.action) === 4 ? "suspended" : "ended" }),
};

/** null if the message is not about the live; "corrupt" if its data does not fit its name. */
export function decodeEvent({ name, data }: Envelope): CapturedEvent | "corrupt" | null {
  const key = name.toLowerCase();
  if (notOfTheLive.has(key)) return null;
  const decode = Object.hasOwn(decoders, key) ? decoders[key] : undefined;
  const content = decode === undefined ? unknown(name) : decode(data);
  if (content === "corrupt") return "corrupt";
  const common = inside(data, "common");
  return {
    ...content,
    // Such a server has one room and does not name it: an event's room is its session's.
    roomId: "",
    messageId: idOf(first(data, "msgId", "messageId") ?? common.msgId) || null,
    createdAt: timeOf(first(data, "createTime", "timestamp") ?? common.createTime),
    isTest: isSet(data.isTest),
  };
}

/** The streamer's handle; "" if the message does not have it. */
export function streamerOf({ data }: Envelope): string {
  return handleOf(data.tikfinityUsername).toLowerCase();
}

function unknown(name: string): Content {
  return plain("UnknownEvent", { method: cleanText(name, maxNameLength) });
}

function comment(data: Fields): Content {
  const text = textOf(first(data, "comment", "content"), maxTextLength);
  const emotes = listOf(data.emotes, maxListLength).map((each) => ({
    ...emoteOf(each),
    at: Math.min(countOf(first(each, "placeInComment", "index")), text.length),
  }));
  const language = textOf(first(data, "language", "contentLanguage"), maxLanguageLength);
  return plain("CommentEvent", { comment: text, language, emotes }, personOf(data));
}

function emoteOf(fields: Fields): { id: string; imageUrl: string } {
  const inner = inside(fields, "emote");
  return {
    id: idOf(first(fields, "emoteId") ?? inner.emoteId),
    imageUrl: pictureOf(first(fields, "emoteImageUrl", "image") ?? inner.image),
  };
}

function gift(data: Fields): Content | "corrupt" {
  const about = inside(data, "giftDetails", "extendedGiftInfo", "gift");
  const id = countOf(first(data, "giftId") ?? first(about, "id", "giftId", "gift_id"));
  const name = nameOf(first(data, "giftName") ?? first(about, "giftName", "name"));
  if (id === 0 && name === "") return "corrupt";
  // A missing count means one.
  const repeatCount = Math.max(1, countOf(first(data, "repeatCount") ?? first(about, "repeat_count")));
  const groupId = idOf(data.groupId);
  const type = first(data, "giftType") ?? first(about, "giftType", "gift_type", "type");
  const end = first(data, "repeatEnd") ?? first(about, "repeat_end");
  // Without its type, a gift can streak if it has a group, or a frame that is not the last.
  const isStreakable = type === undefined
    ? groupId !== "" || (end !== undefined && !isSet(end))
    : countOf(type) === 1;
  return {
    type: "GiftEvent",
    data: {
      gift: {
        id,
        name,
        diamondCount: countOf(first(data, "diamondCount") ?? first(about, "diamondCount", "diamond_count")),
        isStreakable,
        imageUrl: pictureOf(first(data, "giftPictureUrl") ?? first(about, "giftImage", "image")),
      },
      repeatCount,
      receiver: receiverOf(data),
    },
    user: personOf(data),
    streak: isStreakable
      ? { kind: "gift", groupId: groupId || "0", count: repeatCount, isEnd: isSet(end) }
      : { kind: "gift", groupId: null, count: repeatCount, isEnd: true },
  };
}

/** Ignores TikFinity's `receiverUserId`: it may be the host or a guest, and nothing tells which. */
function receiverOf(data: Fields): Receiver | null {
  const guest = inside(data, "toUser");
  const receiver = {
    id: idOf(first(guest, "userId", "id")),
    uniqueId: handleOf(first(guest, "uniqueId", "displayId")),
    nickname: nameOf(guest.nickname),
  };
  return receiver.id === "" && receiver.uniqueId === "" ? null : receiver;
}

function like(data: Fields): Content {
  return {
    type: "LikeEvent",
    data: { total: countOf(first(data, "totalLikeCount", "total")) },
    user: personOf(data),
    streak: { kind: "like", count: countOf(first(data, "likeCount", "count")) },
  };
}

function follow(data: Fields): Content {
  return plain("FollowEvent", { followerCount: countOf(data.followCount) }, personOf(data));
}

function share(data: Fields): Content {
  return plain("ShareEvent", { shareCount: countOf(data.shareCount) }, personOf(data));
}

/** The common name of follows and shares; its display type tells which one it is. */
function social(data: Fields): Content {
  const key = textOf(first(data, "displayType") ?? inside(data, "common").displayType, maxNameLength);
  if (key.includes("follow")) return follow(data);
  return key.includes("share") ? share(data) : unknown("social");
}

function member(data: Fields): Content {
  const action = first(data, "actionId", "action");
  // Other actions are not joins: TikTok sends some of them all the time, without a user.
  if (action !== undefined && countOf(action) !== 1) return unknown("member");
  return plain("JoinEvent", { memberCount: countOf(data.memberCount) }, personOf(data));
}

function subscription(data: Fields): Content {
  return plain("SubscribeEvent", {
    months: countOf(data.subMonth),
    isGifted: isSet(data.isGifted),
    count: Math.max(1, countOf(data.count)),
    isSuperFan: isSet(data.isSuperFan),
  }, personOf(data));
}

/** A box gives several subscriptions at once. */
function superFanBox(data: Fields): Content {
  const box = inside(data, "envelopeInfo");
  const count = first(data, "count", "peopleCount") ?? box.peopleCount;
  const giver = first(data, "uniqueId", "userId", "user") === undefined
    ? { ...data, userId: box.sendUserId, nickname: box.sendUserName }
    : data;
  return subscription({ ...giver, count, isGifted: true, isSuperFan: true });
}

function viewerCount(data: Fields): Content {
  return plain("ViewerCountEvent", {
    viewerCount: countOf(first(data, "viewerCount", "total")),
    totalUserCount: countOf(first(data, "totalUserCount", "totalUser")),
  });
}

function emote(data: Fields): Content {
  const list = listOf(first(data, "emotes", "emoteList"), maxListLength);
  const emotes = (list.length === 0 ? [data] : list).map(emoteOf);
  return plain("EmoteEvent", { emotes: emotes.filter(({ id }) => id !== "") }, personOf(data));
}

function envelope(data: Fields): Content {
  const box = inside(data, "envelopeInfo");
  return plain("TreasureBoxEvent", {
    diamondCount: countOf(first(data, "coins", "diamondCount") ?? box.diamondCount),
    recipientCount: countOf(first(data, "canOpen", "peopleCount") ?? box.peopleCount),
  }, personOf(data));
}

function question(data: Fields): Content {
  const details = inside(data, "details");
  const text = first(data, "questionText", "question") ?? first(details, "questionText", "content");
  return plain("QuestionEvent", { question: textOf(text, maxTextLength) }, personOf(data));
}

/** Badge scenes. */
const adminBadge = 1;
const subscriberBadges = [4, 7];

/** The user. Without a numeric id, the handle is the id, so that the streaks of different users are not mixed. */
function personOf(data: Fields): User {
  const nested = inside(data, "user");
  const of = (...names: string[]) => first(nested, ...names) ?? first(data, ...names);
  const uniqueId = handleOf(of("uniqueId", "displayId"));
  const id = idOf(first(nested, "userId", "id") ?? data.userId);
  return {
    id: id || (uniqueId === "" ? "" : idOf(`@${uniqueId}`)),
    uniqueId,
    nickname: nameOf(of("nickname")),
    avatarUrl: pictureOf(of("profilePictureUrl", "profilePicture", "avatarThumb")) ||
      pictureOf(inside(data, "userDetails").profilePictureUrls),
    roles: rolesOf(data, nested, of),
  };
}

function rolesOf(data: Fields, nested: Fields, of: (...names: string[]) => unknown): User["roles"] {
  const identity = inside(data, "userIdentity");
  const scenes = [of("userSceneTypes")].flat().map(countOf);
  const roles: User["roles"] = [];
  if (isSet(of("isModerator")) || isSet(identity.isModeratorOfAnchor) || scenes.includes(adminBadge)) {
    roles.push("moderator");
  }
  const hasBadge = subscriberBadges.some((badge) => scenes.includes(badge));
  if (isSet(of("isSubscriber")) || isSet(identity.isSubscriberOfAnchor) || hasBadge) roles.push("subscriber");
  const followInfo = [inside(nested, "followInfo"), inside(data, "followInfo")];
  const follows = followInfo.some(({ followStatus }) => countOf(followStatus) > 0);
  if (countOf(of("followRole")) > 0 || isSet(identity.isFollowerOfAnchor) || follows) roles.push("follower");
  return roles;
}
