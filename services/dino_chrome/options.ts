import { amountSchema, rulesSchema } from "livecue/rules";
import { templateSchema } from "livecue/template";
import { z } from "zod";

/** Jumps are done one after the other; ten take about seven seconds. */
export const maxJumps = 50;

const secondsSchema = z.number().positive().max(300);
/** What the page shows next to the viewer's name, instead of the action's default words. */
const text = templateSchema().optional();

const actionSchema = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("jump"), times: amountSchema({ max: maxJumps }).default(1), text }),
  z.strictObject({ action: z.literal("duck"), seconds: secondsSchema.default(1), text }),
  z.strictObject({
    action: z.literal("speed"),
    /** Added to the game's speed, which goes from 6 at the start to 13. */
    by: z.number().min(-10).max(20).refine(
      (by) => by !== 0,
      "expected how much faster, or a negative number for slower",
    ),
    seconds: secondsSchema.default(8),
    text,
  }),
  z.strictObject({ action: z.literal("moon_gravity"), seconds: secondsSchema.default(8), text }),
  z.strictObject({ action: z.literal("no_collisions"), seconds: secondsSchema.default(8), text }),
  z.strictObject({ action: z.literal("night"), seconds: secondsSchema.default(8), text }),
  z.strictObject({ action: z.literal("restart"), text }),
], {
  error: 'expected an action: "jump", "duck", "speed", "moon_gravity", "no_collisions", "night" or "restart"',
});

export const optionsSchema = z.strictObject({
  /** Empty: the Chrome or Chromium that is installed on this computer, in any usual place. */
  browser_path: z.string().default(""),
  headless: z.boolean().default(false),
  no_sandbox: z.boolean().default(false),
  window_width: z.int().min(600).max(7680).default(1280),
  window_height: z.int().min(300).max(4320).default(720),
  rules: rulesSchema(actionSchema).default([]),
});

export type Options = z.output<typeof optionsSchema>;
export type Action = Options["rules"][number]["do"];
