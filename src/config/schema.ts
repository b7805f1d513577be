/**
 * The only definition of config.jsonc: its keys, their allowed values and their defaults. Validation, error messages
 * and config.schema.json are all derived from it. Editors show the descriptions.
 */
import { z } from "zod";
import { isOtherAddress } from "../database_address.ts";
import { eventTypes } from "../event.ts";
import { t } from "../language.ts";
import { boundActions } from "../screen_keys.ts";
import { themeNames } from "../screen_settings.ts";
import { everyType } from "../subscription.ts";
import { bareHandle, handleWords } from "../handle.ts";
import { languageTags } from "./languages.ts";
import { hosts, replicas, runsOn, withReplicas } from "./hosts_schema.ts";
import { readingsSettings } from "./readings_schema.ts";
import { tikfinitySource } from "./tikfinity_schema.ts";
import { httpPollSource, lightstreamerSource, mqttSource } from "./telemetry_schema.ts";
import { webhookSource } from "./webhook_schema.ts";

/** The longest that a timer can wait: about 24 days. */
const longestTimerMs = 2_147_483_647;

const filePath = z.string().min(1);
const keyName = z.string().min(1);
const whole = (least: number) => z.int().min(least);

/** A worker's items are kept in memory, and its ledger has room for 4,096. */
const mostInHand = 1_000;

const grant = (description: string) =>
  z.union([z.boolean(), z.array(z.string().min(1))]).default(false)
    .describe(`${description} true: all; false: none; or a list.`);

const permissions = z.strictObject({
  net: grant('Hosts that it may connect to, as ["localhost:4455"].'),
  read: grant("Files and folders that it may read, in addition to its own folder."),
  write: grant("Files and folders that it may write."),
  env: grant("Environment variables that it may read."),
  run: grant("Programs that it may start. None of these permissions restricts them."),
  sys: grant('System information that it may read, as ["hostname"].'),
});

const subscription = z.strictObject({
  is_enabled: z.boolean().default(true).describe("false: the service does not get these events for now."),
  priority: whole(1).max(10).default(5).describe(
    "From 1 to 10. Of the waiting events, those with 10 are handled first.",
  ),
  is_async: z.boolean().default(false)
    .describe(
      "true: handled in parallel with others. false: the service starts nothing else until it has ended.",
    ),
  is_discardable: z.boolean().default(false)
    .describe("true: may be evicted from a full queue to make room for an event of higher priority."),
  streaks: z.enum(["each", "final"]).default("each")
    .describe(
      "For gifts and likes. each: each addition to a streak, as it comes; final: its total, when it has ended.",
    ),
  sources: z.array(z.string()).min(1).optional()
    .describe('Names of the sources whose events it gets, as ["main"]. Default: all.'),
});

/** The existing types are known only when all services have been read. */
const subscriptionKey = z.string().meta({
  anyOf: [{ enum: [...eventTypes, everyType] }, { pattern: "Event$" }],
});

const emittedType = z.string().refine((type) => /^[A-Z][A-Za-z0-9]{0,60}Event$/.test(type), {
  error: () => t`a name that starts with a capital letter and ends in "Event", as "SpinEvent"`,
});

/** Far more than a service of a few hundred lines needs. */
export const defaultMaxMemoryMb = 512;
export const usualTimeoutMs = 30_000;

const service = z.strictObject({
  name: z.string().min(1).optional().describe("Name to show. Default: the service's key."),
  service_class: filePath.describe("The service's module, relative to this file."),
  runs_on: runsOn,
  replicas,
  is_active: z.boolean().default(true)
    .describe("false: it gets no events, and its waiting events are kept until it is active again."),
  max_queue_size: whole(1).default(100)
    .describe(
      "The most events that may wait for it. In a full queue, new events evict discardable ones or are dropped.",
    ),
  max_concurrency: whole(1).max(mostInHand).default(16).describe(
    "The most asynchronous events that are handled at the same time.",
  ),
  prefetch: whole(1).max(mostInHand).default(1)
    .describe(
      "Events handed to it in advance. More is faster, but later events of higher priority cannot overtake them.",
    ),
  max_attempts: whole(1).default(1).describe("Tries until an event counts as failed."),
  max_crashes: whole(1).default(3)
    .describe("How often an event may crash the service before it counts as failed."),
  backoff_ms: whole(0).max(longestTimerMs).default(1000)
    .describe("Milliseconds to wait before the second try. Doubles with each further try."),
  aging_seconds: whole(1).optional()
    .describe(
      "Seconds after which the priority of a waiting event rises by one, repeatedly, up to 10. Default: none rises, " +
        "and events of low priority wait as long as events of higher priority come.",
    ),
  timeout_ms: whole(1).max(longestTimerMs).default(usualTimeoutMs)
    .describe(
      "Milliseconds that handling one event may take. With the default, an event that is handled in steps has no " +
        "limit of its own, because each step has one.",
    ),
  stale_after_seconds: whole(0).optional()
    .describe(
      "At the start, waiting events of earlier runs that are older than this are discarded. Default: never.",
    ),
  isolation: z.enum(["worker", "process", "shared"]).optional()
    .describe(
      "process: it can always be stopped, and its memory can be limited. worker: lighter, in Livecue's own process. " +
        "shared: one worker for all rooms of this Livecue, for many rooms at once. " +
        "Default: worker for the services that come with Livecue, process for all others.",
    ),
  max_memory_mb: whole(64).optional()
    .describe(
      `In a process: megabytes of memory that it may use. If it uses more, it is restarted. Default: ${defaultMaxMemoryMb}.`,
    ),
  permissions: permissions.prefault({}).describe(
    "What the service may do. Everything else is forbidden.",
  ),
  options: z.record(z.string(), z.unknown()).default({})
    .describe("The service's own settings, passed to it unchanged."),
  emits: z.array(emittedType).default([])
    .describe('Types of events that it emits, as ["SpinEvent"]. Other services may subscribe to them.'),
  subscriptions: z.record(subscriptionKey, subscription).default({})
    .describe('The events that it gets, by type; "*": all other types. It gets no other events.'),
}).refine(
  ({ max_memory_mb, isolation = "process" }) => max_memory_mb === undefined || isolation === "process",
  {
    path: ["max_memory_mb"],
    error: () => t`nothing unless "isolation" is "process": the memory of a worker cannot be limited`,
  },
).superRefine(withReplicas);

const slug = z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/, {
  error: () => t`at most 64 lower-case letters, digits, "_" and "-", starting with a letter`,
});

const endpoint = z.string().refine((text) => text.trim() === "" || isWebAddress(text), {
  error: () => t`an address that starts with http:// or https://, or "" for the default`,
});

function isWebAddress(text: string): boolean {
  return /^https?:\/\//i.test(text.trim()) && URL.canParse(text.trim());
}

const endpoints = z.strictObject({
  sign: endpoint.default("").describe('Address of the sign server; "" for the public one.'),
  web: endpoint.default("").describe(
    'Address to use instead of https://www.tiktok.com, for a proxy; "" for none.',
  ),
});

const tiktok = z.strictObject({
  user: z.string().refine((text) => bareHandle(text) !== null, {
    error: () => t`${handleWords()}, or "" for none`,
  })
    .default("").describe("Whose live to capture: a handle, with or without @, or the live's address."),
  sign_api_key: z.string().default("")
    .describe(
      'Key for the sign server; "" for none, or for the one in the environment variable SIGN_API_KEY.',
    ),
  endpoints: endpoints.prefault({}).describe("Other servers to use. Most people leave these empty."),
  silence_seconds: z.number().positive().max(86_400).default(60)
    .describe(
      "After this many seconds without a message, the connection counts as dead and Livecue reconnects.",
    ),
});

const tiktokSource = tiktok.extend({ type: z.literal("tiktok") });

const source = z.discriminatedUnion("type", [
  tiktokSource,
  webhookSource,
  tikfinitySource,
  lightstreamerSource,
  httpPollSource,
  mqttSource,
]);

/** config.jsonc as a person writes it. The output has the defaults filled in. */
export const configFile = z.strictObject({
  $schema: z.string().optional().describe("Lets editors check and complete this file."),
  tiktok: tiktok.prefault({}).describe(
    'Where the events come from, for one live. For several lives, use "sources".',
  ),
  sources: z.record(slug, source).optional()
    .describe("Where the events come from: several sources, each under a short name of your choice."),
  language: z.enum(["system", ...languageTags]).default("system").describe(
    "The language of Livecue and its pages: system for the computer's, or one of these.",
  ),
  database: filePath.refine((text) => !isOtherAddress(text), {
    error: () => t`a file, or an address that starts with postgres://`,
  }).default("livecue.db").describe(
    "Where everything is stored: a SQLite file, relative to this file, or the address of a PostgreSQL database, as " +
      "postgres://livecue@db.example.com/livecue.",
  ),
  durability: z.enum(["normal", "full"]).default("normal")
    .describe("normal: safe against a crash of Livecue. full: also safe against a power cut, but slower."),
  readings: readingsSettings.prefault({}).describe(
    "How long the readings of telemetry sources are kept, counted from the newest reading of a source.",
  ),
  retention: z.strictObject({
    keep_days: z.union([z.int().min(1).max(36_500), z.literal(false)]).default(false).describe(
      "Days after which sessions with their events are deleted, counted from their end; false: never.",
    ),
  }).prefault({}).describe("How long sessions are kept."),
  keys: z.record(
    z.string().meta({ enum: [...boundActions] }),
    z.union([keyName, z.array(keyName).min(1).max(4)]),
  ).default({}).describe('Keys of the screen instead of the usual ones, by action, as { "pause": "F5" }.'),
  theme: z.enum(themeNames).default("neutral").describe(
    "Colors of the screen. neutral: readable on dark and on light; terminal: the terminal's own colors.",
  ),
  mouse: z.boolean().default(true).describe(
    "Clicks and the wheel on the screen. false: the mouse is the terminal's, as to select text.",
  ),
  log_file: z.union([filePath, z.literal(false)]).default("livecue.log")
    .describe("File for the log, relative to this file; false to switch it off."),
  hosts,
  services: z.record(slug, service).default({}).describe(
    "The services that act on events, each under a short name of your choice.",
  ),
}).describe("Livecue's settings.");

export type ConfigFile = z.output<typeof configFile>;
