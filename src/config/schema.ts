/**
 * The one definition of config.jsonc: its keys, what each may hold, and what it is when left out. The
 * validation, the words of its errors and config.schema.json all come from it. The descriptions show up
 * in editors.
 */
import { z } from "zod";
import { eventTypes } from "../event.ts";
import { everyType } from "../subscription.ts";
import { bareHandle, handleWords } from "./handle.ts";
import { tikfinitySource } from "./tikfinity_schema.ts";
import { webhookSource } from "./webhook_schema.ts";

/** The longest that a timer can wait: about 24 days. */
const longestTimerMs = 2_147_483_647;

const filePath = z.string().min(1);
const whole = (least: number) => z.int().min(least);

/** What a worker has in hand is posted and kept in memory, and its ledger tells 4,096 items apart. */
const mostInHand = 1_000;

const grant = (description: string) =>
  z.union([z.boolean(), z.array(z.string().min(1))]).default(false)
    .describe(`${description} true: all; false: none; or a list.`);

const permissions = z.strictObject({
  net: grant('Hosts it may talk to, as ["localhost:4455"].'),
  read: grant("Files and folders it may read, besides its own folder."),
  write: grant("Files and folders it may write."),
  env: grant("Environment variables it may read."),
  run: grant("Programs it may start. They are not confined by any of these permissions."),
  sys: grant('What it may ask of the system, as ["hostname"].'),
});

const subscription = z.strictObject({
  is_enabled: z.boolean().default(true).describe("false: these events are not given to the service for now."),
  priority: whole(1).max(10).default(5).describe("From 1 to 10; of the waiting events, 10 is handled first."),
  is_async: z.boolean().default(false)
    .describe("true: handled beside others. false: nothing else is taken until it has ended."),
  is_discardable: z.boolean().default(false)
    .describe("true: may be thrown out of a full queue to make room for an event of higher priority."),
  streaks: z.enum(["each", "final"]).default("each")
    .describe(
      "For gifts and likes. each: all that a streak adds, as it comes; final: its total, when it has ended.",
    ),
  sources: z.array(z.string()).min(1).optional()
    .describe('Names of the sources whose events it gets, as ["main"]. Left out: all.'),
});

/** Which types there are is known only when all services have been read. */
const subscriptionKey = z.string().meta({
  anyOf: [{ enum: [...eventTypes, everyType] }, { pattern: "Event$" }],
});

const emittedType = z.string().refine((type) => /^[A-Z][A-Za-z0-9]{0,60}Event$/.test(type), {
  error: 'a name that begins with a capital letter and ends in "Event", as "SpinEvent"',
});

/** Far more than a service of some hundred lines needs. */
export const defaultMaxMemoryMb = 512;

const service = z.strictObject({
  name: z.string().min(1).optional().describe("Name to show; the service's key where left out."),
  service_class: filePath.describe("The service's module, relative to this file."),
  is_active: z.boolean().default(true)
    .describe("false: it gets no events, and what waits for it stays until it is active again."),
  max_queue_size: whole(1).default(100)
    .describe("Events that may wait for it. When full, new ones push out discardable ones or are dropped."),
  max_concurrency: whole(1).max(mostInHand).default(16).describe(
    "Asynchronous events that may be handled at the same time.",
  ),
  prefetch: whole(1).max(mostInHand).default(1)
    .describe("Events taken ahead. More is faster, but those taken ahead can no longer be overtaken."),
  max_attempts: whole(1).default(1).describe("Tries until an event counts as failed."),
  max_crashes: whole(1).default(3)
    .describe("Times that an event may bring the service down before it is given up."),
  backoff_ms: whole(0).max(longestTimerMs).default(1000)
    .describe("Milliseconds to wait before the second try; doubles with each further one."),
  aging_seconds: whole(1).optional()
    .describe(
      "Seconds after which a waiting event rises by one priority, again and again up to 10. Left out: none rises, and " +
        "events of a low priority wait for as long as higher ones come.",
    ),
  timeout_ms: whole(1).max(longestTimerMs).default(30_000)
    .describe("Milliseconds that handling one event may take."),
  stale_after_seconds: whole(0).optional()
    .describe("At the start, events of earlier lives older than this are thrown away. Left out: never."),
  isolation: z.enum(["worker", "process"]).optional()
    .describe(
      "process: it can be stopped and limited in memory whatever it does. worker: lighter, in Livecue's own process. " +
        "Left out: worker for the services that come with Livecue, process for all others.",
    ),
  max_memory_mb: whole(64).optional()
    .describe(
      `In a process: megabytes of memory that it may use; over it, it is restarted. Left out: ${defaultMaxMemoryMb}.`,
    ),
  permissions: permissions.prefault({}).describe(
    "What the service may do. Everything left out is forbidden.",
  ),
  options: z.record(z.string(), z.unknown()).default({})
    .describe("The service's own settings, passed to it as they are."),
  emits: z.array(emittedType).default([])
    .describe('Types of events that it makes, as ["SpinEvent"]. Other services may subscribe to them.'),
  subscriptions: z.record(subscriptionKey, subscription).default({})
    .describe('The events it gets, by type; "*": all others. A type left out is not given to it.'),
}).refine(({ max_memory_mb, isolation }) => max_memory_mb === undefined || isolation !== "worker", {
  path: ["max_memory_mb"],
  error: 'nothing, where "isolation" is "worker": the memory of a worker cannot be limited',
});

const slug = z.string().regex(/^[a-z][a-z0-9_-]*$/, {
  error: 'lower-case letters, digits, "_" and "-", a letter first',
});

const endpoint = z.string().refine((text) => text.trim() === "" || isWebAddress(text), {
  error: 'an address that begins with http:// or https://, or "" for the usual one',
});

function isWebAddress(text: string): boolean {
  return /^https?:\/\//i.test(text.trim()) && URL.canParse(text.trim());
}

const endpoints = z.strictObject({
  sign: endpoint.default("").describe('Address of the sign server; "" for the public one.'),
  web: endpoint.default("").describe(
    'Address used in place of https://www.tiktok.com, for a proxy; "" for none.',
  ),
});

const tiktok = z.strictObject({
  user: z.string().refine((text) => bareHandle(text) !== null, { error: `${handleWords}, or "" for none` })
    .default("").describe("Whose live to capture: a handle, with or without @, or the live's address."),
  sign_api_key: z.string().default("")
    .describe('Key for the sign server; "" for none, or for that in the environment variable SIGN_API_KEY.'),
  endpoints: endpoints.prefault({}).describe("Other servers to use. Most people leave them empty."),
  silence_seconds: z.number().positive().max(86_400).default(60)
    .describe("After so many seconds without a message the connection counts as dead and is made anew."),
});

const tiktokSource = tiktok.extend({ type: z.literal("tiktok") });

const source = z.discriminatedUnion("type", [tiktokSource, webhookSource, tikfinitySource]);

/** config.jsonc as a person writes it; parsed, as it is with the defaults filled in. */
export const configFile = z.strictObject({
  $schema: z.string().optional().describe("Lets editors check and complete this file."),
  tiktok: tiktok.prefault({}).describe(
    'Where the events come from, where it is one live. For more: "sources".',
  ),
  sources: z.record(slug, source).optional()
    .describe("Where the events come from, by a short name of your choice; several at once."),
  database: filePath.default("livecue.db").describe(
    "The SQLite file that keeps everything, relative to this file.",
  ),
  durability: z.enum(["normal", "full"]).default("normal")
    .describe("full: also safe against a power cut, but slower. normal: safe against a crash of Livecue."),
  log_file: z.union([filePath, z.literal(false)]).default("livecue.log")
    .describe("File for the log, relative to this file; false to switch it off."),
  services: z.record(slug, service).default({}).describe(
    "What acts on the events, by a short name of your choice.",
  ),
}).describe("Livecue's settings.");

export type ConfigFile = z.output<typeof configFile>;
