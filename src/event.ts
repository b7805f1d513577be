/**
 * The events of a live, and their data by type. `event.data` has the same shape in code, in the database
 * (`live_event.event_data`), in exports and in webhooks.
 */

/** Image addresses are TikTok's: signed, and they expire; "" if there is none. */
export interface Gift {
  id: number;
  name: string;
  /** The price in diamonds. */
  diamondCount: number;
  /** Whether it can be sent in a streak (TikTok's gift type 1). */
  isStreakable: boolean;
  imageUrl: string;
}

/** The fields that payments of all providers have. */
export interface Payment {
  /** In the currency's smallest unit, as cents; 0 if the provider does not say. */
  amount: number;
  /** For example "EUR". */
  currency: string;
  /** For example "kofi". */
  provider: string;
}

export type MembershipAction = "started" | "renewed" | "changed" | "ended";

/** The guest whom a gift is for, in a live with guests. */
export interface Receiver {
  id: string;
  uniqueId: string;
  nickname: string;
}

/** A picture in a comment. It is before the character at index `at` of `comment`. */
export interface Emote {
  id: string;
  imageUrl: string;
  at: number;
}

/** The data of each type of event. Counts are TikTok's; 0 or "" if it gave none. */
export interface EventDataByType {
  /** `repeatCount` is TikTok's running count of the streak. This event adds `event.streak.delta`. */
  GiftEvent: { gift: Gift; repeatCount: number; receiver: Receiver | null };
  /** `count` is over 1 if several are given at once, as in a box for Super Fans. */
  SubscribeEvent: { months: number; isGifted: boolean; count: number; isSuperFan: boolean };
  FollowEvent: { followerCount: number };
  ShareEvent: { shareCount: number };
  /** `language` is TikTok's guess, as "en". A comment of only emotes has an empty text. */
  CommentEvent: { comment: string; language: string; emotes: Emote[] };
  /** `total` is the room's likes so far and may go backwards. This event adds `event.streak.delta`. */
  LikeEvent: { total: number };
  JoinEvent: { memberCount: number };

  /** `amount` is in the currency's smallest unit, as cents. `message` is "" if the giver keeps it private. */
  DonationEvent: Payment & { message: string; isPublic: boolean };
  MembershipEvent: Payment & { tier: string; months: number; action: MembershipAction };
  OrderEvent: Payment & { items: { name: string; count: number }[]; message: string };

  ViewerCountEvent: { viewerCount: number; totalUserCount: number };
  EmoteEvent: { emotes: { id: string; imageUrl: string }[] };
  QuestionEvent: { question: string };
  TreasureBoxEvent: { diamondCount: number; recipientCount: number };
  GoalEvent: { title: string; current: number; target: number };
  /** The entrance of a Super Fan, or another special announcement, in TikTok's words. */
  BarrageEvent: { text: string };
  CaptionEvent: { text: string };
  /** The streamer's introduction, which TikTok shows on joining. */
  IntroEvent: { text: string };
  /** A message from TikTok to the room. */
  NoticeEvent: { text: string };
  /** `method` is the type of the pinned message. */
  PinEvent: { method: string; text: string };
  RankEvent: { text: string };
  PollEvent: { title: string; options: { text: string; votes: number }[] };
  BattleEvent: { battleId: string; status: number };
  StreamPauseEvent: Record<string, never>;
  StreamResumeEvent: Record<string, never>;
  StreamEndEvent: { reason: string };
  /** A message whose method Livecue does not know. */
  UnknownEvent: { method: string };
}

export type EventType = keyof EventDataByType;

/** The seven types that services use most, in their usual order of importance. */
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

/** The user who caused the event. All fields are "" (and `roles` empty) if nobody did, as for a viewer count. */
export interface User {
  /** TikTok's numeric id, as text. */
  id: string;
  /** The @handle, without the @. */
  uniqueId: string;
  /** The displayed name, cleaned by `clean_text.ts`. */
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
  /** What this event adds: 0 or more. Add these up, never `count`. */
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
  /** The name of its source: a key of the config's `sources`, "replay:FILE" or "demo". */
  source: string;
  roomId: string;
  /** TikTok's id of the message, unique in its room; null if it has none. */
  messageId: string | null;
  /** It happened before Livecue connected: it is stored, but no service gets it. */
  isHistory: boolean;
  /** When TikTok created it, Unix milliseconds. */
  createdAt: number;
  /** A test event: counts in no total. */
  isTest: boolean;
  /** From another room within the live, as from the opponent in a battle: counts in no total. */
  isForeign: boolean;
  /** The event that a service was handling when it emitted this one; null for an event of a source. */
  causedBy: number | null;
  /** How many services are between this event and its source: 0 for an event of a source. */
  depth: number;
  /** When Livecue received it, Unix milliseconds. */
  receivedAt: number;
  user: User;
  /** The user's first event of this type in this live; for gifts and likes, each event of the first streak. */
  isFirstOfUser: boolean;
  streak: StreakOf<Type>;
  type: Type;
  data: EventDataByType[Type];
}

/**
 * Data of the types that services emit. A service that gets such events declares their data:
 *
 *     declare module "livecue/service" {
 *       interface EmittedDataByType { SpinEvent: { prize: string } }
 *     }
 */
export interface EmittedDataByType {
  DetectionEvent: DetectionData;
  SignalEvent: SignalData;
}

/** The types that detectors emit. Whoever shows detections may subscribe to them before there is a detector. */
export const detectorTypes = ["DetectionEvent", "SignalEvent"] as const satisfies (keyof EmittedDataByType)[];

/** A detector has detected something. Times are Unix milliseconds by the clock of the readings. */
export interface DetectionData {
  /** What was detected. */
  name: string;
  channel: string;
  /** 0 to 1. */
  confidence: number;
  /** A sentence for people. */
  text: string;
  window: { from: number; to: number };
  /** Numbers about it, by names of the detector's own. */
  values: Record<string, number>;
  /** The source of the readings. */
  source: string;
}

/** A channel has fallen silent or is back, or its source says that it has lost its signal or has it again. */
export interface SignalData {
  channel: string;
  state: "lost" | "back";
  /** The time for which a detector found this out. Times are as in `DetectionData`. */
  at: number;
  /** The time of the channel's last reading before. */
  lastAt: number;
  /** A sentence for people. */
  text: string;
  source: string;
}

interface EmittedEventOf<Type extends string, Data> extends Omit<EventOf<"FollowEvent">, "type" | "data"> {
  type: Type;
  data: Data;
}

/** An event of one of Livecue's own types. */
export type KnownEvent = { [Type in EventType]: EventOf<Type> }[EventType];

/** An event of any type that a service emitted. */
export type EmittedEvent = EmittedEventOf<string, Record<string, unknown>>;

/**
 * A stored event of a live. Narrow it by `type`: `if (event.type === "GiftEvent") event.data.gift.name`. Events that
 * services emit have other types: declare them in `EmittedDataByType` to narrow them in the same way.
 */
export type LiveEvent =
  | KnownEvent
  | {
    [Type in keyof EmittedDataByType]: EmittedEventOf<Type, EmittedDataByType[Type]>;
  }[keyof EmittedDataByType];

/** The event, if a service emitted it; null if its type is Livecue's own. */
export function asEmitted(event: LiveEvent): EmittedEvent | null {
  return isEventType(event.type) ? null : event as unknown as EmittedEvent;
}

/** The form of a type's name, including types that services emit. */
export const typeNamePattern = /^[A-Z][A-Za-z0-9]{0,60}Event$/;

/** Whether the type is Livecue's own. */
export function isEventType(type: string): type is EventType {
  return (eventTypes as readonly string[]).includes(type);
}

/** Whether the event counts for the streamer: neither a test, nor another room's, nor a gift to a guest. */
export function countsForHost(event: LiveEvent): boolean {
  if (event.isTest || event.isForeign) return false;
  return event.type !== "GiftEvent" || event.data.receiver === null;
}

/** How many gifts, likes or gifted subscriptions an event adds; 1 for other types. */
export function addedBy(event: LiveEvent): number {
  if (event.streak !== null) return event.streak.delta;
  return event.type === "SubscribeEvent" ? event.data.count : 1;
}

/**
 * How many gifts, likes or gifted subscriptions an item stands for: in a streak the item's count, else what its event
 * adds.
 */
export function countOf(event: LiveEvent, item: { count: number }): number {
  return event.streak === null ? addedBy(event) : item.count;
}

/** The text that the viewer (or TikTok) wrote; null if an event has no text. */
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

/** The text that the viewer wrote, with `[emote]` for each emote; null if an event has no text. */
export function shownTextOf(event: LiveEvent): string | null {
  if (event.type !== "CommentEvent") return textOf(event);
  const { comment, emotes } = event.data;
  // Backwards, so that an insertion does not shift the positions of the following ones.
  return emotes.toReversed().reduce(
    (text, { at }) => `${text.slice(0, at)}[emote]${text.slice(at)}`,
    comment,
  );
}
