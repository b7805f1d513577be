import type { Command } from "commander";
import { addDemoOptions, addRunOptions, type CaptureOptions, openSource } from "./capture_options.ts";
import { runLive } from "./live_run.ts";
import type { CommandContext } from "./program.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";

/** `demo`: `start` on a made-up live. */
export function addDemo(program: Command, context: CommandContext): void {
  const command = program.command("demo").description("process a made-up live, to try things out");
  addRunOptions(addDemoOptions(command)).action(async () => {
    const options = command.optsWithGlobals<CaptureOptions & GlobalOptions>();
    const { config, isExample } = await readSettings(options);
    await runLive({
      config,
      isExample,
      isVerbose: options.verbose ?? false,
      openSource: (log) => openSource({ ...options, source: "demo" }, { config, log, endsWithLive: true }),
      processes: "all",
      whenIdle: "end",
      forSeconds: options.for,
      sessionName: options.sessionName,
      recordPath: options.record,
      batchSize: options.batchSize,
    }, context);
  });
}
