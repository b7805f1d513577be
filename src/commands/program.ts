/** The command line: all commands and the global options. Each command has its own file. */
import { Command, CommanderError } from "commander";
import { t } from "../language.ts";
import { addAdd } from "./add.ts";
import { addBackup } from "./backup.ts";
import { addCapture } from "./capture.ts";
import { addCheck } from "./check.ts";
import { helpInWords, mistakeLine } from "./commander_words.ts";
import { addCompletions } from "./completions.ts";
import type { CommandContext } from "./context.ts";
import { addDemo } from "./demo.ts";
import { addDesk } from "./desk.ts";
import { addDoctor } from "./doctor.ts";
import { addEvents } from "./events.ts";
import { addExport } from "./export.ts";
import { addGifts } from "./gifts.ts";
import { addInit } from "./init.ts";
import { addPrune } from "./prune.ts";
import { addQueue } from "./queue.ts";
import { addReadings } from "./readings.ts";
import { addRepair } from "./repair.ts";
import { addReport } from "./report.ts";
import { addReset } from "./reset.ts";
import { addRestore } from "./restore.ts";
import { addRetry } from "./retry.ts";
import { runServiceCall, serviceCallOf } from "./service_command.ts";
import { addSessions } from "./sessions.ts";
import { addStart } from "./start.ts";
import { addStreamers } from "./streamers.ts";
import { versionLine } from "./version.ts";
import { addViewer } from "./viewer_marks.ts";
import { addViewers } from "./viewers.ts";
import { addWatch } from "./watch.ts";
import { addWork } from "./work.ts";

/** In the order of the help. */
const adders = [
  addInit,
  addAdd,
  addDesk,
  addStart,
  addStreamers,
  addWatch,
  addCapture,
  addWork,
  addDemo,
  addSessions,
  addEvents,
  addQueue,
  addGifts,
  addViewers,
  addViewer,
  addReport,
  addExport,
  addReadings,
  addRetry,
  addBackup,
  addRestore,
  addCheck,
  addRepair,
  addPrune,
  addReset,
  addDoctor,
  addCompletions,
];

/** All commands, ready to parse a command line. */
export function makeProgram(context: CommandContext): Command {
  const program = new Command("livecue")
    .description(t`Turns a TikTok live into action: captures its events and hands them to services.`)
    .version(versionLine(), "--version", t`print the versions of Livecue and Deno`)
    .option("--config <file>", t`the config file (default: config.jsonc)`)
    .option("--database <file>", t`the database, instead of the config's`)
    .option("--verbose", t`log more: each processed item, and internal details`)
    .configureHelp(helpInWords)
    .helpOption("-h, --help", t`display help for command`)
    .addHelpText(
      "after",
      `\n${t`SERVICE COMMAND runs a command of a service. SERVICE alone lists its commands.`}`,
    )
    .helpCommand(false)
    .configureOutput({ outputError: (text, write) => write(`${mistakeLine(text)}\n`) })
    .exitOverride();
  for (const add of adders) add(program, context);
  return program;
}

/** Runs the command in `args`. Resolves to the exit code. Throws a `UserError` for a user's mistake. */
export async function runCommand(
  args: string[],
  { exitNow }: Pick<CommandContext, "exitNow">,
): Promise<number> {
  let exitCode = 0;
  const context: CommandContext = { exitNow, setExitCode: (code) => exitCode = code };
  const program = makeProgram(context);
  const builtIns = program.commands.map((command) => command.name());
  const call = serviceCallOf(args, builtIns);
  if (call !== null && await runServiceCall(call, { ...context, builtIns })) return exitCode;
  try {
    await program.parseAsync(args.length === 0 ? ["--help"] : args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has already printed its line. A request for help is not a mistake.
    return error.exitCode === 0 ? 0 : 2;
  }
  return exitCode;
}
