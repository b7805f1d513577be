/** The entry point: runs a command, prints an error, and exits. No other module may exit the process. */
import { printOnce } from "./src/commands/command_log.ts";
import { runCommand } from "./src/commands/program.ts";
import { withPage } from "./src/help_page.ts";
import { UserError } from "./src/user_error.ts";

if (import.meta.main) {
  try {
    Deno.exit(await runCommand(Deno.args, { exitNow: (code) => Deno.exit(code) }));
  } catch (error) {
    if (error instanceof UserError) {
      await printOnce(withPage(error.message, error.page));
      Deno.exit(2);
    }
    await printOnce(`Livecue has a bug. Please report the text below.\n${Deno.inspect(error)}`);
    Deno.exit(1);
  }
}
