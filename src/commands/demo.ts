import type { Command } from "commander";
import { t } from "../language.ts";
import { addDemoOptions, addRunOptions } from "./capture_options.ts";
import type { CommandContext } from "./context.ts";
import { addProcessingOptions, start, type StartOptions } from "./start.ts";

/** `demo`: `start` with a made-up live. */
export function addDemo(program: Command, context: CommandContext): void {
  const command = program.command("demo").description(t`process a made-up live, to try things out`);
  addProcessingOptions(addRunOptions(addDemoOptions(command)))
    .action(() => start({ ...command.optsWithGlobals<StartOptions>(), source: ["demo"] }, context));
}
