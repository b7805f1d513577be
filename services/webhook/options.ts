/** What a streamer may set for this service. Nothing in its messages repeats an address: it may be a secret. */
import { rulesSchema } from "livecue/rules";
import { z } from "zod";
import { bodySchema } from "./body.ts";

/** What Livecue says itself about each delivery; and what would break the request. */
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
  error: 'a target is named with lower-case letters, digits and "_", a letter first',
});

const address = z.string().refine((text) => problemOf(text) === null, {
  error: ({ input }) => problemOf(String(input)) ?? "",
});

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
  error: 'expected the name of an environment variable, as "LIVECUE_SECRET", not what it holds',
});

const filePath = z.string().min(1, { error: "expected the path of a file" });

const headerName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, {
  error: 'expected the name of a header, as "Authorization"',
}).refine((name) => !ownHeaders.includes(name.toLowerCase()), {
  error: "Livecue sets this header itself",
});

const headerValue = z.string().regex(/^[\t\x20-\x7e]*$/, {
  error: "a header holds plain ASCII text on one line",
});

const milliseconds = (least: number) => z.int().min(least).max(3_600_000);

/** Says what is wrong with a key: by itself zod says only that something is. */
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
  /** Values of headers that are secret: the names of the environment variables that hold them. */
  headers_env: z.record(headerName, variable, ofKey).default({}),
  body: bodySchema.optional(),
  /** Puts a backslash before what viewers could format with in Discord and its like. */
  escape_markdown: z.boolean().default(false),
  /** Of one try. */
  timeout_ms: milliseconds(1).default(10_000),
  max_attempts: z.int().min(1).max(20).default(4),
  /** Before the second try; doubles with each further one. */
  backoff_ms: milliseconds(0).default(1000),
  /** The longest wait between two tries. */
  max_wait_ms: milliseconds(0).default(60_000),
  /** 1: one after the other. */
  max_concurrency: z.int().min(1).max(100).default(4),
}).superRefine((target, context) => {
  const addresses = [target.url, target.url_env, target.url_file].filter((given) => given !== undefined);
  if (addresses.length !== 1) {
    const message = 'expected one of "url", "url_env" (an environment variable) and "url_file"';
    context.addIssue({ code: "custom", message });
  }
  if (target.secret_env !== undefined && target.secret_file !== undefined) {
    context.addIssue({ code: "custom", message: 'expected "secret_env" or "secret_file", not both' });
  }
});

const actionSchema = z.strictObject({
  send: z.union([targetName.transform((name) => [name]), z.array(targetName).min(1)], {
    error: "expected the name of a target, or a list of them",
  }),
  /** In place of the target's. */
  body: bodySchema.optional(),
});

export const optionsSchema = z.strictObject({
  targets: z.record(targetName, targetSchema, ofKey).refine((targets) => Object.keys(targets).length > 0, {
    error: "there is no target: add one, with its url",
  }),
  /** None: every event goes to all targets. */
  rules: rulesSchema(actionSchema).default([]),
}).superRefine(({ targets, rules }, context) => {
  for (const [index, rule] of rules.entries()) {
    const stranger = rule.do.send.find((name) => !Object.hasOwn(targets, name));
    if (stranger === undefined) continue;
    const message = `there is no target "${stranger}": use ${Object.keys(targets).join(", ")}`;
    context.addIssue({ code: "custom", message, path: ["rules", index, "do", "send"] });
  }
});

export type WebhookOptions = z.output<typeof optionsSchema>;
export type TargetOptions = z.output<typeof targetSchema>;
export type Action = z.output<typeof actionSchema>;

/** What is wrong with a target's address, in words that do not repeat it; null where nothing is. */
export function problemOf(text: string): string | null {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    return "is no address that begins with http:// or https://";
  }
  const { username, password } = new URL(text);
  if (username === "" && password === "") return null;
  return 'has a name or password in it: give them as a header, by "headers_env": { "Authorization": … }';
}
