/** The entry point: runs a command, prints an error, and exits. No other module may exit the process. */
import { printOnce } from "./src/commands/command_log.ts";
import { prepareExit } from "./src/commands/telemetry_exit.ts";
import { chooseLanguage } from "./src/commands/language.ts";
import { runCommand } from "./src/commands/program.ts";
import { withPage } from "./src/help_page.ts";
import { t } from "./src/language.ts";
import { openTraces } from "./src/telemetry/telemetry.ts";
import { UserError } from "./src/user_error.ts";

async function main(exit: (code: number) => void): Promise<number> {
  try {
    await openTraces();
    await chooseLanguage(Deno.args);
    return await runCommand(Deno.args, { exitNow: exit });
  } catch (error) {
    if (error instanceof UserError) {
      await printOnce(withPage(error.message, error.page));
      return 2;
    }
    await printOnce(`${t`Livecue has a bug. Please report the text below.`}\n${Deno.inspect(error)}`);
    return 1;
  }
}

if (import.meta.main) {
  const beforeExit = await prepareExit();
  const exit = (code: number) => void beforeExit().then(() => Deno.exit(code));
  exit(await main(exit));
}
