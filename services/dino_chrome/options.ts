import { t } from "livecue/language";
import { amountSchema, rulesSchema } from "livecue/rules";
import { templateSchema } from "livecue/template";
import { z } from "zod";

/** One jump stands for all that wait, so this only limits the number that is shown. */
export const maxJumps = 999;
export const maxShields = 9;

/** How well the dino plays by itself. */
export const skills = ["off", "beginner", "good", "expert"] as const;
const mostTeams = 4;

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
      { error: () => t`expected how much faster, or a negative number for slower` },
    ),
    seconds: secondsSchema.default(8),
    text,
  }),
  z.strictObject({
    action: z.literal("shield"),
    times: amountSchema({ max: maxShields }).default(1),
    seconds: secondsSchema.default(10),
    text,
  }),
  z.strictObject({ action: z.literal("slow_motion"), seconds: secondsSchema.default(8), text }),
  z.strictObject({ action: z.literal("bird"), times: amountSchema({ max: maxJumps }).default(1), text }),
  z.strictObject({ action: z.literal("play"), seconds: secondsSchema.default(15), text }),
  z.strictObject({ action: z.literal("moon_gravity"), seconds: secondsSchema.default(8), text }),
  z.strictObject({ action: z.literal("no_collisions"), seconds: secondsSchema.default(8), text }),
  z.strictObject({ action: z.literal("night"), seconds: secondsSchema.default(8), text }),
  z.strictObject({ action: z.literal("restart"), text }),
], {
  error: () =>
    t`expected an action: "jump", "duck", "speed", "shield", "slow_motion", "bird", "play", "moon_gravity", "no_collisions", "night" or "restart"`,
});

const teamSchema = z.strictObject({
  name: z.string().trim().min(1, { error: () => t`expected the team's name` }),
  /** Gifts by name or by TikTok's number. */
  gifts: z.array(z.union([z.string().trim().min(1), z.int()])).min(1, {
    error: () => t`expected the gifts that count for the team`,
  }),
});

export const optionsSchema = z.strictObject({
  /** Empty: the Chrome or Chromium that is installed on this computer, in any usual place. */
  browser_path: z.string().default(""),
  headless: z.boolean().default(false),
  no_sandbox: z.boolean().default(false),
  autopilot: z.enum(skills, { error: () => t`expected ${skills.map((skill) => `"${skill}"`).join(", ")}` })
    .default(
      "good",
    ),
  /** The scene between two runs. The game itself needs more than one second. */
  pause_seconds: z.number().min(2).max(60).default(6),
  teams: z.array(teamSchema).max(mostTeams, { error: () => t`expected at most ${mostTeams} teams` }).default(
    [],
  ),
  window_width: z.int().min(300).max(7680).default(1280),
  window_height: z.int().min(300).max(4320).default(720),
  rules: rulesSchema(actionSchema).default([]),
});

export type Options = z.output<typeof optionsSchema>;
export type Action = Options["rules"][number]["do"];
