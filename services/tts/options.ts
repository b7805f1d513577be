/** The service's options in the config. */
import { msg, translated } from "livecue/language";
import { pageOptions } from "livecue/pages";
import { firstRuleDecides, rulesSchema } from "livecue/rules";
import { secretGivenTwice } from "livecue/secret";
import { templateSchema } from "livecue/template";
import { z } from "zod";
import { engineOptions } from "./engine.ts";
import { voiceMistakes } from "./voice_mistakes.ts";
import { voiceOptions, voiceSchema } from "./voices.ts";

/** The action of a rule: the text to speak, and its voice. */
const saySchema = z.strictObject({
  say: templateSchema(),
  voice: voiceSchema.optional(),
});

/** Gifts, other payments, comments of moderators and subscribers, and comments that begin with !say. */
const defaultRules = () => [
  {
    when: "GiftEvent",
    if: { min_diamonds: 1, min_count: 2 },
    do: { say: translated(msg("{user} sent {count} {gift}")) },
  },
  { when: "GiftEvent", if: { min_diamonds: 1 }, do: { say: translated(msg("{user} sent {gift}")) } },
  { when: "SubscribeEvent", do: { say: translated(msg("{user} subscribed")) } },
  { when: "DonationEvent", do: { say: translated(msg("{user} donated {amount} {currency}. {comment}")) } },
  { when: "MembershipEvent", do: { say: translated(msg("{user} is a member. {tier}")) } },
  { when: "OrderEvent", do: { say: translated(msg("{user} ordered. {comment}")) } },
  { when: "CommentEvent", if: { pattern: "^\\s*!say\\b" }, do: { say: "{comment}" } },
  {
    when: "CommentEvent",
    if: { role: ["moderator", "subscriber"], pattern: "^\\s*[^!\\s]" },
    do: { say: "{comment}" },
  },
];

export const optionsSchema = z.strictObject({
  ...pageOptions({ port: 7424 }),
  rules: rulesSchema(saySchema).describe(firstRuleDecides).prefault(defaultRules),
  ...engineOptions,
  ...voiceOptions,
  blocked_words: z.array(z.string().trim().min(1)).default([]),
  on_blocked: z.enum(["leave_out_words", "leave_out_text"]).default("leave_out_words"),
  max_letters: z.int().min(20).max(2000).default(300),
  /** The same text of the same viewer is read only once within this time. */
  repeat_seconds: z.number().min(0).max(3600).default(60),
  /** The longest time that a discardable text waits. */
  stale_seconds: z.number().min(1).max(86_400).default(600),
  max_waiting: z.int().min(1).max(10_000).default(1000),
  slots: z.int().min(1).max(100).default(30),
  slots_per_viewer: z.int().min(1).max(100).default(6),
  /** How long to wait for a page that is gone before texts end as not heard. */
  reconnect_seconds: z.number().min(0).max(60).default(10),
  /** The limits of the folder `speech`, which keeps the sound. */
  cache_mb: z.number().min(1).max(100_000).default(200),
  cache_days: z.number().positive().max(3650).default(30),
  keep_days: z.number().positive().max(3650).default(30),
}).superRefine(async (options, context) => {
  const message = secretGivenTwice("token", options);
  if (message !== null) context.addIssue({ code: "custom", message });
  const ofRules = options.rules.map((rule, index) => ({
    path: ["rules", index, "do", "voice"],
    setting: rule.do.voice ?? {},
  }));
  for (const mistake of await voiceMistakes(options, ofRules)) {
    context.addIssue({ code: "custom", ...mistake });
  }
});

export type Options = z.output<typeof optionsSchema>;
export type SayAction = z.output<typeof saySchema>;
