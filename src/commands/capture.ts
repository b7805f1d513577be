import type { Command } from "commander";
import { t } from "../language.ts";
import { addRunOptions, addSourceOptions, type CaptureOptions } from "./capture_options.ts";
import { runLive } from "./live_run.ts";
import type { CommandContext } from "./context.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { chooseSources, keepingOf, openSources } from "./source_choice.ts";

/** `capture`: captures and dispatches events. Their items stay pending. */
export function addCapture(program: Command, context: CommandContext): void {
  const command = program.command("capture")
    .description(
      t`capture a live and queue its events, without processing them; shows a plain log, no screen`,
    );
  addRunOptions(addSourceOptions(command), { plain: t`a plain log, which this command always shows` }).action(
    async () => {
      const options = command.optsWithGlobals<CaptureOptions & GlobalOptions>();
      const { config, isExample } = await readSettings(options);
      const chosen = chooseSources(options, config);
      const { apply, laterOf, notes, livesDatabase } = keepingOf(chosen, config, options);
      await runLive({
        config: apply(config),
        applyToRun: apply,
        laterOf,
        livesDatabase,
        notes,
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
