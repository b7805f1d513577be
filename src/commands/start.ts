import type { Command } from "commander";
import type { Config, SourceConfig, TikTokSourceConfig } from "../config/config.ts";
import { t } from "../language.ts";
import { UserError } from "../user_error.ts";
import { addRunOptions, addSourceOptions, type CaptureOptions, showsScreen } from "./capture_options.ts";
import { type LiveRunOptions, runLive } from "./live_run.ts";
import { collect, wholeNumber } from "./options.ts";
import type { CommandContext } from "./context.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import {
  chooseSources,
  type ChosenSource,
  keepingOf,
  lacksUser,
  openSources,
  openTikTok,
  tiktokSources,
} from "./source_choice.ts";

export interface StartOptions extends CaptureOptions, GlobalOptions {
  all?: boolean;
  maxStreamers?: number;
  connectsPerMinute?: number;
  name?: string;
  service?: string[];
  discardPending?: boolean;
}

/** `start`: captures, dispatches and processes events in one process. */
export function addStart(program: Command, context: CommandContext): void {
  const command = program.command("start").description(t`capture a live and process its events`);
  addRoomOptions(addProcessingOptions(addRunOptions(addSourceOptions(command))))
    .action(() => start(command.optsWithGlobals<StartOptions>(), context));
}

/** Adds the options of a run that captures and processes. */
export function addProcessingOptions(command: Command): Command {
  return command
    .option(
      "--service <slug>",
      t`process only this service (repeatable); items of other services stay pending`,
      collect,
    )
    .option("--discard-pending", t`first discard the pending items of earlier sessions`);
}

/** Adds the options of a machine that shares its database with others. */
function addRoomOptions(command: Command): Command {
  return command
    .option(
      "--all",
      t`capture all streamers of the database ("streamers list") that no other machine captures`,
    )
    .option(
      "--max-streamers <n>",
      t`with --all: the most streamers on this machine (default: 100)`,
      wholeNumber(1),
    )
    .option(
      "--connects-per-minute <n>",
      t`with --all: connections to TikTok, over all machines (default: 60)`,
      wholeNumber(1),
    )
    .option("--name <machine>", t`with PostgreSQL: this machine's name (default: the computer's)`);
}

export async function start(options: StartOptions, context: CommandContext): Promise<void> {
  if (options.all) {
    const { config } = await readSettings(options);
    const { startAll } = await import("./start_all.ts");
    return await startAll({
      config,
      isVerbose: options.verbose ?? false,
      processes: options.service ?? "all",
      machine: options.name ?? Deno.hostname(),
      maxStreamers: options.maxStreamers ?? 100,
      connectsPerMinute: options.connectsPerMinute ?? 60,
      discardsPending: options.discardPending ?? false,
      hasScreen: showsScreen(options),
    }, context);
  }
  let next: StartOptions | null = options;
  while (next !== null) next = await startOnce(next, options, context);
}

/** Returns the options of the run that the user chose to follow, based on the first run's options. */
async function startOnce(
  options: StartOptions,
  first: StartOptions,
  context: CommandContext,
): Promise<StartOptions | null> {
  const { config, isExample } = await readSettings(options);
  const endsWithLive = (options.once || options.plain) ?? false;
  const hasScreen = showsScreen(options);
  const chosen = chooseSources(options, config);
  const waitsForUser = hasScreen && !options.once && tiktokSources(chosen).length > 0;
  // At the end of a recording, the screen says what was, until the user quits.
  const staysAfterReplay = hasScreen && !options.once && options.for === undefined &&
    chosen.some(({ kind }) => kind === "replay");
  const asksForUser = waitsForUser && lacksUser(chosen);
  const { apply, laterOf, notes, isRehearsal, livesDatabase } = keepingOf(chosen, config, options);
  const next = await runLive({
    config: apply(config),
    applyToRun: apply,
    laterOf,
    livesDatabase,
    isExample,
    isVerbose: options.verbose ?? false,
    notes,
    openSources: (log) =>
      asksForUser ? [] : openSources(chosen, { options, config, log, endsWithLive, waitsForUser }),
    processes: options.service ?? "all",
    // On the screen, another live can be chosen after one has ended, or after a mistyped name.
    whenIdle: waitsForUser || staysAfterReplay ? "stay" : "end",
    forSeconds: options.for,
    sessionName: options.sessionName,
    recordPath: options.record,
    batchSize: options.batchSize,
    discardsPending: options.discardPending,
    machine: options.name,
    screen: hasScreen ? screenChoices(chosen, { options, config, isRehearsal }) : undefined,
  }, context);
  switch (next?.kind) {
    case undefined:
      return null;
    case "demo":
      return { ...optionsFor(first, config, { isRehearsal: true }), source: ["demo"] };
    case "user": {
      const { rate: _rate, seed: _seed, ...again } = optionsFor(first, config, { isRehearsal: false });
      return { ...again, source: [next.source], username: next.username };
    }
  }
}

/**
 * The first run's options for a following run. The user, the recording and the pace of a replay belong to the first run
 * only, and so does its database, unless both runs are rehearsals or neither is.
 */
function optionsFor(
  first: StartOptions,
  config: Config,
  { isRehearsal }: { isRehearsal: boolean },
): StartOptions {
  const { username: _user, record: _recording, speed: _speed, exactGaps: _gaps, database, ...again } = first;
  const wasRehearsal = keepingOf(chooseSources(first, config), config, first).isRehearsal;
  return database !== undefined && wasRehearsal === isRehearsal ? { ...again, database } : again;
}

/** The choices on the screen: users of TikTok sources. In a demo or a replay, a choice needs a new run. */
function screenChoices(
  chosen: ChosenSource[],
  { options, config, isRehearsal }: { options: StartOptions; config: Config; isRehearsal: boolean },
): LiveRunOptions["screen"] {
  const switchable = isRehearsal ? config.sources.filter(isTikTok) : tiktokSources(chosen);
  return {
    switchable: switchable.map(({ name, type, user }) => ({ name, type, user })),
    openSource: isRehearsal ? null : async (name, username, log) => {
      const source = switchable.find((each) => each.name === name);
      if (source === undefined) throw new UserError(t`There is no TikTok source "${name}".`);
      return await openTikTok(source, username, { log, endsWithLive: options.once ?? false });
    },
  };
}

function isTikTok(source: SourceConfig): source is TikTokSourceConfig {
  return source.type === "tiktok";
}
