/** config.jsonc → Config: reads and checks the file, and reports all its mistakes together. */
import { dirname, resolve } from "node:path";
import { findNodeAtLocation, type Node } from "jsonc-parser";
import type { SecretOptions } from "../kit/secret.ts";
import { databaseAt } from "../database_address.ts";
import { t } from "../language.ts";
import { UserError } from "../user_error.ts";
import type { Grant, ServiceConfig } from "../service.ts";
import type { Subscription } from "../subscription.ts";
import type { Config, SourceConfig } from "./config.ts";
import { ConfigError, describeProblem, type Finding, maxFindings, toProblems } from "./config_error.ts";
import { crowding } from "./crowding.ts";
import { keyChoices } from "./key_choices.ts";
import { bareHandle } from "../handle.ts";
import { hiddenCommands } from "./hidden_commands.ts";
import { type ConfigFile, defaultMaxMemoryMb, usualTimeoutMs } from "./schema.ts";
import { mismatches } from "./mismatches.ts";
import { isBlank, parseSyntax, properties } from "./syntax.ts";
import { isOwnService } from "./own_services.ts";
import { unheardRules } from "./unheard_rules.ts";
import { validate } from "./validation.ts";

/** The environment variables that the config uses. */
export interface ConfigEnvironment {
  SIGN_API_KEY?: string | undefined;
}

/**
 * Parses the config in `text`. `path`: the absolute path of its file, which may not exist. Errors name it, and
 * relative paths are relative to its folder. Throws a ConfigError with all mistakes.
 */
export function parseConfig(
  text: string,
  { path, env = {}, isFile = () => true }: {
    path: string;
    env?: ConfigEnvironment;
    /** Called with the `service_class` of each active service. */
    isFile?: (path: string) => boolean;
  },
): Config {
  if (isBlank(text)) {
    const message = t`the file is empty; replace it with config.example.jsonc, or delete it and run \`init\``;
    throw new ConfigError(path, [{ line: 1, column: 1, path: "", message }]);
  }
  const syntax = parseSyntax(text);
  const findings = [...syntax.findings];
  let file: ConfigFile | null = null;
  if (syntax.root !== null) {
    const validated = validate(syntax.text, syntax.root);
    file = validated.value;
    findings.push(...validated.findings, ...missingClasses(syntax.root, dirname(path), isFile));
    if (file !== null) findings.push(...mismatches(syntax.root, file));
  }
  if (syntax.root === null || file === null || findings.length > 0) {
    throw new ConfigError(path, toProblems(syntax.text, findings));
  }
  const warnings = toProblems(syntax.text, [
    ...unheardRules(syntax.root, file),
    ...hiddenCommands(syntax.root, file),
    ...crowding(syntax.root, file),
  ]);
  return {
    ...toConfig(file, path, env),
    text,
    warnings: warnings.map((warning) => describeProblem(path, warning)),
  };
}

/** Reads and checks the file, including that the modules of active services exist. Throws a UserError. */
export function loadConfig(
  path: string,
  { env = { SIGN_API_KEY: Deno.env.get("SIGN_API_KEY") }, text = readConfigText(path) }: {
    env?: ConfigEnvironment | undefined;
    /** The content of the file, if it was read already. */
    text?: string;
  } = {},
): Config {
  return parseConfig(text, { path: resolve(path), env, isFile: isExistingFile });
}

/** Enough for thousands of rules. A larger file is not a config, and reading and checking it would take minutes. */
const maxBytes = 1024 * 1024;

/** The unchanged text of the file. Throws a UserError that says why it cannot be read. */
export function readConfigText(path: string): string {
  const file = resolve(path);
  try {
    const size = Deno.statSync(file).size;
    const bytes = size > maxBytes ? null : readStart(file);
    if (bytes === null || bytes.length > maxBytes) throw new UserError(tooLarge(file, size));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(unreadable(file, error), { cause: error });
  }
}

/** At most one byte more than allowed, because a device may never end. */
function readStart(file: string): Uint8Array {
  using opened = Deno.openSync(file);
  const bytes = new Uint8Array(maxBytes + 1);
  let length = 0;
  for (let count: number | null = 0; count !== null && length < bytes.length; length += count ?? 0) {
    count = opened.readSync(bytes.subarray(length));
  }
  return bytes.subarray(0, length);
}

function tooLarge(file: string, size: number): string {
  const megabytes = size > maxBytes ? (size / maxBytes).toFixed(1) : t`over 1`;
  return t`The config file ${file} has ${megabytes} MB, but at most 1 MB is allowed. Name another file with --config FILE.`;
}

function unreadable(file: string, error: unknown): string {
  if (error instanceof Deno.errors.NotFound) {
    return t`There is no config file ${file}. Run \`init\` to create one, or name another file with --config FILE.`;
  }
  if (error instanceof TypeError) {
    return t`The config file ${file} is not UTF-8 text. Save it as UTF-8 in your editor.`;
  }
  if (isFolder(file)) return t`${file} is a folder, not a config file. Name a file with --config FILE.`;
  const reason = error instanceof Error ? error.message : String(error);
  return t`The config file ${file} cannot be read (${reason}). Check its permissions.`;
}

function isFolder(path: string): boolean {
  return statusOf(path)?.isDirectory ?? false;
}

function isExistingFile(path: string): boolean {
  return statusOf(path)?.isFile ?? false;
}

/** null also if the file cannot be accessed, because then it cannot be loaded either. */
function statusOf(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch {
    return null;
  }
}

/** Uses the tree, not the checked value, so that these mistakes can be reported together with all others. */
function missingClasses(root: Node, folder: string, isFile: (path: string) => boolean): Finding[] {
  const services = findNodeAtLocation(root, ["services"]);
  if (services?.type !== "object") return [];
  const missing = properties(services).values().flatMap(({ key, value: service }): Finding[] => {
    if (service.type !== "object") return [];
    const node = findNodeAtLocation(service, ["service_class"]);
    const isActive = findNodeAtLocation(service, ["is_active"])?.value !== false;
    const isElsewhere = findNodeAtLocation(service, ["runs_on"]) !== undefined;
    if (!isActive || isElsewhere || typeof node?.value !== "string" || node.value === "") return [];
    const file = resolve(folder, node.value);
    if (isFile(file)) return [];
    const message = t`there is no file ${file}; correct the path, or set "is_active": false`;
    return [{ offset: node.offset, path: ["services", key.value, "service_class"], message }];
  });
  return missing.take(maxFindings).toArray();
}

function toConfig(file: ConfigFile, path: string, env: ConfigEnvironment): Omit<Config, "text" | "warnings"> {
  const folder = dirname(path);
  const sources = file.sources ?? { tiktok: { ...file.tiktok, type: "tiktok" as const } };
  return {
    path,
    sources: Object.entries(sources).map(([name, source]) => toSource(name, source, env)),
    language: file.language,
    database: databaseAt(file.database, folder),
    durability: file.durability,
    retention: { keepDays: file.retention.keep_days || null },
    readings: {
      rawDays: file.readings.raw_days,
      packedDays: file.readings.packed_days,
      rollupDays: file.readings.rollup_days,
    },
    screen: { keys: keyChoices(file), theme: file.theme, mouse: file.mouse },
    logFile: file.log_file === false ? null : resolve(folder, file.log_file),
    dataFolder: resolve(folder, "data"),
    hosts: Object.entries(file.hosts).map(([name, { address, ...secret }]) => {
      // The schema has checked that these are texts.
      return { name, address, secret: secret as SecretOptions<"token"> };
    }),
    services: Object.entries(file.services).map(([slug, service]) => toService(slug, service, folder)),
  };
}

function toSource(
  name: string,
  source: NonNullable<ConfigFile["sources"]>[string],
  env: ConfigEnvironment,
): SourceConfig {
  switch (source.type) {
    case "tiktok":
      return {
        name,
        type: "tiktok",
        user: bareHandle(source.user) || null,
        signApiKey: source.sign_api_key.trim() || env.SIGN_API_KEY?.trim() || null,
        endpoints: { sign: withoutSlash(source.endpoints.sign), web: withoutSlash(source.endpoints.web) },
        silenceSeconds: source.silence_seconds,
      };
    case "webhook":
      return { name, type: "webhook", settings: source };
    case "tikfinity":
      return { name, type: "tikfinity", settings: source };
    case "lightstreamer":
      return { name, type: "lightstreamer", settings: source };
    case "http_poll":
      return { name, type: "http_poll", settings: source };
    case "mqtt":
      return { name, type: "mqtt", settings: source };
  }
}

function toService(slug: string, service: ConfigFile["services"][string], folder: string): ServiceConfig {
  const { permissions } = service;
  const serviceClass = resolve(folder, service.service_class);
  const replicas = replicasOf(service);
  return {
    slug,
    name: service.name ?? slug,
    serviceClass,
    configFolder: resolve(folder),
    dataFolder: resolve(folder, "data", slug),
    replicas,
    runsOn: replicas[0] ?? null,
    isActive: service.is_active,
    maxQueueSize: service.max_queue_size,
    maxConcurrency: service.max_concurrency,
    prefetch: service.prefetch,
    maxAttempts: service.max_attempts,
    maxCrashes: service.max_crashes,
    backoffMs: service.backoff_ms,
    agingMs: service.aging_seconds === undefined ? null : service.aging_seconds * 1000,
    timeoutMs: service.timeout_ms,
    wholeTimeoutMs: service.timeout_ms === usualTimeoutMs ? null : service.timeout_ms,
    staleAfterSeconds: service.stale_after_seconds ?? null,
    isolation: isolationOf(service, serviceClass),
    maxMemoryMb: service.max_memory_mb ?? defaultMaxMemoryMb,
    permissions: {
      ...permissions,
      read: pathsFrom(folder, permissions.read),
      write: pathsFrom(folder, permissions.write),
    },
    options: service.options,
    emits: service.emits,
    subscriptions: Object.fromEntries(
      Object.entries(service.subscriptions).map((
        [type, subscription],
      ) => [type, toSubscription(subscription)]),
    ),
  };
}

/** Where each worker runs. */
function replicasOf({ runs_on, replicas }: ConfigFile["services"][string]): (string | null)[] {
  if (Array.isArray(runs_on)) return runs_on;
  return Array.from({ length: replicas }, () => runs_on ?? null);
}

/** A service with a memory limit needs a process. */
function isolationOf(
  { isolation, max_memory_mb }: ConfigFile["services"][string],
  serviceClass: string,
): ServiceConfig["isolation"] {
  const isLight = isOwnService(serviceClass) && max_memory_mb === undefined;
  return isolation ?? (isLight ? "worker" : "process");
}

function toSubscription(
  subscription: ConfigFile["services"][string]["subscriptions"][string],
): Subscription {
  return {
    isEnabled: subscription.is_enabled,
    priority: subscription.priority,
    isAsync: subscription.is_async,
    isDiscardable: subscription.is_discardable,
    streaks: subscription.streaks,
    ...(subscription.sources && { sources: subscription.sources }),
  };
}

function pathsFrom(folder: string, grant: Grant): Grant {
  return typeof grant === "boolean" ? grant : grant.map((path) => resolve(folder, path));
}

function withoutSlash(address: string): string | null {
  return address.trim().replace(/\/+$/, "") || null;
}
