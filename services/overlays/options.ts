/** The service's options, as they stand in the config. */
import { z } from "zod";
import { rulesSchema } from "livecue/rules";
import { secretGivenTwice, secretOptions } from "livecue/secret";
import { templateSchema } from "livecue/template";

/** Ports below are the system's; 0 lets the system choose one, for tests. */
const portSchema = z.int().refine((port) => port === 0 || (port >= 1024 && port <= 65_535), {
  error: "expected a port from 1024 to 65535",
});

const totalNames = ["likes", "diamonds", "gifts", "followers", "subscribers", "shares"] as const;

/** A file in the theme folder or in the built-in assets, not a path. */
const soundSchema = z.string().regex(/^[\w-]+(\.[\w-]+)*$/, {
  error: 'expected the name of a file in theme_folder, as "ding.mp3", or "none"',
});

/** How an event is announced. */
const alertSchema = z.strictObject({
  text: templateSchema().optional(),
  duration_seconds: z.number().min(1).max(60).optional(),
  sound: soundSchema.optional(),
});

const goalSchema = z.strictObject({
  name: z.string().regex(/^[\w-]{1,40}$/, {
    error: 'expected a short name of letters and digits, as "likes"',
  }),
  of: z.enum(totalNames, { error: `expected one of ${totalNames.map((name) => `"${name}"`).join(", ")}` }),
  target: z.int().min(1),
  title: z.string().max(80).default(""),
  start: z.int().min(0).default(0),
});

export const optionsSchema = z.strictObject({
  host: z.string().min(1).default("127.0.0.1"),
  port: portSchema.default(7420),
  ...secretOptions("token"),
  theme_folder: z.string().min(1).optional(),
  wait_for_alerts: z.boolean().default(true),
  max_waiting_alerts: z.int().min(1).max(1000).default(20),
  reconnect_seconds: z.number().min(0).max(30).default(5),
  rules: rulesSchema(alertSchema).prefault([
    { when: ["GiftEvent", "SubscribeEvent", "FollowEvent", "ShareEvent"], do: {} },
  ]),
  goals: z.array(goalSchema).default([]).refine(
    (goals) => new Set(goals.map(({ name }) => name)).size === goals.length,
    { error: "two goals have the same name: each page of a goal asks for it by its name" },
  ),
  blocked_words: z.array(z.string().trim().min(1)).default([]),
}).superRefine((options, context) => {
  const message = secretGivenTwice("token", options);
  if (message !== null) context.addIssue({ code: "custom", message });
});

export type Options = z.output<typeof optionsSchema>;
export type AlertAction = z.output<typeof alertSchema>;
