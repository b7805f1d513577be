/**
 * Texts with placeholders, as "{user} sent {gift} x{count}", for the options of services: "livecue/template".
 * All of them share one set of placeholders, so that a streamer learns it once.
 */
import { z } from "zod";
import { countOf, type LiveEvent, shownTextOf } from "../event.ts";
import { amountText } from "../money.ts";
import type { QueueItem } from "./service.ts";

type Item = Pick<QueueItem, "count">;

/** The payment that an event is; null for all others. */
function paymentIn(event: LiveEvent) {
  switch (event.type) {
    case "DonationEvent":
    case "MembershipEvent":
    case "OrderEvent":
      return event.data;
    default:
      return null;
  }
}

function monthsIn(event: LiveEvent): number | "" {
  return event.type === "SubscribeEvent" || event.type === "MembershipEvent" ? event.data.months : "";
}

/** Of a gift: a guest's name, or handle where it is empty; "" for the host. */
function receiverIn(event: LiveEvent): string {
  const receiver = event.type === "GiftEvent" ? event.data.receiver : null;
  return receiver === null ? "" : receiver.nickname || receiver.uniqueId;
}

/** What each placeholder stands for; "" where the event has no such thing. */
const placeholders = {
  /** The name shown, or the handle where it is empty. */
  user: ({ user }) => user.nickname || user.uniqueId,
  /** The handle, without the @. */
  handle: ({ user }) => user.uniqueId,
  user_id: ({ user }) => user.id,
  /** The event's type, as "GiftEvent". */
  event: ({ type }) => type,
  gift: (event) => event.type === "GiftEvent" ? event.data.gift.name : "",
  gift_id: (event) => event.type === "GiftEvent" ? event.data.gift.id : "",
  /** The guest whom a gift is for; "" for the host. */
  receiver: receiverIn,
  /** How many gifts, likes or subscriptions; 1 for other events. */
  count: countOf,
  /** How many so far in the streak. */
  streak_count: (event) => event.streak?.count ?? 1,
  diamonds: (event, { count }) => event.type === "GiftEvent" ? count * event.data.gift.diamondCount : "",
  /** What the viewer wrote, with [emote] where one stands. */
  comment: (event) => shownTextOf(event) ?? "",
  months: monthsIn,
  /** Of a payment, as "5.00". */
  amount: (event) => {
    const payment = paymentIn(event);
    return payment === null ? "" : amountText(payment);
  },
  /** As "EUR". */
  currency: (event) => paymentIn(event)?.currency ?? "",
  /** Of a membership. */
  tier: (event) => event.type === "MembershipEvent" ? event.data.tier : "",
  /** Who took the payment, as "kofi". */
  provider: (event) => paymentIn(event)?.provider ?? "",
  viewers: (event) => event.type === "ViewerCountEvent" ? event.data.viewerCount : "",
} satisfies Record<string, (event: LiveEvent, item: Item) => string | number>;

type Placeholder = keyof typeof placeholders;

/** The doubled braces come first, so that they are taken together. */
const placeholderPattern = /\{\{([a-z_]+)\}\}|\{([a-z_]+)\}/g;

/**
 * Makes a value harmless where it is going to stand. `before` is the text so far, filled in, for a language
 * in which that depends on the place (inside quotes or not).
 */
export type Quote = (value: string, before: string) => string;

/** A text whose placeholders are known to exist. */
export class Template {
  /** As it was written. */
  readonly text: string;
  /** Text and placeholders, in their order. */
  readonly parts: readonly (string | { placeholder: Placeholder })[];

  /** Throws a `RangeError` that names the placeholder which does not exist, and those which do. */
  constructor(text: string) {
    this.text = text;
    this.parts = partsOf(text);
  }

  /** The text about this event. What viewers wrote goes through `quote`, and is taken as it is without one. */
  fill(event: LiveEvent, item: Item, quote: Quote = (value) => value): string {
    let filled = "";
    for (const part of this.parts) {
      filled += typeof part === "string"
        ? part
        : quote(String(placeholders[part.placeholder](event, item)), filled);
    }
    return filled;
  }

  /** So that options can be written down as they were read. */
  toJSON(): string {
    return this.text;
  }
}

function partsOf(text: string): Template["parts"] {
  const parts: Template["parts"][number][] = [];
  let end = 0;
  for (const { 0: whole, 1: literal, 2: name, index } of text.matchAll(placeholderPattern)) {
    parts.push(
      text.slice(end, index),
      literal === undefined ? { placeholder: known(name as string) } : `{${literal}}`,
    );
    end = index + whole.length;
  }
  return [...parts, text.slice(end)];
}

function known(name: string): Placeholder {
  if (Object.hasOwn(placeholders, name)) return name as Placeholder;
  const all = Object.keys(placeholders).map((each) => `{${each}}`).join(", ");
  throw new RangeError(`there is no placeholder {${name}}: use ${all}, or {{${name}}} for the text itself`);
}

/** For a service's `optionsSchema`: a text that becomes a `Template`. */
export function templateSchema() {
  return z.string().transform((text, context): Template => {
    try {
      return new Template(text);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      context.addIssue({ code: "custom", message: error.message, input: text });
      return z.NEVER;
    }
  });
}
