/** Chooses and opens the sources that the options and the config name. */
import { dirname } from "node:path";
import { laterSettings } from "../app/later_settings.ts";
import { createDemoSource } from "../capture/demo/demo.ts";
import { createReplaySource } from "../capture/replay/replay.ts";
import { systemClock } from "../clock.ts";
import type {
  Config,
  SourceConfig,
  TikfinitySourceConfig,
  TikTokSourceConfig,
  WebhookSourceConfig,
} from "../config/config.ts";
import { bareHandle, notAHandle } from "../handle.ts";
import { t } from "../language.ts";
import { nearestName } from "../nearest_names.ts";
import { helpPages } from "../help_page.ts";
import type { Log } from "../log/log.ts";
import type { Source } from "../source.ts";
import { UserError } from "../user_error.ts";
import type { CaptureOptions } from "./capture_options.ts";
import { openTelemetry } from "./telemetry_sources.ts";
import { onDatabase, rehearsalDatabase, withRehearsalFolders } from "./rehearsal.ts";

const replayPrefix = "replay:";

/** A source that can be opened once there is a log. */
export type ChosenSource =
  | { kind: "demo" }
  | { kind: "replay"; path: string }
  | { kind: "configured"; source: SourceConfig };

export interface OpeningOptions {
  options: CaptureOptions;
  config: Config;
  log: Log;
  /** Whether the source ends with the live instead of waiting for the next one. */
  endsWithLive: boolean;
  /** As in `TikTokSourceOptions`. */
  whenMayConnect?: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** Whether the user can still be chosen on the screen. */
  waitsForUser?: boolean;
}

/** The sources that `--source` names, or all in the config. Throws a `UserError`. */
export function chooseSources(options: CaptureOptions, config: Config): ChosenSource[] {
  const chosen = withUser(options, config, options.source?.flatMap((name) => named(name, config)));
  const hasReplay = chosen.some(({ kind }) => kind === "replay");
  if (!hasReplay && (options.speed !== undefined || options.exactGaps)) {
    throw new UserError(t`--speed and --exact-gaps are for a replay: add --source replay:FILE.`);
  }
  if (
    !chosen.some(({ kind }) => kind === "demo") && (options.rate !== undefined || options.seed !== undefined)
  ) {
    throw new UserError(t`--rate and --seed are for a demo: add --source demo.`);
  }
  return chosen;
}

/** Whether the screen has to ask for the user, because the only source has none. */
export function lacksUser(chosen: readonly ChosenSource[]): boolean {
  const [only] = chosen;
  return chosen.length === 1 && only?.kind === "configured" && only.source.type === "tiktok" &&
    only.source.user === null;
}

/** The TikTok sources among them, whose user can be chosen on the screen. */
export function tiktokSources(chosen: readonly ChosenSource[]): TikTokSourceConfig[] {
  return chosen.flatMap((each) =>
    each.kind === "configured" && each.source.type === "tiktok" ? [each.source] : []
  );
}

/** Where a run with these sources stores its data. */
export interface Keeping {
  /** Adapts the config, or a later change of it, to the run. */
  apply: (config: Config) => Config;
  /** The settings of a later change that apply only from the next start, as "sources, database"; "" if none. */
  laterOf: (changed: Config) => string;
  /** Sentences that the run logs first. */
  notes: string[];
  /** Whether the run is a demo or a replay. */
  isRehearsal: boolean;
  /** The database of real lives, if the run is a rehearsal with its own; otherwise null. */
  livesDatabase: string | null;
}

/**
 * A demo and a replay are stored separately from real lives: in a database next to the config's, unless `--database`
 * names another, and in separate data folders of the services.
 */
export function keepingOf(
  chosen: readonly ChosenSource[],
  config: Config,
  { database: named }: { database?: string },
): Keeping {
  const configured = config.database;
  const laterOf = (changed: Config) => laterSettings(config, onDatabase(changed, named));
  const kind = (["demo", "replay"] as const).find((kind) => chosen.some((each) => each.kind === kind));
  if (kind === undefined) {
    const apply = (config: Config) => ({ ...onDatabase(config, named), database: configured });
    return { apply, laterOf, notes: [], isRehearsal: false, livesDatabase: null };
  }
  const database = named === undefined ? rehearsalDatabase(config, kind) : configured;
  const note = kind === "demo"
    ? t`The demo is stored in ${database}, separate from your lives. To use another file, add --database FILE.`
    : t`The replay is stored in ${database}, separate from your lives. To use another file, add --database FILE.`;
  const apply = (config: Config) => withRehearsalFolders({ ...config, database }, kind);
  const livesDatabase = named === undefined ? configured : null;
  return { apply, laterOf, notes: named === undefined ? [note] : [], isRehearsal: true, livesDatabase };
}

/** Opens the chosen sources. Throws a `UserError`. */
export async function openSources(
  chosen: readonly ChosenSource[],
  opening: OpeningOptions,
): Promise<Source[]> {
  const isAlone = chosen.length === 1;
  const sources: Source[] = [];
  for (const each of chosen) {
    const source = await openSource(each, opening, isAlone);
    if (source !== null) sources.push(source);
  }
  const twice = sources.find(({ name }, index) => sources.findIndex((other) => other.name === name) < index);
  if (sources.length === 0 && !opening.waitsForUser) throw new UserError(noUser(opening.config, chosen));
  for (const { name, user } of tiktokSources(chosen)) {
    if (user !== null) continue;
    opening.log.warn(t`The source ${name} has no user, so it is not started: set its "user" in the config.`);
  }
  if (twice !== undefined) throw new UserError(t`The source ${twice.name} is named twice: name it once.`);
  return sources;
}

/** Opens a TikTok source for this user. Throws a `UserError`. */
export async function openTikTok(
  { name, signApiKey, endpoints, silenceSeconds }: TikTokSourceConfig,
  username: string,
  { log, endsWithLive, whenMayConnect }: Pick<OpeningOptions, "log" | "endsWithLive" | "whenMayConnect">,
): Promise<Source> {
  const { createTikTokSource } = await import("../capture/tiktok/connection.ts");
  return createTikTokSource({
    name,
    username,
    signApiKey,
    endpoints,
    silenceMs: silenceSeconds * 1000,
    clock: systemClock,
    random: Math.random,
    once: endsWithLive,
    log: log.named(name, helpPages.tiktok),
    whenMayConnect,
  });
}

function named(name: string, config: Config): ChosenSource[] {
  if (name === "demo") return [{ kind: "demo" }];
  if (name.startsWith(replayPrefix)) {
    const path = name.slice(replayPrefix.length);
    if (path === "") {
      throw new UserError(t`Name a recording after replay:, for example --source replay:FILE.`);
    }
    return [{ kind: "replay", path }];
  }
  const own = config.sources.find((source) => source.name === name);
  if (own !== undefined) return [{ kind: "configured", source: own }];
  const ofType = config.sources.filter((source) => source.type === name);
  if (ofType.length > 0) return ofType.map((source) => ({ kind: "configured", source }));
  const names = ["tiktok", "demo", "replay:FILE", ...config.sources.map((source) => source.name)];
  const hint = nearestName(name, names);
  throw new UserError(
    t`There is no source "${name}".` + (hint ? ` ${t`Did you mean "${hint}"?`}` : "") +
      ` ${t`Use one of: ${[...new Set(names)].join(", ")}.`}`,
  );
}

/** Gives `--username` to the only TikTok source. */
function withUser(
  { username }: CaptureOptions,
  config: Config,
  chosen: ChosenSource[] = config.sources.map((source) => ({ kind: "configured", source })),
): ChosenSource[] {
  if (username === undefined) return chosen;
  const user = bareHandle(username);
  if (!user) {
    throw new UserError(notAHandle(username));
  }
  const sources = tiktokSources(chosen);
  if (sources.length > 1) {
    throw new UserError(
      t`--username is for one TikTok source, but there are ${
        sources.map(({ name }) => name).join(", ")
      }: choose one with --source NAME.`,
    );
  }
  return chosen.map((each): ChosenSource =>
    each.kind === "configured" && each.source.type === "tiktok"
      ? { kind: "configured", source: { ...each.source, user } }
      : each
  );
}

/** Null if one of several sources lacks its user: the caller logs it, and the others run. */
async function openSource(
  chosen: ChosenSource,
  opening: OpeningOptions,
  isAlone: boolean,
): Promise<Source | null> {
  const { options } = opening;
  switch (chosen.kind) {
    case "demo": {
      const { seed = Math.floor(Math.random() * 1_000_000), rate = 5 } = options;
      return createDemoSource({ seed, ratePerSecond: rate, clock: systemClock });
    }
    case "replay":
      return createReplaySource({
        path: chosen.path,
        speed: options.speed ?? 1,
        keepGaps: options.exactGaps ?? false,
        clock: systemClock,
      });
    case "configured":
      break;
  }
  const { source } = chosen;
  switch (source.type) {
    case "tiktok":
      if (source.user !== null) return await openTikTok(source, source.user, opening);
      if (isAlone) throw new UserError(noUser(opening.config, [chosen]));
      return null;
    case "webhook":
      return await openWebhook(source, opening);
    case "tikfinity":
      return await openTikfinity(source, opening);
    case "lightstreamer":
    case "http_poll":
    case "mqtt":
      return await openTelemetry(source, opening.config);
  }
}

async function openWebhook(
  { name, settings }: WebhookSourceConfig,
  { config, log }: OpeningOptions,
): Promise<Source> {
  const { createWebhookSource } = await import("../capture/webhook/source.ts");
  const { host, port, providers, for: follows = null } = settings;
  return createWebhookSource({
    name,
    host,
    port,
    providers,
    follows,
    configFolder: dirname(config.path),
    clock: systemClock,
    log: log.named(name, helpPages.payments),
  });
}

async function openTikfinity(
  { name, settings }: TikfinitySourceConfig,
  { log, endsWithLive }: OpeningOptions,
): Promise<Source> {
  const { createTikfinitySource } = await import("../capture/tikfinity/connection.ts");
  return createTikfinitySource({
    name,
    url: settings.url,
    clock: systemClock,
    random: Math.random,
    once: endsWithLive,
    log: log.named(name, helpPages.tikfinity),
  });
}

function noUser({ path }: Config, chosen: readonly ChosenSource[]): string {
  const names = tiktokSources(chosen).map(({ name }) => name);
  if (names.length > 1) return t`No TikTok user is set: set "user" for ${names.join(", ")} in ${path}.`;
  return t`No TikTok user is set. Add --username NAME, or set "user" under "tiktok" in ${path} (deno task livecue init creates that file). To try Livecue without a live: deno task demo`;
}
