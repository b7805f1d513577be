/**
 * TikFinity's format, as programs written for it expect it: `{ "event": "chat", "data": { … } }`, with the viewer's
 * fields next to the message's own. Fields that Livecue cannot know have an empty value. A few extra fields, such as
 * `isTest`, are Livecue's.
 */
import type { EventOf, LiveEvent, User } from "livecue/service";
import type { GiftFrame } from "./gift_frames.ts";

interface Message {
  event: string;
  data: Record<string, unknown>;
}

/**
 * The streamer's account number at TikFinity, under which programs save their data. Livecue has none and always sends
 * the same.
 */
const tikfinityUserId = 1;

/** The message for an event other than a gift; null if the format has none for it, or it comes from another room. */
export function messageOf(event: LiveEvent, count: number, username: string): string | null {
  const message = event.isForeign ? null : contentOf(event, count);
  return message === null ? null : textOf(message, event, { username, messageId: idOf(event) });
}

/** The message for a frame of a gift; null if it comes from another room. */
export function giftMessageOf(frame: GiftFrame, username: string): string | null {
  const { event, count, isEnd, groupId, isTimed } = frame;
  if (event.isForeign) return null;
  const { gift, receiver } = event.data;
  const giftType = gift.isStreakable ? 1 : 2;
  const data = {
    giftId: gift.id,
    repeatCount: count,
    groupId,
    repeatEnd: isEnd,
    gift: { gift_id: gift.id, repeat_count: count, repeat_end: isEnd ? 1 : 0, gift_type: giftType },
    giftType,
    giftName: gift.name,
    diamondCount: gift.diamondCount,
    giftPictureUrl: gift.imageUrl,
    describe: `sent ${gift.name}`,
    displayType: "webcast_aweme_gift_send_messageNew",
    label: "{0:user} sent {1:gift} × {2:string}",
    originalName: gift.name,
    originalDescribe: `Sent ${gift.name}`,
    timestamp: event.createdAt,
    ...(receiver === null ? {} : {
      receiverUserId: receiver.id,
      toUser: { userId: receiver.id, uniqueId: receiver.uniqueId, nickname: receiver.nickname },
    }),
  };
  const messageId = isTimed ? `${idOf(event)}-end` : idOf(event);
  return textOf({ event: "gift", data }, event, { username, messageId });
}

function textOf(
  { event: name, data }: Message,
  event: LiveEvent,
  { username, messageId }: { username: string; messageId: string },
): string {
  return JSON.stringify({
    event: name,
    data: {
      ...data,
      ...(event.user.id === "" && event.user.uniqueId === "" ? {} : personOf(event.user)),
      msgId: messageId,
      createTime: String(event.createdAt),
      isTest: event.isTest,
      tikfinityUserId,
      tikfinityUsername: username,
    },
  });
}

/** Programs drop what has an id that they have seen, so each message has one. */
function idOf({ id, messageId, receivedAt }: LiveEvent): string {
  return messageId ?? `livecue-${receivedAt}-${id}`;
}

function contentOf(event: LiveEvent, count: number): Message | null {
  switch (event.type) {
    case "CommentEvent":
      return { event: "chat", data: chatOf(event) };
    case "LikeEvent": {
      const data = { likeCount: count, totalLikeCount: event.data.total };
      return { event: "like", data: { ...data, ...words("pm_mt_msg_viewer", "{0:user} liked the LIVE") } };
    }
    case "FollowEvent": {
      const wording = words("pm_main_follow_message_viewer_2", "{0:user} followed the LIVE creator");
      return { event: "follow", data: { followCount: event.data.followerCount, ...wording } };
    }
    case "ShareEvent": {
      const wording = words("pm_mt_guidance_share", "{0:user} shared the LIVE");
      return { event: "share", data: { shareCount: event.data.shareCount, ...wording } };
    }
    case "JoinEvent": {
      const wording = words("live_room_enter_toast", "{0:user} joined");
      return { event: "member", data: { actionId: 1, memberCount: event.data.memberCount, ...wording } };
    }
    case "SubscribeEvent":
      return { event: "subscribe", data: subscriptionOf(event) };
    case "ViewerCountEvent":
      return { event: "roomUser", data: { ...event.data, topViewers: [], topGifterRank: 0 } };
    case "EmoteEvent": {
      const emotes = event.data.emotes.map(({ id, imageUrl }) => ({ emoteId: id, emoteImageUrl: imageUrl }));
      return { event: "emote", data: { ...(emotes[0] ?? { emoteId: "", emoteImageUrl: "" }), emotes } };
    }
    case "TreasureBoxEvent": {
      const { diamondCount, recipientCount } = event.data;
      return { event: "envelope", data: { coins: diamondCount, canOpen: recipientCount } };
    }
    case "QuestionEvent":
      return { event: "questionNew", data: { questionText: event.data.question } };
    case "IntroEvent":
      return { event: "liveIntro", data: { description: event.data.text } };
    case "StreamEndEvent":
      return { event: "streamEnd", data: { action: event.data.reason === "suspended" ? 4 : 3 } };
    default:
      return null;
  }
}

function words(displayType: string, label: string): { displayType: string; label: string } {
  return { displayType, label };
}

function chatOf({ data: { comment, language, emotes } }: EventOf<"CommentEvent">): Message["data"] {
  return {
    comment,
    language,
    emotes: emotes.map(({ id, imageUrl, at }) => ({
      emoteId: id,
      emoteImageUrl: imageUrl,
      placeInComment: at,
    })),
  };
}

function subscriptionOf({ data }: EventOf<"SubscribeEvent">): Message["data"] {
  const { months, isGifted, count, isSuperFan } = data;
  return { subMonth: months, oldSubscribeStatus: 0, subscribingStatus: 1, isGifted, count, isSuperFan };
}

function personOf({ id, uniqueId, nickname, avatarUrl, roles }: User): Message["data"] {
  const isFollower = roles.includes("follower");
  return {
    userId: id,
    secUid: "",
    uniqueId,
    nickname,
    profilePictureUrl: avatarUrl,
    followRole: isFollower ? 1 : 0,
    userBadges: [],
    userSceneTypes: [],
    userDetails: {
      createTime: "0",
      bioDescription: "",
      profilePictureUrls: avatarUrl === "" ? [] : [avatarUrl],
    },
    followInfo: { followingCount: 0, followerCount: 0, followStatus: isFollower ? 1 : 0, pushStatus: 0 },
    isModerator: roles.includes("moderator"),
    isSubscriber: roles.includes("subscriber"),
    isNewGifter: false,
    topGifterRank: 0,
    gifterLevel: 0,
    teamMemberLevel: 0,
  };
}
