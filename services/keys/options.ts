/** The service's options, as in the config. Rules are checked against the list of keys, so that mistakes come early. */
import { t } from "livecue/language";
import { nearestName } from "livecue/nearest_names";
import { amountSchema, rulesSchema } from "livecue/rules";
import { z } from "zod";
import { type Combination, combinationIn } from "./combination.ts";

/** The most presses of one step. */
export const maxTimes = 20;
const maxSteps = 20;
const maxWords = 50;
/** A comment presses at most so many of its words, unless the rule says less. */
const maxWordsPressed = 10;
/** No hold may be longer, whatever `max_hold_ms` says. */
const longestHoldMs = 10_000;
const longestMove = 2000;

const times = amountSchema({ max: maxTimes }).default(1);
const combination = z.string().transform(parsed);

const press = z.strictObject({ press: combination, times });
const hold = z.strictObject({ hold: combination, ms: z.int().min(1) });
const click = z.strictObject({
  click: z.enum(["left", "middle", "right"], { error: () => t`expected "left", "middle" or "right"` }),
  times,
});
const distance = z.int().min(-longestMove).max(longestMove).default(0);
const move = z.strictObject({ move: z.strictObject({ dx: distance, dy: distance }) });
const scroll = z.strictObject({
  scroll: z.enum(["up", "down"], { error: () => t`expected "up" or "down"` }),
  times,
});
const pause = z.strictObject({ pause_ms: z.int().min(1).max(longestHoldMs) });
/** What each word of a comment presses. */
const words = z.strictObject({
  words: z.record(
    z.string().regex(/^\S{1,40}$/, {
      error: () => t`expected one word, without spaces`,
    }),
    combination,
  )
    .refine((table) => Object.keys(table).length <= maxWords, {
      error: () => t`has more than ${maxWords} words`,
    }),
  most: z.int().min(1).max(maxWordsPressed).default(3),
});

const stepSchemas = { press, hold, click, move, scroll, pause_ms: pause, words };

export type Step =
  | z.output<typeof press>
  | z.output<typeof hold>
  | z.output<typeof click>
  | z.output<typeof move>
  | z.output<typeof scroll>
  | z.output<typeof pause>
  | z.output<typeof words>;

/** Not a union, whose errors would be about all kinds of steps. */
const step = z.record(z.string(), z.unknown(), { error: () => t`expected a step, as { "press": "space" }` })
  .transform((given, context): Step => {
    const names = Object.keys(stepSchemas);
    const kind = Object.keys(given).find((name) => names.includes(name));
    if (kind === undefined) return refuse(context, unknownStep(Object.keys(given), names));
    const { data, error } = stepSchemas[kind as keyof typeof stepSchemas].safeParse(given);
    if (error === undefined) return data;
    for (const issue of error.issues) context.addIssue({ ...issue, input: given } as never);
    return z.NEVER;
  });

const steps = z.preprocess(
  (value) => Array.isArray(value) ? value : [value],
  z.array(step).min(1, { error: () => t`contains no step` }).max(maxSteps, {
    error: () => t`has more than ${maxSteps} steps`,
  }),
);

const givenOptions = z.strictObject({
  window: z.string().default(""),
  window_match: z.enum(["part", "exact"], { error: () => t`expected "part" or "exact"` }).default("part"),
  rehearse: z.boolean().default(true),
  wait_seconds: z.number().min(0).max(60).default(2),
  keys: z.array(z.string().transform(allowed)).default([]),
  max_hold_ms: z.int().min(1).max(longestHoldMs).default(2000),
  rules: rulesSchema(steps).default([]),
});

export const optionsSchema = givenOptions.superRefine(({ keys, max_hold_ms, rules }, context) => {
  const list = new Set(keys);
  for (const [ruleIndex, rule] of rules.entries()) {
    for (const [index, each] of rule.do.entries()) {
      const at = ["rules", ruleIndex, "do", index];
      for (const { needed, path } of needs(each)) {
        if (list.has(needed)) continue;
        context.addIssue({ code: "custom", message: notListed(needed, keys), path: [...at, ...path] });
      }
      if ("hold" in each && each.ms > max_hold_ms) {
        const message = t`is more than "max_hold_ms", which is ${max_hold_ms}`;
        context.addIssue({ code: "custom", message, path: [...at, "ms"] });
      }
      const wordless = rule.when.find((type) => type !== "CommentEvent");
      if ("words" in each && wordless !== undefined) {
        const message = t`looks for words in a ${wordless}, which has none: use it with CommentEvent`;
        context.addIssue({ code: "custom", message, path: [...at, "words"] });
      }
    }
  }
});

export type Options = z.output<typeof optionsSchema>;

/** What of the list "keys" a step needs, and where in the step. */
function needs(each: Step): { needed: string; path: string[] }[] {
  if ("press" in each) return [{ needed: each.press.name, path: ["press"] }];
  if ("hold" in each) return [{ needed: each.hold.name, path: ["hold"] }];
  if ("click" in each) return [{ needed: `mouse_${each.click}`, path: ["click"] }];
  if ("move" in each) return [{ needed: "mouse_move", path: ["move"] }];
  if ("scroll" in each) return [{ needed: "mouse_wheel", path: ["scroll"] }];
  if ("pause_ms" in each) return [];
  return Object.entries(each.words).map(([word, { name }]) => ({ needed: name, path: ["words", word] }));
}

function notListed(needed: string, list: readonly string[]): string {
  const near = nearestName(needed, list);
  return near === null
    ? t`needs "${needed}", which is not in the list "keys": add it there if viewers may press it`
    : t`needs "${needed}", which is not in the list "keys": add it there if viewers may press it (did you mean "${near}"?)`;
}

function unknownStep(given: readonly string[], names: readonly string[]): string {
  const [first] = given;
  const near = first === undefined ? null : nearestName(first, names);
  const known = names.join(", ");
  if (first === undefined) return t`is an empty step: use ${known}`;
  return near === null
    ? t`has no step "${first}": use ${known}`
    : t`has no step "${first}": use ${known} (did you mean "${near}"?)`;
}

function parsed(text: string, context: z.RefinementCtx): Combination {
  const found = combinationIn(text);
  return typeof found === "string" ? refuse(context, found) : found;
}

/** An entry of the list "keys", by the name that rules are compared with. */
function allowed(text: string, context: z.RefinementCtx): string {
  const found = combinationIn(text, "list");
  return typeof found === "string" ? refuse(context, found) : found.name;
}

function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: "custom", message, input: context.value });
  return z.NEVER;
}
