/** The service's options, as in the config. No message repeats an address, because it may be a secret. */
import { t } from "livecue/language";
import { rulesSchema } from "livecue/rules";
import { z } from "zod";
import { bodySchema } from "./body.ts";

/** Headers that Livecue sets itself, and those that would break the request. */
const ownHeaders = [
  "connection",
  "content-length",
  "host",
  "transfer-encoding",
  "webhook-id",
  "webhook-signature",
  "webhook-timestamp",
];

const targetName = z.string().regex(/^[a-z][a-z0-9_]*$/, {
  error: () => t`expected a name of lower-case letters, digits and "_" that starts with a letter`,
});

const address = z.string().refine((text) => problemOf(text) === null, {
  error: ({ input }) => problemOf(String(input)) ?? "",
});

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
  error: () => t`expected the name of an environment variable, such as "LIVECUE_SECRET", not its value`,
});

const filePath = z.string().min(1, { error: () => t`expected the path of a file` });

const headerName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, {
  error: () => t`expected the name of a header, such as "Authorization"`,
}).refine((name) => !ownHeaders.includes(name.toLowerCase()), {
  error: () => t`Livecue sets this header itself`,
});

const headerValue = z.string().regex(/^[\t\x20-\x7e]*$/, {
  error: () => t`expected plain ASCII text on one line`,
});

const milliseconds = (least: number) => z.int().min(least).max(3_600_000);

/** Reports what is wrong with a key. Without this, zod only reports that it is invalid. */
const ofKey = {
  error: (issue: z.core.$ZodRawIssue) => issue.code === "invalid_key" ? issue.issues[0]?.message : undefined,
};

const targetSchema = z.strictObject({
  url: address.optional(),
  url_env: variable.optional(),
  url_file: filePath.optional(),
  secret_env: variable.optional(),
  secret_file: filePath.optional(),
  headers: z.record(headerName, headerValue, ofKey).default({}),
  /** Headers with secret values: the names of the environment variables that contain the values. */
  headers_env: z.record(headerName, variable, ofKey).default({}),
  body: bodySchema.optional(),
  /** Escapes Markdown in viewers' texts, for Discord and similar apps. */
  escape_markdown: z.boolean().default(false),
  /** The timeout of one try. */
  timeout_ms: milliseconds(1).default(10_000),
  max_attempts: z.int().min(1).max(20).default(4),
  /** The pause before the second try. It doubles with each further one. */
  backoff_ms: milliseconds(0).default(1000),
  /** The longest pause between two tries. */
  max_wait_ms: milliseconds(0).default(60_000),
  /** With 1, deliveries run one after the other. */
  max_concurrency: z.int().min(1).max(100).default(4),
}).superRefine((target, context) => {
  const addresses = [target.url, target.url_env, target.url_file].filter((given) => given !== undefined);
  if (addresses.length !== 1) {
    const message = t`expected exactly one of "url", "url_env" (an environment variable) and "url_file"`;
    context.addIssue({ code: "custom", message });
  }
  if (target.secret_env !== undefined && target.secret_file !== undefined) {
    context.addIssue({ code: "custom", message: t`expected "secret_env" or "secret_file", not both` });
  }
});

const actionSchema = z.strictObject({
  send: z.union([targetName.transform((name) => [name]), z.array(targetName).min(1)], {
    error: () => t`expected the name of a target or a list of names`,
  }),
  /** Replaces the target's body. */
  body: bodySchema.optional(),
});

export const optionsSchema = z.strictObject({
  targets: z.record(targetName, targetSchema, ofKey).refine((targets) => Object.keys(targets).length > 0, {
    error: () => t`is empty: add a target with its url`,
  }),
  /** Without rules, every event is sent to all targets. */
  rules: rulesSchema(actionSchema).default([]),
}).superRefine(({ targets, rules }, context) => {
  for (const [index, rule] of rules.entries()) {
    const unknown = rule.do.send.find((name) => !Object.hasOwn(targets, name));
    if (unknown === undefined) continue;
    const message = t`there is no target "${unknown}": use ${Object.keys(targets).join(", ")}`;
    context.addIssue({ code: "custom", message, path: ["rules", index, "do", "send"] });
  }
});

export type WebhookOptions = z.output<typeof optionsSchema>;
export type TargetOptions = z.output<typeof targetSchema>;
export type Action = z.output<typeof actionSchema>;

/** What is wrong with a target's address, without repeating it; null if it is fine. */
export function problemOf(text: string): string | null {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    return t`is not an address that starts with http:// or https://`;
  }
  const { username, password } = new URL(text);
  if (username === "" && password === "") return null;
  return t`contains a user name or password: send them as a header with "headers_env": { "Authorization": … }`;
}
