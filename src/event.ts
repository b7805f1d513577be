/**
 * The events of a live, and their data by type. `event.data` has the same shape in code, in the
 * database (`live_event.event_data`), in exports and in webhooks.
 */

/** Image addresses are TikTok's own, signed and expiring; "" where there is none. */
export interface Gift {
  id: number;
  name: string;
  /** Price of one, in diamonds. */
  diamondCount: number;
  /** Whether it can be sent in a streak (TikTok's gift type 1). */
  isStreakable: boolean;
  imageUrl: string;
}

/** What each type of event carries. Counts are as TikTok gave them; 0 or "" where it gave none. */
export interface EventDataByType {
  /** `repeatCount` is TikTok's running count of the streak; what this event adds is `event.streak.delta`. */
  GiftEvent: { gift: Gift; repeatCount: number };
  SubscribeEvent: { months: number; isGifted: boolean };
  FollowEvent: { followerCount: number };
  ShareEvent: { shareCount: number };
  /** `language` is TikTok's guess, as "en". */
  CommentEvent: { comment: string; language: string };
  /** `total` is the room's likes so far and may go backwards; what this event adds is `event.streak.delta`. */
  LikeEvent: { total: number };
  JoinEvent: { memberCount: number };

  ViewerCountEvent: { viewerCount: number; totalUserCount: number };
  EmoteEvent: { emotes: { id: string; imageUrl: string }[] };
  QuestionEvent: { question: string };
  TreasureBoxEvent: { diamondCount: number; recipientCount: number };
  GoalEvent: { title: string; current: number; target: number };
  /** A super fan's or another special entrance or announcement, in TikTok's words. */
  BarrageEvent: { text: string };
  CaptionEvent: { text: string };
  /** The streamer's words about the live, shown on joining. */
  IntroEvent: { text: string };
  /** A message of TikTok's to the room. */
  NoticeEvent: { text: string };
  /** `method` is the kind of message that was pinned. */
  PinEvent: { method: string; text: string };
  RankEvent: { text: string };
  PollEvent: { title: string; options: { text: string; votes: number }[] };
  BattleEvent: { battleId: string; status: number };
  StreamPauseEvent: Record<string, never>;
  StreamResumeEvent: Record<string, never>;
  StreamEndEvent: { reason: string };
  /** A message of a method that Livecue does not know. */
  UnknownEvent: { method: string };
}

export type EventType = keyof EventDataByType;

/** The seven that services mostly act on, in their usual order of importance. */
export const mainEventTypes = [
  "GiftEvent",
  "SubscribeEvent",
  "FollowEvent",
  "ShareEvent",
  "CommentEvent",
  "LikeEvent",
  "JoinEvent",
] as const satisfies readonly EventType[];

export const lesserEventTypes = [
  "ViewerCountEvent",
  "EmoteEvent",
  "QuestionEvent",
  "TreasureBoxEvent",
  "GoalEvent",
  "BarrageEvent",
  "CaptionEvent",
  "IntroEvent",
  "NoticeEvent",
  "PinEvent",
  "RankEvent",
  "PollEvent",
  "BattleEvent",
  "StreamPauseEvent",
  "StreamResumeEvent",
  "StreamEndEvent",
  "UnknownEvent",
] as const satisfies readonly EventType[];

export const eventTypes: readonly EventType[] = [...mainEventTypes, ...lesserEventTypes];

export type UserRole = "moderator" | "subscriber" | "follower";

/** Who did it. All fields are "" (and `roles` empty) where an event is nobody's, as a viewer count. */
export interface User {
  /** TikTok's number, as text. */
  id: string;
  /** The @handle, without the @. */
  uniqueId: string;
  /** The name shown; hostile text, cleaned by `capture/text.ts`. */
  nickname: string;
  avatarUrl: string;
  roles: UserRole[];
}

export const nobody: Readonly<User> = { id: "", uniqueId: "", nickname: "", avatarUrl: "", roles: [] };

/** A run of the same gift, or of likes, by one user. */
export interface Streak {
  id: string;
  /** Cumulative count up to this event. */
  count: number;
  /** What this event adds: 0 or more. Sum these, never `count`. */
  delta: number;
  hasEnded: boolean;
}

type StreakOf<Type extends EventType> = Type extends "GiftEvent" | "LikeEvent" ? Streak : null;

export interface EventOf<Type extends EventType> {
  /** `live_event.id`. */
  id: number;
  /** `live_session.id`. */
  sessionId: number;
  roomId: string;
  /** TikTok's id of the message, unique in its room; null where it has none. */
  messageId: string | null;
  /** It happened before Livecue connected: stored, not acted on. */
  isHistory: boolean;
  /** When TikTok made it, Unix milliseconds. */
  createdAt: number;
  /** When Livecue got it, Unix milliseconds. */
  receivedAt: number;
  user: User;
  /** The user's first event of this type in this session; with gifts and likes, each event of the first streak. */
  isFirstOfUser: boolean;
  streak: StreakOf<Type>;
  type: Type;
  data: EventDataByType[Type];
}

/** A stored event of a live. Narrow it by `type`: `if (event.type === "GiftEvent") event.data.gift.name`. */
export type LiveEvent = { [Type in EventType]: EventOf<Type> }[EventType];

/** What the viewer (or TikTok) wrote; null where an event has no text. */
export function textOf(event: LiveEvent): string | null {
  switch (event.type) {
    case "CommentEvent":
      return event.data.comment;
    case "QuestionEvent":
      return event.data.question;
    case "BarrageEvent":
    case "CaptionEvent":
    case "IntroEvent":
    case "NoticeEvent":
    case "PinEvent":
    case "RankEvent":
      return event.data.text;
    default:
      return null;
  }
}
