import type { Command } from "commander";
import { addRunOptions, addSourceOptions, type CaptureOptions } from "./capture_options.ts";
import { runLive } from "./live_run.ts";
import type { CommandContext } from "./context.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { chooseSources, databaseFor, openSources } from "./source_choice.ts";

/** `capture`: capture and dispatch only; items stay pending. */
export function addCapture(program: Command, context: CommandContext): void {
  const command = program.command("capture")
    .description(
      "capture a live and queue its events, without processing them; it has a plain log and no screen",
    );
  addRunOptions(addSourceOptions(command), { plain: "a plain log, which this command always has" }).action(
    async () => {
      const options = command.optsWithGlobals<CaptureOptions & GlobalOptions>();
      const { config, isExample } = await readSettings(options);
      const chosen = chooseSources(options, config);
      const { database, note } = options.database === undefined
        ? databaseFor(chosen, config.database)
        : { database: config.database, note: null };
      await runLive({
        config: { ...config, database },
        notes: note === null ? [] : [note],
        isExample,
        isVerbose: options.verbose ?? false,
        openSources: (log) => openSources(chosen, { options, config, log, endsWithLive: true }),
        processes: "none",
        whenIdle: "end",
        forSeconds: options.for,
        sessionName: options.sessionName,
        recordPath: options.record,
        batchSize: options.batchSize,
      }, context);
    },
  );
}
