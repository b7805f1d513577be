/**
 * The conditions in a rule's `if`: their schema, and whether they hold for an event. docs/rules.md explains each of
 * them to streamers.
 */
import { RE2JS } from "re2js";
import { z } from "zod";
import {
  countOf,
  type EventType,
  type LiveEvent,
  paymentEventTypes,
  type Receiver,
  type UserRole,
} from "../event.ts";
import { t } from "../language.ts";
import { fractionDigits } from "../money.ts";
import { hasPhrase, simplified } from "../words.ts";
import { dataHolds, dataSchema } from "./data_condition.ts";
import { block, oneOrMore, quoted } from "./schema_parts.ts";
import type { QueueItem } from "./service.ts";
import type { ViewerNumbers } from "../viewer.ts";

/** The parts of a queue item that conditions use. Without a viewer, the event is nobody's. */
export type Item = Pick<QueueItem, "count" | "isFirstOfUser"> & Partial<Pick<QueueItem, "viewer">>;

const roles = ["moderator", "subscriber", "follower"] as const satisfies readonly UserRole[];

/** Longer patterns are slow to read, even for people. */
const maxPatternLength = 500;
/** The most steps of a pattern: each may cost time at each character of a text. "a{1000}" has a thousand. */
const maxPatternSize = 1000;

/** A name that is compared without case and accents. */
function nameSchema(error: () => string) {
  return z.string({ error }).transform(simplified).refine((name) => name !== "", { error });
}

export const conditionsSchema = block({
  /** Names, simplified, and ids. */
  gift: oneOrMore(z.union([nameSchema(() => t`expected a gift's name`), z.int()], {
    error: () => t`expected a gift's name or number`,
  })).optional(),
  min_diamonds: z.int().min(1).optional(),
  max_diamonds: z.int().min(1).optional(),
  min_count: z.int().min(1).optional(),
  max_count: z.int().min(1).optional(),
  every_count: z.int().min(1).optional(),
  words: oneOrMore(nameSchema(() => t`expected one or more words`)).optional(),
  pattern: z.string().max(maxPatternLength).transform(compilePattern).optional(),
  role: oneOrMore(z.enum(roles, { error: () => t`expected one of ${quoted(roles)}` })).optional(),
  first_time: z.boolean().optional(),
  returning: z.boolean().optional(),
  visits: spanSchema().optional(),
  total_diamonds: spanSchema().optional(),
  /** "host", "guest", or a guest's name, handle or id, all simplified. */
  receiver: oneOrMore(
    nameSchema(() => t`expected "host", "guest", or a guest's name, handle or id, in quotes`)
      .transform((name) => name.replace(/^@/, "")),
  ).optional(),
  min_amount: amountLimitSchema().optional(),
  max_amount: amountLimitSchema().optional(),
  currency: oneOrMore(
    z.string().regex(/^\s*[A-Za-z]{3}\s*$/, {
      error: () => t`expected a currency code of three letters, as "EUR"`,
    })
      .transform((code) => code.trim().toUpperCase()),
  ).optional(),
  tier: oneOrMore(nameSchema(() => t`expected a tier's name`)).optional(),
  data: dataSchema.optional(),
});

export type Conditions = z.output<typeof conditionsSchema>;

const withText: readonly EventType[] = [
  "CommentEvent",
  "DonationEvent",
  "OrderEvent",
  "QuestionEvent",
  "BarrageEvent",
  "CaptionEvent",
  "IntroEvent",
  "NoticeEvent",
  "PinEvent",
  "RankEvent",
];
const withCount: readonly EventType[] = ["GiftEvent", "LikeEvent", "SubscribeEvent"];

/** The types for which a condition can hold, if not for all: with other types in `when`, the rule would never act. */
const typesOfCondition: Partial<Record<keyof Conditions, readonly EventType[]>> = {
  gift: ["GiftEvent"],
  min_diamonds: ["GiftEvent"],
  max_diamonds: ["GiftEvent"],
  min_count: withCount,
  max_count: withCount,
  every_count: ["GiftEvent", "LikeEvent"],
  words: withText,
  pattern: withText,
  receiver: ["GiftEvent"],
  min_amount: paymentEventTypes,
  max_amount: paymentEventTypes,
  currency: paymentEventTypes,
  tier: ["MembershipEvent"],
};

/** The text of an event. It is simplified once for all rules, and only if one looks for words. */
export class Text {
  /** null if the event has no text. */
  readonly written: string | null;
  #simple: string | null = null;

  constructor(written: string | null) {
    this.written = written;
  }

  get simple(): string {
    return this.#simple ??= simplified(this.written ?? "");
  }
}

/** The conditions that can never hold, with the reason. `when`: the types of the rule. */
export function conditionMistakes(
  conditions: Conditions,
  when: readonly string[],
): { name: keyof Conditions; message: string }[] {
  const strange = (Object.keys(conditions) as (keyof Conditions)[]).flatMap((name) => {
    const types: readonly string[] | undefined = typesOfCondition[name];
    const type = types && when.find((type) => !types.includes(type));
    if (!type) return [];
    const message = when.length > 1
      ? t`never holds for a ${type}, only for ${types.join(", ")}: split this rule into two`
      : t`never holds for a ${type}, only for ${types.join(", ")}`;
    return [{ name, message }];
  });
  const crossed = (["diamonds", "count", "amount"] as const).flatMap((what) => {
    const name = `max_${what}` as const;
    const [min, max] = [conditions[`min_${what}`], conditions[name]];
    // A number and a text are not comparable without the currency.
    if (min === undefined || max === undefined || typeof min !== typeof max) return [];
    return Number(min) <= Number(max) ? [] : [{ name, message: t`is below min_${what}: ${max} < ${min}` }];
  });
  return [...strange, ...crossed];
}

/** Whether the conditions of a rule for this type hold. */
export function conditionsHold(conditions: Conditions, event: LiveEvent, item: Item, text: Text): boolean {
  const { role, first_time, data } = conditions;
  if (role && !role.some((each) => event.user.roles.includes(each))) return false;
  if (first_time !== undefined && first_time !== item.isFirstOfUser) return false;
  if (data !== undefined && !dataHolds(data, event.data)) return false;
  return viewerHolds(conditions, item) && giftHolds(conditions, event, item) &&
    countHolds(conditions, event, item) &&
    paymentHolds(conditions, event) && textHolds(conditions, text);
}

/** Not imported, because a worker may not read what it has not loaded yet. */
const unknownViewer: ViewerNumbers = { visits: 0, totalDiamonds: 0 };

function viewerHolds(
  { returning, visits, total_diamonds }: Conditions,
  { viewer = unknownViewer }: Item,
): boolean {
  if (returning !== undefined && returning !== (viewer.visits > 1)) return false;
  return isIn(viewer.visits, visits) && isIn(viewer.totalDiamonds, total_diamonds);
}

/** A number, or its least and most value. */
interface Span {
  min?: number | undefined;
  max?: number | undefined;
}

/** A number is the least value; an object may have the most too. */
function spanSchema() {
  const error = () => t`expected a whole number (the least), or { "min": …, "max": … }`;
  const number = z.int({ error }).min(0, { error });
  return z.preprocess(
    (value) => typeof value === "number" ? { min: value } : value,
    z.strictObject({ min: number.optional(), max: number.optional() }, { error }).refine(
      ({ min, max }) => (min ?? max) !== undefined && (min ?? 0) <= (max ?? Infinity),
      {
        error: () =>
          t`expected a whole number (the least), or { "min": …, "max": … }, where min is not above max`,
      },
    ),
  );
}

function isIn(value: number, { min, max }: Span = {}): boolean {
  return isWithin(value, min, max);
}

function giftHolds(
  { gift, min_diamonds, max_diamonds, receiver }: Conditions,
  event: LiveEvent,
  { count }: Item,
): boolean {
  if (event.type !== "GiftEvent") return true;
  const { id, name, diamondCount } = event.data.gift;
  if (gift && !gift.includes(id) && !gift.includes(simplified(name))) return false;
  if (receiver && !receiver.some((each) => isReceiver(each, event.data.receiver))) return false;
  return isWithin(count * diamondCount, min_diamonds, max_diamonds);
}

function isReceiver(wanted: string, receiver: Receiver | null): boolean {
  if (wanted === "host") return receiver === null;
  if (receiver === null) return false;
  const { id, uniqueId, nickname } = receiver;
  return wanted === "guest" || wanted === id ||
    [uniqueId, nickname].some((name) => simplified(name) === wanted);
}

function countHolds(
  { min_count, max_count, every_count }: Conditions,
  event: LiveEvent,
  item: Item,
): boolean {
  const count = countOf(event, item);
  if (!isWithin(count, min_count, max_count)) return false;
  if (every_count === undefined || event.streak === null) return true;
  const after = event.streak.count;
  return Math.floor(after / every_count) > Math.floor((after - count) / every_count);
}

function paymentHolds({ min_amount, max_amount, currency, tier }: Conditions, event: LiveEvent): boolean {
  switch (event.type) {
    case "MembershipEvent":
      if (tier && !tier.includes(simplified(event.data.tier))) return false;
      break;
    case "DonationEvent":
    case "OrderEvent":
      break;
    default:
      return true;
  }
  if (currency && !currency.includes(event.data.currency.toUpperCase())) return false;
  const limitOf = (limit: number | string | undefined) =>
    limit === undefined ? undefined : smallestUnits(limit, event.data.currency);
  return isWithin(event.data.amount, limitOf(min_amount), limitOf(max_amount));
}

function textHolds({ words, pattern }: Conditions, text: Text): boolean {
  if (text.written === null) return true;
  if (words && !words.some((word) => hasPhrase(text.simple, word))) return false;
  return pattern === undefined || pattern.test(text.written);
}

/** A limit for a payment: a number in the currency's smallest unit, as cents, or a text as "5.00". */
export function amountLimitSchema() {
  const error = () =>
    t`expected a whole number in the smallest unit (500 is 5.00), or an amount in quotes, as "5.00"`;
  return z.union(
    [z.int({ error }).min(1, { error }), z.string().regex(/^\d{1,9}(?:\.\d{1,3})?$/, { error })],
    {
      error,
    },
  );
}

/** The limit in the currency's smallest unit. */
export function smallestUnits(limit: number | string, currency: string): number {
  return typeof limit === "number" ? limit : Math.round(Number(limit) * 10 ** fractionDigits(currency));
}

function isWithin(value: number, min = 0, max = Infinity): boolean {
  return value >= min && value <= max;
}

function compilePattern(pattern: string, context: z.RefinementCtx<string>): RE2JS {
  let message: string;
  try {
    const compiled = RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE);
    if (compiled.programSize() <= maxPatternSize) return compiled;
    message = t`is a pattern that takes too long to match: use fewer repetitions, as smaller numbers in {}`;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    message =
      t`is not a valid pattern (${why}). Patterns have RE2's syntax, without look-around and back references`;
  }
  context.addIssue({ code: "custom", message, input: pattern });
  return z.NEVER;
}
