import type { Command } from "commander";
import { describeCount } from "../faces/plain/plain_log.ts";
import { checkDatabase } from "../store/check.ts";
import type { CommandContext } from "./context.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { print } from "./table.ts";

/** `check`: what is wrong with the database, in words; exit code 1 where something is. */
export function addCheck(program: Command, { setExitCode }: CommandContext): void {
  const command = program.command("check")
    .description("say what is wrong with the database, also while Livecue runs")
    .action(async () => {
      const { config: { database } } = await readSettings(command.optsWithGlobals<GlobalOptions>());
      const { events, sessions, faults } = checkDatabase(database);
      const has = events === null || sessions === null
        ? "how much it has cannot be counted"
        : `${describeCount(events, "event")} of ${describeCount(sessions, "session")}`;
      if (faults.length === 0) {
        return print(`${database}: ${has}. Pages, rows, references and counts are right.`);
      }
      setExitCode(1);
      print([
        `${database}: ${has}. What is wrong:`,
        ...faults,
        "deno task livecue repair FILE copies what can be read into a new file.",
      ].join("\n"));
    });
}
