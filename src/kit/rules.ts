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
import { z } from "zod";
import { countOf, eventTypes, type LiveEvent, textOf, typeNamePattern } from "../event.ts";
import {
  conditionMistakes,
  type Conditions,
  conditionsHold,
  conditionsSchema,
  type Item,
  Text,
} from "./conditions.ts";
import { msg, t } from "../language.ts";
import { type Cooldown, Cooldowns } from "./cooldowns.ts";
import { block, oneOrMore } from "./schema_parts.ts";
import type { KeptState, QueueItem } from "./service.ts";

export { amountLimitSchema, smallestUnits } from "./conditions.ts";

function noSuchType(type: unknown): string {
  const near = typeof type === "string" && type.length <= 64
    ? levenshtein.closest(type, [...eventTypes])
    : null;
  const isNear = near !== null && levenshtein.distance(near, type as string) <= near.length / 3;
  const [found, types] = [JSON.stringify(type), eventTypes.join(", ")];
  return isNear
    ? t`there is no event type ${found}: use ${types} (did you mean "${near}"?), or a type that a service emits, as "SpinEvent"`
    : t`there is no event type ${found}: use ${types}, or a type that a service emits, as "SpinEvent"`;
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
      z.string().min(1, { error: () => t`expected the name of a source, as in the config's "sources"` }),
    ).optional(),
    if: conditionsSchema.default({}),
    do: action,
    cooldown: cooldownSchema.default({}),
    otherwise: z.boolean().default(false),
  }).superRefine(({ when, if: conditions }, context) => {
    for (const { name, message } of conditionMistakes(conditions, when)) {
      context.addIssue({ code: "custom", message, path: ["if", name] });
    }
  });
  return z.array(rule);
}

/** Describes the rules of a service that takes only the first action: `rulesSchema(…).describe(firstRuleDecides)`. */
export const firstRuleDecides = msg(
  "The first rule that matches an event decides. Move a rule for one gift above a rule for all gifts.",
);

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
      if (rule.sources?.includes(event.source) === false) continue;
      if (conditionsHold(rule.if, event, item, text)) matching.push(candidate);
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

function isEmpty({ rule_seconds, viewer_seconds }: Cooldown): boolean {
  return rule_seconds === undefined && viewer_seconds === undefined;
}

/** A number in an action that may depend on the event: 3, "count" (gifts, likes, subscriptions) or "diamonds". */
export type Amount = number | "count" | "diamonds";

/** For an action's schema: an `Amount` of at most `max`. */
export function amountSchema({ max }: { max: number }) {
  const error = () => t`expected a whole number from 1 to ${max}, "count" or "diamonds"`;
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
