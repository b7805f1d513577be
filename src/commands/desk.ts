import type { Command } from "commander";
import { resolve } from "node:path";
import { systemClock } from "../clock.ts";
import { RuleDesk } from "../desk/rule_desk.ts";
import { t } from "../language.ts";
import { openLog } from "./command_log.ts";
import type { CommandContext } from "./context.ts";
import { wholeNumber } from "./options.ts";
import { defaultConfigName, exists, type GlobalOptions, readSettings, writeConfig } from "./settings.ts";
import { onStopSignals } from "./signals.ts";
import { print } from "./table.ts";

interface DeskOptions extends GlobalOptions {
  port?: number;
}

/** `desk`: a page in the browser to write rules, until Ctrl-C. */
export function addDesk(program: Command, { exitNow }: CommandContext): void {
  const command = program.command("desk")
    .description(t`write the rules of services in a browser`)
    .option("--port <n>", t`the port of the page (default: a free one)`, wholeNumber(1024))
    .action(async () => {
      const options = command.optsWithGlobals<DeskOptions>();
      const path = resolve(options.config ?? defaultConfigName);
      if (!await exists(path)) {
        await writeConfig(path);
        print(t`${path} was created. It explains each setting.`);
      }
      const { config } = await readSettings(options);
      const { log, stop } = openLog({ isVerbose: options.verbose ?? false });
      const desk = new RuleDesk({
        configPath: path,
        database: config.database,
        port: options.port ?? 0,
        log: log.named("desk"),
        send: null,
      });
      const stopped = Promise.withResolvers<void>();
      const removeSignals = onStopSignals({
        first: () => stopped.resolve(),
        second: () => exitNow(130),
        isTerminalLent: () => false,
        clock: systemClock,
      });
      try {
        await desk.start();
        print(`${t`The rule desk is at ${desk.address}`}\n${t`Press Ctrl-C to close it.`}`);
        await stopped.promise;
      } finally {
        removeSignals();
        await desk.stop();
        await stop();
      }
    });
}
