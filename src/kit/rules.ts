/**
 * Rules in a service's options that say what to do for an event: "livecue/rules".
 *
 *     "rules": [
 *       { "when": "GiftEvent", "if": { "gift": "Rose" }, "do": …, "cooldown": { "viewer_seconds": 5 } },
 *       { "when": ["FollowEvent", "ShareEvent"], "do": … }
 *     ]
 *
 * A rule matches if its `when` names the event's type and all conditions in its `if` hold. All matching rules act, in
 * order, unless they are cooling down. A rule with `"otherwise": true` acts only if no rule above it matched. The
 * service defines the content of `do`. docs/rules.md explains each condition.
 */
// Its first use loads Node's module system, which takes 2 MB in each worker. Only a mistake in the config needs it.
import defer * as levenshtein from "fastest-levenshtein";
import { RE2JS } from "re2js";
import { z } from "zod";
import { type Cooldown, Cooldowns } from "./cooldowns.ts";
import {
  countOf,
  type EventType,
  eventTypes,
  type LiveEvent,
  paymentEventTypes,
  type Receiver,
  textOf,
  typeNamePattern,
  type UserRole,
} from "../event.ts";
import { fractionDigits } from "../money.ts";
import type { KeptState, QueueItem } from "./service.ts";
import { hasPhrase, simplified } from "../words.ts";

/** The parts of a queue item that rules use. */
type Item = Pick<QueueItem, "count" | "isFirstOfUser">;

const roles = ["moderator", "subscriber", "follower"] as const satisfies readonly UserRole[];

/** Longer patterns are slow to read, even for people. */
const maxPatternLength = 500;
/** The most steps of a pattern: each may cost time at each character of a text. "a{1000}" has a thousand. */
const maxPatternSize = 1000;

/** A name that is compared without case and accents. */
function nameSchema(error: string) {
  return z.string({ error }).transform(simplified).refine((name) => name !== "", error);
}

const conditionsSchema = block({
  /** Names, simplified, and ids. */
  gift: oneOrMore(z.union([nameSchema("expected a gift's name"), z.int()], {
    error: "expected a gift's name or number",
  })).optional(),
  min_diamonds: z.int().min(1).optional(),
  max_diamonds: z.int().min(1).optional(),
  min_count: z.int().min(1).optional(),
  max_count: z.int().min(1).optional(),
  every_count: z.int().min(1).optional(),
  words: oneOrMore(nameSchema("expected one or more words")).optional(),
  pattern: z.string().max(maxPatternLength).transform(compilePattern).optional(),
  role: oneOrMore(z.enum(roles, { error: `expected one of ${quoted(roles)}` })).optional(),
  first_time: z.boolean().optional(),
  /** "host", "guest", or a guest's name, handle or id, all simplified. */
  receiver: oneOrMore(
    nameSchema(`expected "host", "guest", or a guest's name, handle or id, in quotes`)
      .transform((name) => name.replace(/^@/, "")),
  ).optional(),
  min_amount: amountLimitSchema().optional(),
  currency: oneOrMore(
    z.string().regex(/^\s*[A-Za-z]{3}\s*$/, `expected a currency code of three letters, as "EUR"`)
      .transform((code) => code.trim().toUpperCase()),
  ).optional(),
  tier: oneOrMore(nameSchema("expected a tier's name")).optional(),
});

type Conditions = z.output<typeof conditionsSchema>;

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
  currency: paymentEventTypes,
  tier: ["MembershipEvent"],
};

function noSuchType(type: unknown): string {
  const near = typeof type === "string" && type.length <= 64
    ? levenshtein.closest(type, [...eventTypes])
    : null;
  const isNear = near !== null && levenshtein.distance(near, type as string) <= near.length / 3;
  const advice = isNear ? ` (did you mean "${near}"?)` : "";
  return `there is no event type ${JSON.stringify(type)}: use ${eventTypes.join(", ")}${advice}, ` +
    `or a type that a service emits, as "SpinEvent"`;
}

const secondsSchema = z.number().positive().max(86_400);

const cooldownSchema = block({
  /** Between two actions of the rule, for all viewers together. */
  rule_seconds: secondsSchema.optional(),
  /** Between two actions of the rule for the same viewer. */
  viewer_seconds: secondsSchema.optional(),
});

/** A rule after validation. */
export interface Rule<Action> {
  /** Livecue's types, and types that services emit. */
  when: string[];
  /** Names of sources; undefined: all. */
  sources?: string[] | undefined;
  if: Conditions;
  do: Action;
  cooldown: Cooldown;
  otherwise: boolean;
}

/** For a service's `optionsSchema`: its list of rules. `action`: the schema of their `do`. */
export function rulesSchema<Action extends z.ZodType>(action: Action) {
  const eventType = z.string({ error: ({ input }) => noSuchType(input) })
    // Only the config knows which types services emit.
    .regex(typeNamePattern, { error: ({ input }) => noSuchType(input) });
  const rule = block({
    when: oneOrMore(eventType),
    sources: oneOrMore(
      z.string().min(1, `expected the name of a source, as in the config's "sources"`),
    ).optional(),
    if: conditionsSchema.default({}),
    do: action,
    cooldown: cooldownSchema.default({}),
    otherwise: z.boolean().default(false),
  }).superRefine(({ when, if: conditions }, context) => {
    for (const name of Object.keys(conditions) as (keyof Conditions)[]) {
      const types: readonly string[] | undefined = typesOfCondition[name];
      const strange = types && when.find((type) => !types.includes(type));
      if (!strange) continue;
      const advice = when.length > 1 ? ": split this rule into two" : "";
      const message = `never holds for a ${strange}, only for ${types.join(", ")}${advice}`;
      context.addIssue({ code: "custom", message, path: ["if", name] });
    }
    for (const what of ["diamonds", "count"] as const) {
      const [min = 0, max = Infinity] = [conditions[`min_${what}`], conditions[`max_${what}`]];
      if (min <= max) continue;
      context.addIssue({
        code: "custom",
        message: `is below min_${what}: ${max} < ${min}`,
        path: ["if", `max_${what}`],
      });
    }
  });
  return z.array(rule);
}

/** The rules of one service, with their cooldowns. */
export class Rules<Action> {
  readonly #rules: readonly Rule<Action>[];
  readonly #cooldowns: Cooldowns;
  /** A cache of the rules for each type, with their indexes: most rules are for other types. */
  readonly #byType = new Map<string, [number, Rule<Action>][]>();

  /** `state`: the service's state, which keeps the cooldowns over a restart. */
  constructor(rules: readonly Rule<Action>[], state: KeptState) {
    this.#rules = rules;
    this.#cooldowns = new Cooldowns(state);
  }

  /**
   * The actions for an event, in the order of the rules. Starts the cooldowns of the returned actions. The same
   * event, handed out again after a failure or a crash, gets the same actions.
   */
  async match(event: LiveEvent, item: Item): Promise<Action[]> {
    const text = new Text(textOf(event));
    const matching: [number, Rule<Action>][] = [];
    for (const candidate of this.#rulesFor(event.type)) {
      const [, rule] = candidate;
      if (rule.otherwise && matching.length > 0) continue;
      if (holds(rule, event, item, text)) matching.push(candidate);
    }
    const acting: Action[] = [];
    for (const [index, { cooldown, do: action }] of matching) {
      if (isEmpty(cooldown) || await this.#cooldowns.start(index, cooldown, event)) acting.push(action);
    }
    return acting;
  }

  #rulesFor(type: string): [number, Rule<Action>][] {
    const known = this.#byType.get(type);
    if (known !== undefined) return known;
    const rules = [...this.#rules.entries()].filter(([, { when }]) => when.includes(type));
    this.#byType.set(type, rules);
    return rules;
  }
}

/** The text of an event. It is simplified once for all rules, and only if one looks for words. */
class Text {
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

function isEmpty({ rule_seconds, viewer_seconds }: Cooldown): boolean {
  return rule_seconds === undefined && viewer_seconds === undefined;
}

/** Whether the conditions of a rule for this type hold. */
function holds(
  { sources, if: conditions }: Rule<unknown>,
  event: LiveEvent,
  item: Item,
  text: Text,
): boolean {
  if (sources && !sources.includes(event.source)) return false;
  const { role, first_time } = conditions;
  if (role && !role.some((each) => event.user.roles.includes(each))) return false;
  if (first_time !== undefined && first_time !== item.isFirstOfUser) return false;
  return giftHolds(conditions, event, item) && countHolds(conditions, event, item) &&
    paymentHolds(conditions, event) && textHolds(conditions, text);
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

function paymentHolds({ min_amount, currency, tier }: Conditions, event: LiveEvent): boolean {
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
  return min_amount === undefined || event.data.amount >= smallestUnits(min_amount, event.data.currency);
}

function textHolds({ words, pattern }: Conditions, text: Text): boolean {
  if (text.written === null) return true;
  if (words && !words.some((word) => hasPhrase(text.simple, word))) return false;
  return pattern === undefined || pattern.test(text.written);
}

/** A limit for a payment: a number in the currency's smallest unit, as cents, or a text as "5.00". */
export function amountLimitSchema() {
  const error =
    `expected a whole number in the smallest unit (500 is 5.00), or an amount in quotes, as "5.00"`;
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

/** A number in an action that may depend on the event: 3, "count" (gifts, likes, subscriptions) or "diamonds". */
export type Amount = number | "count" | "diamonds";

/** For an action's schema: an `Amount` of at most `max`. */
export function amountSchema({ max }: { max: number }) {
  const error = `expected a whole number from 1 to ${max}, "count" or "diamonds"`;
  return z.union([z.int({ error }).min(1, { error }).max(max, { error }), z.enum(["count", "diamonds"])], {
    error,
  });
}

/** The value of an amount for this event: an integer from 1 to `max`. */
export function amountOf(
  amount: Amount,
  event: LiveEvent,
  item: Pick<QueueItem, "count">,
  { max }: { max: number },
): number {
  if (typeof amount === "number") return amount;
  const count = countOf(event, item);
  const price = amount === "diamonds" && event.type === "GiftEvent" ? event.data.gift.diamondCount : 1;
  return Math.min(max, Math.max(1, count * price));
}

/** An object with only these keys. The error for an unknown key lists the known ones. */
function block<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== "unrecognized_keys") return undefined;
      return `${quoted(issue.keys as string[])} is unknown here: use ${Object.keys(shape).join(", ")}`;
    },
  });
}

/** A list, or a single value for a list of one. */
function oneOrMore<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(
    (value) => value === undefined || Array.isArray(value) ? value : [value],
    z.array(schema, { error: "is missing" }).min(1, { error: "is an empty list: add something to it" }),
  );
}

function compilePattern(pattern: string, context: z.RefinementCtx<string>): RE2JS {
  let message: string;
  try {
    const compiled = RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE);
    if (compiled.programSize() <= maxPatternSize) return compiled;
    message = "is a pattern that takes too long to match: use fewer repetitions, as smaller numbers in {}";
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    message =
      `is not a valid pattern (${why}). Patterns have RE2's syntax, without look-around and back references`;
  }
  context.addIssue({ code: "custom", message, input: pattern });
  return z.NEVER;
}

function quoted(words: readonly string[]): string {
  return words.map((word) => `"${word}"`).join(", ");
}
