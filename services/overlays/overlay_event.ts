/** Turns a live's event into the one for pages, which contains only what they show and nothing harmful. */
import { t } from "livecue/language";
import type { Mask } from "livecue/blocked_words";
import { pictureUrlOf } from "livecue/pages";
import { addedBy, type LiveEvent, type QueueItem } from "livecue/service";
import type { Alert, OverlayEmote, OverlayEvent, OverlayPayment, Viewer } from "./messages.ts";

type Item = Pick<QueueItem, "id" | "count">;

/** In diamonds, to rank it among the gifts. */
const worthOfSubscription = 300;
/** Nobody could see more. */
const maxEmotes = 30;
const maxOrdered = 5;

/** The event without a private message to the streamer. */
export function publicPartOf(event: LiveEvent): LiveEvent {
  if (event.type !== "DonationEvent" || event.data.isPublic) return event;
  return { ...event, data: { ...event.data, message: "" } };
}

/** Whether pages receive the event. They do not receive events of other rooms and ends of memberships. */
export function isForPages(event: LiveEvent): boolean {
  return !event.isForeign && !(event.type === "MembershipEvent" && event.data.action === "ended");
}

/** Expects the event's public part. */
export function describeEvent(
  event: LiveEvent,
  item: Item,
  { alert, mask }: { alert: Alert | null; mask: Mask },
): OverlayEvent {
  const count = event.streak === null ? addedBy(event) : item.count;
  const total = event.streak?.count ?? count;
  const gift = event.type === "GiftEvent" ? event.data.gift : null;
  const diamonds = gift === null ? 0 : total * gift.diamondCount;
  const payment = paymentOf(event, mask);
  return {
    id: item.id,
    type: event.type,
    at: event.createdAt,
    ageMs: 0,
    liveId: event.liveId,
    source: event.source,
    user: viewerOf(event, mask),
    gift: gift && {
      id: gift.id,
      name: gift.name,
      diamondCount: gift.diamondCount,
      imageUrl: pictureUrlOf(gift.imageUrl),
    },
    receiver: receiverOf(event, mask),
    subscription: event.type === "SubscribeEvent"
      ? { isGifted: event.data.isGifted, isSuperFan: event.data.isSuperFan }
      : null,
    payment,
    count,
    total,
    diamonds,
    worth: worthOf(event, diamonds, payment),
    comment: mask(writtenIn(event)),
    emotes: emotesOf(event, mask),
    streakId: event.streak?.id ?? null,
    hasEnded: event.streak?.hasEnded ?? true,
    alert: alert && { ...alert, text: mask(alert.text) },
    isTest: event.isTest,
  };
}

function viewerOf({ user }: LiveEvent, mask: Mask): Viewer {
  return {
    id: user.id,
    name: mask(user.nickname || user.uniqueId),
    handle: mask(user.uniqueId),
    avatarUrl: pictureUrlOf(user.avatarUrl),
    roles: user.roles,
  };
}

function receiverOf(event: LiveEvent, mask: Mask): string {
  const receiver = event.type === "GiftEvent" ? event.data.receiver : null;
  return receiver === null ? "" : mask(receiver.nickname || receiver.uniqueId || t`a guest`);
}

/** The text of an order is not shown, because it may contain a postal address. */
function writtenIn(event: LiveEvent): string {
  switch (event.type) {
    case "CommentEvent":
      return event.data.comment;
    case "QuestionEvent":
      return event.data.question;
    case "DonationEvent":
      return event.data.message;
    default:
      return "";
  }
}

/** Positions may be anything: outside the text, inside a surrogate pair, in a masked word. */
function emotesOf(event: LiveEvent, mask: Mask): OverlayEmote[] {
  if (event.type !== "CommentEvent") return [];
  const { comment, emotes } = event.data;
  const hidden = mask.hiddenIn(comment);
  return emotes.slice(0, maxEmotes).map(({ at, imageUrl }) => {
    const place = Number.isFinite(at)
      ? Math.trunc(Math.min(comment.length, Math.max(0, at)))
      : comment.length;
    const isWithinCharacter = place > 0 && (comment.codePointAt(place - 1) ?? 0) > 0xffff;
    return {
      at: positionAfterMasking(hidden, isWithinCharacter ? place + 1 : place),
      imageUrl: pictureUrlOf(imageUrl),
    };
  }).sort((one, other) => one.at - other.at);
}

/** Maps a position to the text in which these parts are masked. A position inside a part moves behind it. */
function positionAfterMasking(hidden: readonly { start: number; end: number }[], at: number): number {
  const before = hidden.filter(({ start }) => start < at);
  return before.reduce((place, { start, end }) => place + "***".length - (Math.min(at, end) - start), at);
}

function paymentOf(event: LiveEvent, mask: Mask): OverlayPayment | null {
  const none = { tier: "", months: 0, action: null, items: [] };
  switch (event.type) {
    case "DonationEvent":
      return { ...none, ...moneyOf(event.data) };
    case "MembershipEvent": {
      const { tier, months, action } = event.data;
      return { ...none, ...moneyOf(event.data), tier: mask(tier), months, action };
    }
    case "OrderEvent": {
      const items = event.data.items.slice(0, maxOrdered)
        .map(({ name, count }) => ({ name: mask(name), count }));
      return { ...none, ...moneyOf(event.data), items };
    }
    default:
      return null;
  }
}

/** A currency code has three letters. Anything else from a provider counts as unknown. */
function moneyOf({ amount, currency }: { amount: number; currency: string }) {
  const letters = currency.trim().toUpperCase();
  return { amount, currency: /^[A-Z]{3}$/.test(letters) ? letters : "" };
}

/** Compares payments with gifts: a diamond costs about a cent. */
function worthOf({ type }: LiveEvent, diamonds: number, payment: OverlayPayment | null): number {
  if (type === "SubscribeEvent") return worthOfSubscription;
  if (payment === null) return diamonds;
  return type === "DonationEvent" ? payment.amount : Math.max(worthOfSubscription, payment.amount);
}
