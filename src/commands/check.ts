import type { Command } from "commander";
import { localDatabase } from "../database_address.ts";
import { counted, noun, t } from "../language.ts";
import { checkDatabase } from "../store/sqlite/check.ts";
import type { CommandContext } from "./context.ts";
import { insteadOfCheck, refusePostgres } from "./file_only.ts";
import { checkReadingsOf, existingReadings } from "./readings_file.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { print } from "./table.ts";

/** `check`: reports what is wrong with the database. The exit code is 1 if anything is. */
export function addCheck(program: Command, { setExitCode }: CommandContext): void {
  const command = program.command("check")
    .description(t`report what is wrong with the database, even while Livecue runs`)
    .action(async () => {
      const { config } = await readSettings(command.optsWithGlobals<GlobalOptions>());
      const { database } = config;
      refusePostgres(database, insteadOfCheck);
      const { events, sessions, faults } = checkDatabase(database);
      const has = events === null || sessions === null
        ? t`${database}: its rows cannot be counted.`
        : t`${database}: ${counted(events, noun("event"))} of ${counted(sessions, noun("session"))}.`;
      checkReadings(localDatabase(config), setExitCode);
      if (faults.length === 0) {
        return print(`${has} ${t`Pages, rows, references and counts are correct.`}`);
      }
      setExitCode(1);
      print([
        `${has} ${t`Problems:`}`,
        ...faults,
        t`deno task livecue repair FILE copies all readable data into a new file.`,
      ].join("\n"));
    });
}

function checkReadings(show: string, setExitCode: CommandContext["setExitCode"]): void {
  const file = existingReadings(show);
  if (file === null) return;
  const { sentence, faults } = checkReadingsOf(file);
  print([sentence, ...faults].join("\n"));
  if (faults.length > 0) setExitCode(1);
}
