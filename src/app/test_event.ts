/** Test events, to try services before the live. They are marked, and do not count in any total. */
import { cleanLine, cleanName } from "../clean_text.ts";
import type { TestEvent } from "../control.ts";
import { type EventDataByType, type EventType, eventTypes, nobody, type User, userRoles } from "../event.ts";
import type { KnownGift } from "../gift.ts";
import { t } from "../language.ts";
import type { CapturedEvent, StreakFrame } from "../source.ts";
import { UserError } from "../user_error.ts";

const maxAmount = 100_000;
const maxDiamonds = 1_000_000;
const maxTextLength = 500;
const maxNameLength = 64;

/**
 * Makes an event as if a viewer had caused it at `at` (Unix milliseconds). `known` is the gift that it names, if it is
 * known. Throws a `UserError` for impossible values.
 */
export function makeTestEvent(given: TestEvent, at: number, known: KnownGift | null = null): CapturedEvent {
  check(given);
  const { type, amount } = given;
  return {
    type,
    data: type === "GiftEvent"
      ? giftData(given, known)
      : dataMakers[type]({ ...given, text: cleanLine(given.text) }),
    // The session's room applies.
    roomId: "",
    messageId: null,
    createdAt: at,
    user: userOf(given.user),
    streak: streakOf(type, amount),
    isTest: true,
  } as CapturedEvent;
}

function check({ type, amount, text, gift, user }: TestEvent): void {
  if (!eventTypes.includes(type)) throw new UserError(t`There is no event type ${JSON.stringify(type)}.`);
  checkNumber(amount, 1, maxAmount, (value) => t`An amount of ${value} is not allowed.`);
  if (type === "GiftEvent" && gift.diamonds !== null) {
    checkNumber(
      gift.diamonds,
      0,
      maxDiamonds,
      (value) => t`A gift's price in diamonds of ${value} is not allowed.`,
    );
  }
  checkLength(text, maxTextLength, (length) => t`A text of ${length} characters is too long.`);
  checkLength(gift.name, maxNameLength, (length) => t`A gift's name of ${length} characters is too long.`);
  checkLength(user.name, maxNameLength, (length) => t`A viewer's name of ${length} characters is too long.`);
  const unknown = user.roles.find((role) => !userRoles.includes(role));
  if (unknown !== undefined) {
    throw new UserError(
      t`There is no role ${JSON.stringify(unknown)}. Use one of: ${userRoles.join(", ")}.`,
    );
  }
}

function checkNumber(value: number, least: number, most: number, refusal: (value: number) => string): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new UserError(`${refusal(value)} ${t`Use a whole number from ${least} to ${most}.`}`);
}

function checkLength(text: string, most: number, refusal: (length: number) => string): void {
  if (text.length <= most) return;
  throw new UserError(`${refusal(text.length)} ${t`The limit is ${most}.`}`);
}

/** Each name is a different viewer, so that counts per viewer can be tested too. */
function userOf({ name, roles }: TestEvent["user"]): User {
  const nickname = cleanName(name);
  if (nickname === "") return { ...nobody, id: "test", uniqueId: "test", nickname: t`Test viewer`, roles };
  const handle = nickname.normalize("NFKD").toLowerCase().replace(/[^a-z0-9_.]/g, "");
  return { ...nobody, id: `test ${nickname}`, uniqueId: handle || "test", nickname, roles };
}

function streakOf(type: EventType, count: number): StreakFrame | null {
  if (type === "GiftEvent") return { kind: "gift", groupId: null, count, isEnd: true };
  return type === "LikeEvent" ? { kind: "like", count } : null;
}

/** The gift of a test event that names none. */
export const usualGift = "Rose";

/** A known gift has its true id, name, price and picture, and another one the id 0. */
function giftData(
  { gift: { name, diamonds }, amount }: TestEvent,
  known: KnownGift | null,
): EventDataByType["GiftEvent"] {
  return {
    gift: {
      id: known?.id ?? 0,
      name: known?.name ?? (cleanName(name) || usualGift),
      diamondCount: diamonds ?? known?.diamonds ?? 1,
      isStreakable: false,
      imageUrl: known?.imageUrl ?? "",
    },
    repeatCount: amount,
    receiver: null,
  };
}

const usualText = () => t`This is a test`;
const usualPayment = { currency: "EUR", provider: "test" };

type DataMaker<Type extends EventType> = (event: TestEvent) => EventDataByType[Type];

const dataMakers: { [Type in Exclude<EventType, "GiftEvent">]: DataMaker<Type> } = {
  SubscribeEvent: ({ amount }) => ({ months: amount, isGifted: false, count: 1, isSuperFan: false }),
  FollowEvent: ({ amount }) => ({ followerCount: amount }),
  ShareEvent: ({ amount }) => ({ shareCount: amount }),
  CommentEvent: ({ text }) => ({ comment: text || usualText(), language: "en", emotes: [] }),
  LikeEvent: ({ amount }) => ({ total: amount }),
  JoinEvent: ({ amount }) => ({ memberCount: amount }),
  DonationEvent: ({ amount, text }) => ({
    ...usualPayment,
    amount,
    message: text || usualText(),
    isPublic: true,
  }),
  MembershipEvent: ({ amount, text }) => ({
    ...usualPayment,
    amount,
    tier: text || t`Test`,
    months: 1,
    action: "started",
  }),
  OrderEvent: ({ amount, text }) => ({
    ...usualPayment,
    amount,
    items: [{ name: text || t`Test`, count: 1 }],
    message: "",
  }),
  ViewerCountEvent: ({ amount }) => ({ viewerCount: amount, totalUserCount: amount }),
  EmoteEvent: ({ text }) => ({ emotes: [{ id: text || "1", imageUrl: "" }] }),
  QuestionEvent: ({ text }) => ({ question: text || t`Is this a test?` }),
  TreasureBoxEvent: ({ amount }) => ({ diamondCount: amount, recipientCount: 1 }),
  GoalEvent: ({ amount, text }) => ({ title: text || t`Test`, current: amount, target: amount }),
  BarrageEvent: ({ text }) => ({ text: text || usualText() }),
  CaptionEvent: ({ text }) => ({ text: text || usualText() }),
  IntroEvent: ({ text }) => ({ text: text || usualText() }),
  NoticeEvent: ({ text }) => ({ text: text || usualText() }),
  PinEvent: ({ text }) => ({ method: "WebcastChatMessage", text: text || usualText() }),
  RankEvent: ({ amount, text }) => ({ text: text || t`No. ${amount}` }),
  PollEvent: ({ amount, text }) => ({ title: text || t`Test?`, options: [{ text: t`yes`, votes: amount }] }),
  BattleEvent: ({ amount }) => ({ battleId: "test", status: amount }),
  StreamPauseEvent: () => ({}),
  StreamResumeEvent: () => ({}),
  StreamEndEvent: () => ({ reason: "test" }),
  UnknownEvent: ({ text }) => ({ method: text || "Test" }),
};
