/** The service's options, as in the config. */
import { t } from "livecue/language";
import { isIPv6 } from "node:net";
import { rulesSchema } from "livecue/rules";
import { secretGivenTwice, secretOptions } from "livecue/secret";
import { templateSchema } from "livecue/template";
import { z } from "zod";

const name = z.string().min(1, { error: () => t`is empty: write the name exactly as in OBS` });

/** How long the change lasts. Permanent if left out. */
const seconds = z.number().positive().max(3600).optional();

const actionSchema = z.discriminatedUnion("action", [
  z.strictObject({ action: z.literal("scene"), scene: name, seconds }),
  /** Without `scene`: in the scene that is on air. */
  z.strictObject({ action: z.enum(["show", "hide"]), source: name, scene: name.optional(), seconds }),
  z.strictObject({ action: z.literal("text"), source: name, text: templateSchema(), seconds }),
  z.strictObject({ action: z.literal("play"), source: name }),
  z.strictObject({
    action: z.literal("filter"),
    source: name,
    filter: name,
    enabled: z.union([z.boolean(), z.literal("toggle")], { error: () => t`expected true, false or "toggle"` })
      .default(true),
    seconds,
  }),
  z.strictObject({ action: z.enum(["mute", "unmute"]), source: name, seconds }),
  z.strictObject({ action: z.literal("hotkey"), hotkey: name }),
], {
  error: ({ input }) => {
    const found = typeof input === "object" && input !== null ? Reflect.get(input, "action") : input;
    return t`found the action ${
      JSON.stringify(found)
    }, expected scene, show, hide, text, play, filter, mute, unmute or hotkey`;
  },
});

export type Action = z.output<typeof actionSchema>;

const actionsSchema = z.preprocess(
  (value) => Array.isArray(value) ? value : [value],
  z.array(actionSchema).min(1, { error: () => t`contains no action` }),
);

export const optionsSchema = z.strictObject({
  host: z.string().trim().default("127.0.0.1").transform((host) => host.replace(/^\[(.*)\]$/, "$1")).refine(
    (host) => /^[\w.-]+$/.test(host) || isIPv6(host),
    'is not a host: write 127.0.0.1 or the address of OBS\'s computer (the port belongs in "port")',
  ),
  port: z.int().min(1).max(65_535).default(4455),
  ...secretOptions("password"),
  wait_seconds: z.number().min(0).max(3600).default(20),
  rules: rulesSchema(actionsSchema).default([]),
}).superRefine((options, context) => {
  const message = secretGivenTwice("password", options);
  if (message !== null) context.addIssue({ code: "custom", message });
});

export type Options = z.output<typeof optionsSchema>;
