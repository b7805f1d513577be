import type { Command } from "commander";
import { databaseShown, isPostgresAddress, localDatabase } from "../database_address.ts";
import { counted, noun, t } from "../language.ts";
import { checkDatabase } from "../store/sqlite/check.ts";
import type { CheckReport } from "../store/faults.ts";
import type { CommandContext } from "./context.ts";
import { withReader } from "./reading.ts";
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
      const isServer = isPostgresAddress(database);
      const name = isServer ? databaseShown(database) : database;
      const { events, sessions, faults } = isServer ? await checkOnServer(database) : checkDatabase(database);
      const has = events === null || sessions === null
        ? t`${name}: its rows cannot be counted.`
        : t`${name}: ${counted(events, noun("event"))} of ${counted(sessions, noun("session"))}.`;
      checkReadings(localDatabase(config), setExitCode);
      if (faults.length === 0) {
        return print(
          isServer
            ? `${has} ${t`Rows, references and counts are correct.`} ${insteadOfPages()}`
            : `${has} ${t`Pages, rows, references and counts are correct.`}`,
        );
      }
      setExitCode(1);
      print([
        `${has} ${t`Problems:`}`,
        ...faults,
        isServer
          ? t`Another program has changed these rows, or a disk has damaged them. pg_dump makes copies to restore.`
          : t`deno task livecue repair FILE copies all readable data into a new file.`,
      ].join("\n"));
    });
}

async function checkOnServer(address: string): Promise<CheckReport> {
  const { checkServer } = await import("../store/postgres/check.ts");
  let report: CheckReport | null = null;
  await withReader(address, (_, { query }) => void (report = checkServer(query)));
  return report!;
}

/** The pages are the server's. */
function insteadOfPages(): string {
  return t`PostgreSQL's own program pg_amcheck checks its pages.`;
}

function checkReadings(show: string, setExitCode: CommandContext["setExitCode"]): void {
  const file = existingReadings(show);
  if (file === null) return;
  const { sentence, faults } = checkReadingsOf(file);
  print([sentence, ...faults].join("\n"));
  if (faults.length > 0) setExitCode(1);
}
