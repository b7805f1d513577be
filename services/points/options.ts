/** The service's options, as in the config. */
import { t } from "livecue/language";
import { simplified } from "livecue/words";
import { z } from "zod";

/** Nobody gets more points at once, so that no sum leaves the range of exact numbers. */
export const mostPoints = 1_000_000_000;

const points = z.int({ error: () => t`expected a whole number from 0 to ${mostPoints}` }).min(0).max(
  mostPoints,
);
const seconds = z.int().min(0).max(86_400);

const wordError = () => t`expected one word, as "!points"`;
const word = z.string({ error: wordError }).transform(simplified)
  .refine((text) => text !== "" && !text.includes(" ") && text.length <= 40, { error: wordError });

/** What a viewer can buy with a word in the chat. */
const reward = z.strictObject({
  command: word,
  cost: z.int().min(1).max(mostPoints),
  /** The name in the event; by default the command without its sign. */
  reward: z.string().min(1).max(100).optional(),
  /** Between two of them, by all viewers together. */
  cooldown_seconds: seconds.default(0),
  /** What a viewer may write behind the command, as the names of sounds; without it, anything. */
  choices: z.array(z.string().trim().min(1).max(60)).min(1).max(200).optional(),
}).transform((given) => ({
  ...given,
  reward: given.reward ?? given.command.replace(/^[^\p{L}\p{N}]+/u, ""),
}));

export type Reward = z.output<typeof reward>;

export const optionsSchema = z.strictObject({
  /** What the points are called. */
  name: z.string().min(1).max(40).default(() => t`points`),
  per_diamond: points.default(1),
  per_comment: points.default(1),
  /** A viewer's comments count at most this often. */
  comment_seconds: seconds.default(30),
  per_minute: points.default(1),
  /** A viewer who is silent for longer was away in between. */
  away_minutes: z.int().min(1).max(1_440).default(10),
  commands: z.strictObject({
    points: word.default("!points"),
    top: word.default("!top"),
    give: word.default("!give"),
  }).prefault({}),
  /** How many viewers `!top` names. */
  top_count: z.int().min(1).max(20).default(5),
  rewards: z.array(reward).max(200).default([]),
}).superRefine(({ commands, rewards }, context) => {
  const known = new Set<string>();
  for (const { path, command } of commandsOf(commands, rewards)) {
    if (known.has(command)) {
      context.addIssue({ code: "custom", message: t`"${command}" is a command already`, path });
    }
    known.add(command);
  }
});

export type Options = z.output<typeof optionsSchema>;

function commandsOf(
  commands: Record<string, string>,
  rewards: readonly Reward[],
): { path: (string | number)[]; command: string }[] {
  return [
    ...Object.entries(commands).map(([name, command]) => ({ path: ["commands", name], command })),
    ...rewards.map(({ command }, index) => ({ path: ["rewards", index, "command"], command })),
  ];
}
