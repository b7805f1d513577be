/**
 * Texts with placeholders, as "{user} sent {gift} x{count}", for the options of services: "livecue/template". All
 * services share one set of placeholders, so that a streamer learns it once.
 */
import { z } from "zod";
import { countOf, type LiveEvent, shownTextOf } from "../event.ts";
import { t } from "../language.ts";
import { amountText } from "../money.ts";
import type { QueueItem } from "./service.ts";

type Item = Pick<QueueItem, "count">;

/** The data of a payment; null for other events. */
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

/** The names of a person: the nickname, and the handle for where nothing of the nickname can be shown. */
function namesOf(person: { nickname: string; uniqueId: string } | null): string[] {
  return person === null ? [] : [person.nickname, person.uniqueId];
}

/** The values of each placeholder, the best first; "" or none if the event does not have it. */
const placeholders = {
  user: ({ user }) => namesOf(user),
  /** The handle, without the @. */
  handle: ({ user }) => user.uniqueId,
  user_id: ({ user }) => user.id,
  /** The event's type, for example "GiftEvent". */
  event: ({ type }) => type,
  gift: (event) => event.type === "GiftEvent" ? event.data.gift.name : "",
  gift_id: (event) => event.type === "GiftEvent" ? event.data.gift.id : "",
  /** The guest who receives a gift; none for the host. */
  receiver: (event) => namesOf(event.type === "GiftEvent" ? event.data.receiver : null),
  /** How many gifts, likes or subscriptions; 1 for other events. */
  count: countOf,
  /** The count of the streak so far. */
  streak_count: (event) => event.streak?.count ?? 1,
  diamonds: (event, { count }) => event.type === "GiftEvent" ? count * event.data.gift.diamondCount : "",
  /** The viewer's text, with [emote] for each emote. */
  comment: (event) => shownTextOf(event) ?? "",
  months: monthsIn,
  /** The amount of a payment, for example "5.00". */
  amount: (event) => {
    const payment = paymentIn(event);
    return payment === null ? "" : amountText(payment);
  },
  /** For example "EUR". */
  currency: (event) => paymentIn(event)?.currency ?? "",
  /** The tier of a membership. */
  tier: (event) => event.type === "MembershipEvent" ? event.data.tier : "",
  /** The payment provider, for example "kofi". */
  provider: (event) => paymentIn(event)?.provider ?? "",
  viewers: (event) => event.type === "ViewerCountEvent" ? event.data.viewerCount : "",
} satisfies Record<string, (event: LiveEvent, item: Item) => string | number | string[]>;

type Placeholder = keyof typeof placeholders;

/** Doubled braces come first, so that they match as a whole. */
const placeholderPattern = /\{\{([a-z_]+)\}\}|\{([a-z_]+)\}/g;

/**
 * Escapes a value for its position in the text. `before` is the filled text so far, for languages in which escaping
 * depends on the position (inside quotes or not).
 */
export type Quote = (value: string, before: string) => string;

/** A text with valid placeholders. `Own` are the names of the service's own placeholders. */
export class Template<Own extends string = never> {
  /** The original text. */
  readonly text: string;
  /** Texts and placeholders, in order. */
  readonly parts: readonly (string | { placeholder: Placeholder | Own })[];

  /** Throws a `RangeError` that names an unknown placeholder and all known ones. */
  constructor(text: string, own: readonly Own[] = []) {
    this.text = text;
    this.parts = partsOf(text, own);
  }

  /**
   * Fills in the event's values, and `values` for the service's own placeholders. Each value goes through `quote`;
   * without it, values are inserted unchanged. A nickname that is empty, or of which `quote` leaves nothing, is
   * replaced with the handle.
   */
  fill(
    event: LiveEvent,
    item: Item,
    quote: Quote = (value) => value,
    values: Partial<Record<Own, string | number>> = {},
  ): string {
    let filled = "";
    for (const part of this.parts) {
      if (typeof part === "string") filled += part;
      else {
        const { placeholder } = part;
        const candidates = isShared(placeholder)
          ? candidatesFor(placeholder, event, item)
          : [String(values[placeholder] ?? "")];
        filled += firstShown(candidates, (candidate) => quote(candidate, filled));
      }
    }
    return filled;
  }

  /** The value of each shared placeholder, in order: of a person's names, the first one that `isShown`. */
  valuesOf(event: LiveEvent, item: Item, isShown: (value: string, index: number) => boolean): string[] {
    return this.parts.filter((part) => typeof part !== "string").map(({ placeholder }, index) =>
      isShared(placeholder)
        ? firstShown(candidatesFor(placeholder, event, item), (value) => isShown(value, index) ? value : "")
        : ""
    );
  }

  /** The original text, so that options can be serialized. */
  toJSON(): string {
    return this.text;
  }
}

function candidatesFor(placeholder: Placeholder, event: LiveEvent, item: Item): string[] {
  const value = placeholders[placeholder](event, item);
  return Array.isArray(value) ? value : [String(value)];
}

/** The first text of which `quote` leaves something; "" if it leaves nothing of any. */
function firstShown(candidates: string[], quote: (value: string) => string): string {
  for (const candidate of candidates.filter((each) => each !== "")) {
    const quoted = quote(candidate);
    if (quoted !== "") return quoted;
  }
  return "";
}

function partsOf<Own extends string>(text: string, own: readonly Own[]): Template<Own>["parts"] {
  const parts: Template<Own>["parts"][number][] = [];
  let end = 0;
  for (const { 0: whole, 1: literal, 2: name, index } of text.matchAll(placeholderPattern)) {
    parts.push(
      text.slice(end, index),
      literal === undefined ? { placeholder: known(name as string, own) } : `{${literal}}`,
    );
    end = index + whole.length;
  }
  return [...parts, text.slice(end)];
}

function known<Own extends string>(name: string, own: readonly Own[]): Placeholder | Own {
  if (isShared(name)) return name;
  const found = own.find((each) => each === name);
  if (found !== undefined) return found;
  const all = [...own, ...Object.keys(placeholders)].map((each) => `{${each}}`).join(", ");
  throw new RangeError(t`there is no placeholder {${name}}: use ${all}, or {{${name}}} for the text itself`);
}

function isShared(name: string): name is Placeholder {
  return Object.hasOwn(placeholders, name);
}

/**
 * For a service's `optionsSchema`: a text that becomes a `Template`. `own` are the names of placeholders for which the
 * service has values.
 */
export function templateSchema<Own extends string = never>(own: readonly Own[] = []) {
  return z.string().transform((text, context): Template<Own> => {
    try {
      return new Template(text, own);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      context.addIssue({ code: "custom", message: error.message, input: text });
      return z.NEVER;
    }
  });
}
