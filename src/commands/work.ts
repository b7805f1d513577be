import type { Command } from "commander";
import { laterSettings } from "../app/later_settings.ts";
import { t } from "../language.ts";
import { runLive } from "./live_run.ts";
import { collect } from "./options.ts";
import { onDatabase } from "./rehearsal.ts";
import type { CommandContext } from "./context.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";

/** `work`: processes pending items without capturing. */
export function addWork(program: Command, context: CommandContext): void {
  const command = program.command("work")
    .description(t`process the pending items in the database`)
    .option("--service <slug>", t`process only this service (repeatable)`, collect)
    .option("--drain", t`end when the queues are empty`)
    .action(async () => {
      const options = command.optsWithGlobals<GlobalOptions & { service?: string[]; drain?: boolean }>();
      const { config, isExample } = await readSettings(options);
      await runLive({
        config,
        isExample,
        isVerbose: options.verbose ?? false,
        applyToRun: (changed) => onDatabase(changed, options.database),
        livesDatabase: null,
        laterOf: (changed) => laterSettings(config, onDatabase(changed, options.database)),
        notes: [],
        openSources: () => [],
        processes: options.service ?? "all",
        whenIdle: options.drain ? "end" : "stay",
      }, context);
    });
}
