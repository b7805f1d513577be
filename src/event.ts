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

/** What a payment of any provider has. */
export interface Payment {
  /** In the currency's smallest unit, as cents; 0 where the provider does not say. */
  amount: number;
  /** As "EUR". */
  currency: string;
  /** As "kofi". */
  provider: string;
}

export type MembershipAction = "started" | "renewed" | "changed" | "ended";

/** The guest whom a gift is for, in a live with guests. */
export interface Receiver {
  id: string;
  uniqueId: string;
  nickname: string;
}

/** A picture in a comment. `at` is where it stands: before the character of this index in `comment`. */
export interface Emote {
  id: string;
  imageUrl: string;
  at: number;
}

/** What each type of event carries. Counts are as TikTok gave them; 0 or "" where it gave none. */
export interface EventDataByType {
  /** `repeatCount` is TikTok's running count of the streak; what this event adds is `event.streak.delta`. */
  GiftEvent: { gift: Gift; repeatCount: number; receiver: Receiver | null };
  /** `count` is over 1 where several are given at once, as in a box for Super Fans. */
  SubscribeEvent: { months: number; isGifted: boolean; count: number; isSuperFan: boolean };
  FollowEvent: { followerCount: number };
  ShareEvent: { shareCount: number };
  /** `language` is TikTok's guess, as "en". A comment of emotes alone has an empty text. */
  CommentEvent: { comment: string; language: string; emotes: Emote[] };
  /** `total` is the room's likes so far and may go backwards; what this event adds is `event.streak.delta`. */
  LikeEvent: { total: number };
  JoinEvent: { memberCount: number };

  /** `amount` is in the currency's smallest unit, as cents. `message` is "" where the giver keeps it private. */
  DonationEvent: Payment & { message: string; isPublic: boolean };
  MembershipEvent: Payment & { tier: string; months: number; action: MembershipAction };
  OrderEvent: Payment & { items: { name: string; count: number }[]; message: string };

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

export const paymentEventTypes = [
  "DonationEvent",
  "MembershipEvent",
  "OrderEvent",
] as const satisfies readonly EventType[];

export type PaymentEventType = typeof paymentEventTypes[number];

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

export const eventTypes: readonly EventType[] = [
  ...mainEventTypes,
  ...paymentEventTypes,
  ...lesserEventTypes,
];

export const userRoles = ["moderator", "subscriber", "follower"] as const;

export type UserRole = typeof userRoles[number];

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
  /** `live.id`. */
  liveId: number;
  /** The name of the source that it came by: a key of the config's `sources`, "replay:FILE" or "demo". */
  source: string;
  roomId: string;
  /** TikTok's id of the message, unique in its room; null where it has none. */
  messageId: string | null;
  /** It happened before Livecue connected: stored, not acted on. */
  isHistory: boolean;
  /** When TikTok made it, Unix milliseconds. */
  createdAt: number;
  /** Sent to try things out: counts in no total. */
  isTest: boolean;
  /** A message of another room inside the live, as a battle's other side: counts in no total. */
  isForeign: boolean;
  /** The event that a service was handling when it emitted this one; null where it came from a source. */
  causedBy: number | null;
  /** How many services stand between this event and its source: 0 for an event of a source. */
  depth: number;
  /** When Livecue got it, Unix milliseconds. */
  receivedAt: number;
  user: User;
  /** The user's first event of this type in this live; with gifts and likes, each event of the first streak. */
  isFirstOfUser: boolean;
  streak: StreakOf<Type>;
  type: Type;
  data: EventDataByType[Type];
}

/**
 * Data of the types that services emit. A service that gets such events says what is in them:
 *
 *     declare module "livecue/service" {
 *       interface EmittedDataByType { SpinEvent: { prize: string } }
 *     }
 */
// deno-lint-ignore no-empty-interface
export interface EmittedDataByType {}

interface EmittedEventOf<Type extends string, Data> extends Omit<EventOf<"FollowEvent">, "type" | "data"> {
  type: Type;
  data: Data;
}

/** An event of one of Livecue's own types. */
export type KnownEvent = { [Type in EventType]: EventOf<Type> }[EventType];

/** An event of a type that a service made, whatever its type. */
export type EmittedEvent = EmittedEventOf<string, Record<string, unknown>>;

/**
 * A stored event of a live. Narrow it by `type`: `if (event.type === "GiftEvent") event.data.gift.name`. Events that
 * services emit are of further types: those that were declared in `EmittedDataByType` are narrowed in the same way.
 */
export type LiveEvent =
  | KnownEvent
  | {
    [Type in keyof EmittedDataByType]: EmittedEventOf<Type, EmittedDataByType[Type]>;
  }[keyof EmittedDataByType];

/** The event as one that a service made; null where its type is Livecue's own. */
export function asEmitted(event: LiveEvent): EmittedEvent | null {
  return isEventType(event.type) ? null : event as unknown as EmittedEvent;
}

/** What the name of a type looks like, also of one that services emit. */
export const typeNamePattern = /^[A-Z][A-Za-z0-9]{0,60}Event$/;

/** Whether Livecue knows this type; else a service made it. */
export function isEventType(type: string): type is EventType {
  return (eventTypes as readonly string[]).includes(type);
}

/** Whether the event counts for the streamer: neither a test, nor another room's, nor a gift to a guest. */
export function countsForHost(event: LiveEvent): boolean {
  if (event.isTest || event.isForeign) return false;
  return event.type !== "GiftEvent" || event.data.receiver === null;
}

/** How many of its kind an event adds: gifts, likes, given subscriptions; 1 for all others. */
export function addedBy(event: LiveEvent): number {
  if (event.streak !== null) return event.streak.delta;
  return event.type === "SubscribeEvent" ? event.data.count : 1;
}

/** How many of its kind an item stands for: of a streak what the item brings, else what its event adds. */
export function countOf(event: LiveEvent, item: { count: number }): number {
  return event.streak === null ? addedBy(event) : item.count;
}

/** What the viewer (or TikTok) wrote; null where an event has no text. */
export function textOf(event: LiveEvent): string | null {
  switch (event.type) {
    case "CommentEvent":
      return event.data.comment;
    case "DonationEvent":
    case "OrderEvent":
      return event.data.message;
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

/** What the viewer wrote, with `[emote]` wherever one stands; null where an event has no text. */
export function shownTextOf(event: LiveEvent): string | null {
  if (event.type !== "CommentEvent") return textOf(event);
  const { comment, emotes } = event.data;
  // Backwards, so that what is put in moves no place that is still to come.
  return emotes.toReversed().reduce(
    (text, { at }) => `${text.slice(0, at)}[emote]${text.slice(at)}`,
    comment,
  );
}
