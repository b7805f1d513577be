import { t } from "livecue/language";
import { isIPv6 } from "node:net";
import { amountSchema, rulesSchema } from "livecue/rules";
import { secretOptions } from "livecue/secret";
import { z } from "zod";
import { Command } from "./command.ts";
import { games } from "./game.ts";

const commandSchema = z.union([z.string(), z.array(z.string()).min(1)], {
  error: () => t`expected a command or a list of commands`,
}).transform((command) => typeof command === "string" ? [command] : command);

export const maxTimes = 20;

const actionSchema = z.strictObject({
  command: commandSchema,
  times: amountSchema({ max: maxTimes }).default(1),
}, { error: ({ code }) => code === "invalid_type" ? 'expected { "command": "…" }' : undefined });

const givenOptions = z.strictObject({
  game: z.enum(games, { error: () => t`expected one of ${games.map((game) => `"${game}"`).join(", ")}` })
    .default("source"),
  host: z.string().trim().default("localhost").transform((host) => host.replace(/^\[(.*)\]$/, "$1"))
    .refine(
      (host) => /^[\w.-]+$/.test(host) || isIPv6(host),
      { error: () => t`expected only the server's name or address: the port belongs in "port"` },
    ),
  port: z.int().min(1).max(65_535).default(27_015),
  ...secretOptions("password"),
  answer_timeout_seconds: z.number().min(0.1).max(120).default(10),
  commands_allowed: z.array(z.string().trim().min(1)).optional(),
  rules: rulesSchema(actionSchema).default([]),
}).refine(
  ({ password, password_file, password_env }) =>
    [password, password_file, password_env].filter((each) => each !== undefined).length === 1,
  {
    error: () =>
      t`set one of "password", "password_file" and "password_env" to the server's RCON password or its place`,
  },
);

/** Commands are checked here, so that mistakes are reported before the live. */
export const optionsSchema = givenOptions.transform(({ rules, ...options }, context) => ({
  ...options,
  rules: rules.map((rule, index) => ({
    ...rule,
    do: {
      times: rule.do.times,
      commands: rule.do.command.flatMap((text) => {
        try {
          return [Command.parse(text, options.game, options.commands_allowed)];
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          const message = `${JSON.stringify(text)} ${error.message}`;
          context.addIssue({ code: "custom", message, path: ["rules", index, "do", "command"] });
          return [];
        }
      }),
    },
  })),
}));

export type Options = z.output<typeof optionsSchema>;
export type Action = Options["rules"][number]["do"];
