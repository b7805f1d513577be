import type { Command } from "commander";
import {
  addRunOptions,
  addSourceOptions,
  type CaptureOptions,
  chosenIn,
  lacksUser,
  openSource,
  showsScreen,
} from "./capture_options.ts";
import { runLive } from "./live_run.ts";
import { collect } from "./options.ts";
import type { CommandContext } from "./program.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";

export interface StartOptions extends CaptureOptions, GlobalOptions {
  service?: string[];
  discardPending?: boolean;
}

/** `start`: capture, dispatch and process, in one process. */
export function addStart(program: Command, context: CommandContext): void {
  const command = program.command("start").description("capture a live and process its events");
  addProcessingOptions(addRunOptions(addSourceOptions(command)))
    .action(() => start(command.optsWithGlobals<StartOptions>(), context));
}

/** The options of a run that captures and processes. */
export function addProcessingOptions(command: Command): Command {
  return command
    .option(
      "--service <slug>",
      "process only this service (repeatable); the others' items stay pending",
      collect,
    )
    .option("--discard-pending", "first discard what earlier sessions left pending");
}

export async function start(options: StartOptions, context: CommandContext): Promise<void> {
  const { config, isExample } = await readSettings(options);
  const endsWithLive = (options.once || options.plain) ?? false;
  const hasScreen = showsScreen(options);
  const asksForUser = hasScreen && lacksUser(options, config);
  await runLive({
    config,
    isExample,
    isVerbose: options.verbose ?? false,
    openSource: (log) => asksForUser ? null : openSource(options, { config, log, endsWithLive }),
    processes: options.service ?? "all",
    // In the screen another live can be chosen when one has ended, or a name was mistyped.
    whenIdle: hasScreen && !options.once && (options.source ?? "tiktok") === "tiktok" ? "stay" : "end",
    forSeconds: options.for,
    sessionName: options.sessionName,
    recordPath: options.record,
    batchSize: options.batchSize,
    discardsPending: options.discardPending,
    screen: hasScreen ? chosenIn(options, config) : undefined,
  }, context);
}
