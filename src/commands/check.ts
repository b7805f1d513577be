import type { Command } from "commander";
import { describeCount } from "../faces/plain/plain_log.ts";
import { checkDatabase } from "../store/check.ts";
import type { CommandContext } from "./context.ts";
import { checkReadingsOf, existingReadings } from "./readings_file.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { print } from "./table.ts";

/** `check`: reports what is wrong with the database. The exit code is 1 if anything is. */
export function addCheck(program: Command, { setExitCode }: CommandContext): void {
  const command = program.command("check")
    .description("report what is wrong with the database, even while Livecue runs")
    .action(async () => {
      const { config: { database } } = await readSettings(command.optsWithGlobals<GlobalOptions>());
      const { events, sessions, faults } = checkDatabase(database);
      const has = events === null || sessions === null
        ? "its rows cannot be counted"
        : `${describeCount(events, "event")} of ${describeCount(sessions, "session")}`;
      checkReadings(database, setExitCode);
      if (faults.length === 0) {
        return print(`${database}: ${has}. Pages, rows, references and counts are correct.`);
      }
      setExitCode(1);
      print([
        `${database}: ${has}. Problems:`,
        ...faults,
        "deno task livecue repair FILE copies all readable data into a new file.",
      ].join("\n"));
    });
}

function checkReadings(database: string, setExitCode: CommandContext["setExitCode"]): void {
  const file = existingReadings(database);
  if (file === null) return;
  const { sentence, faults } = checkReadingsOf(file);
  print([sentence, ...faults].join("\n"));
  if (faults.length > 0) setExitCode(1);
}
