/** The service's options, as in the config. */
import { t } from "livecue/language";
import { z } from "zod";
import { amountLimitSchema, firstRuleDecides, rulesSchema, smallestUnits } from "livecue/rules";
import { pageOptions } from "livecue/pages";
import { secretGivenTwice } from "livecue/secret";
import { templateSchema } from "livecue/template";
import { gameActions, gameMistakes, gameOptions } from "./games/games.ts";

const totalNames = ["likes", "diamonds", "gifts", "followers", "subscribers", "shares", "donations"] as const;

/** The name of a file in the theme folder or in the built-in assets, not a path. */
const soundSchema = z.string().regex(/^[\w-]+(\.[\w-]+)*$/, {
  error: () => t`expected the name of a file in theme_folder, such as "ding.mp3", or "none"`,
});

const mediaSchema = z.string().regex(/^(?:none|[\w-]+(\.[\w-]+)*\.(?:webm|mp4|gif|webp|png|json))$/, {
  error: () =>
    t`expected the name of a file in theme_folder that ends in .webm, .mp4, .gif, .webp, .png or .json, or "none"`,
});

/** From a chip to the whole picture. */
const alertSizes = ["chip", "small", "big", "huge", "full"] as const;

/** How an event is announced, and what games do for it. */
const alertSchema = z.strictObject({
  text: templateSchema().optional(),
  duration_seconds: z.number().min(1).max(60).optional(),
  sound: soundSchema.optional(),
  media: mediaSchema.optional(),
  size: z.enum(alertSizes).optional(),
  ...gameActions,
});

const goalSchema = z.strictObject({
  name: z.string().regex(/^[\w-]{1,40}$/, {
    error: () => t`expected a short name of letters and digits, such as "likes"`,
  }),
  of: z.enum(totalNames, {
    error: () => t`expected one of ${totalNames.map((name) => `"${name}"`).join(", ")}`,
  }),
  target: amountLimitSchema(),
  title: z.string().max(80).default(""),
  start: z.union([z.literal(0), amountLimitSchema()]).default(0),
  currency: z.string().trim().toUpperCase().regex(/^[A-Z]{3}$/, {
    error: () => t`expected a currency code of three letters, such as "EUR"`,
  }).optional(),
}).superRefine(({ of, currency, target, start }, context) => {
  const report = (key: string, message: string) => context.addIssue({ code: "custom", message, path: [key] });
  if (of === "donations") {
    if (currency === undefined) {
      report("currency", t`is missing: set the currency of the goal, such as "EUR"`);
    }
    return;
  }
  if (currency !== undefined) report("currency", t`is only for goals of donations: remove it`);
  for (const [key, value] of Object.entries({ target, start })) {
    if (typeof value === "string") {
      report(key, t`expected a whole number without quotes, such as ${parseInt(value)}`);
    }
  }
}).transform((goal) => ({
  ...goal,
  target: smallestUnits(goal.target, goal.currency ?? ""),
  start: smallestUnits(goal.start, goal.currency ?? ""),
}));

export const optionsSchema = z.strictObject({
  ...pageOptions({ port: 7420 }),
  /** The source whose live is shown by pages without `?source=`. */
  source: z.string().min(1).optional(),
  wait_for_alerts: z.boolean().default(true),
  max_waiting_alerts: z.int().min(1).max(1000).default(20),
  reconnect_seconds: z.number().min(0).max(30).default(5),
  rules: rulesSchema(alertSchema).describe(firstRuleDecides).prefault([
    { when: ["GiftEvent", "SubscribeEvent", "FollowEvent", "ShareEvent"], do: {} },
    { when: ["DonationEvent", "MembershipEvent", "OrderEvent"], do: {} },
  ]),
  goals: z.array(goalSchema).default([]).refine(
    (goals) => new Set(goals.map(({ name }) => name)).size === goals.length,
    { error: () => t`two goals have the same name: a goal's page finds it by its name` },
  ),
  ...gameOptions,
  blocked_words: z.array(z.string().trim().min(1)).default([]),
}).superRefine((options, context) => {
  const message = secretGivenTwice("token", options);
  if (message !== null) context.addIssue({ code: "custom", message });
  for (const mistake of gameMistakes(options)) context.addIssue({ code: "custom", ...mistake });
});

export type Options = z.output<typeof optionsSchema>;
export type AlertAction = z.output<typeof alertSchema>;
