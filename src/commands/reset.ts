import type { Command } from "commander";
import { t } from "../language.ts";
import { deleteDatabase } from "../store/sqlite/delete.ts";
import { UserError } from "../user_error.ts";
import { deleteReadings, existingReadings } from "./readings_file.ts";
import { insteadOfReset, refusePostgres } from "./file_only.ts";
import { exists, type GlobalOptions, readSettings } from "./settings.ts";
import { agrees } from "./question.ts";
import { print } from "./table.ts";

/** `reset`: deletes the database after a confirmation. */
export function addReset(program: Command): void {
  const command = program.command("reset")
    .description(t`delete the database, with all sessions and events`)
    .option("--yes", t`do not ask`)
    .action(async () => {
      const options = command.optsWithGlobals<GlobalOptions & { yes?: boolean }>();
      const { config: { database } } = await readSettings(options);
      refusePostgres(database, insteadOfReset);
      const readings = existingReadings(database);
      if (!(await exists(database)) && readings === null) {
        print(t`There is no database at ${database}: nothing to delete.`);
        return;
      }
      if (!options.yes && !asks(database, readings)) {
        print(t`Nothing was deleted.`);
        return;
      }
      // Throws before anything is deleted if a process uses the database.
      if (await exists(database)) deleteDatabase(database);
      if (readings !== null) deleteReadings(readings);
      print(
        readings === null
          ? t`${database} was deleted. The config was not changed.`
          : t`${database} and ${readings} were deleted. The config was not changed.`,
      );
    });
}

function asks(database: string, readings: string | null): boolean {
  if (!Deno.stdin.isTerminal()) {
    throw new UserError(t`reset asks before it deletes, but there is no terminal. Add --yes.`);
  }
  return agrees(
    readings === null
      ? t`Delete ${database} with all sessions and events in it? Type yes to delete:`
      : t`Delete ${database} with all sessions and events in it, and ${readings} with all readings? Type yes to delete:`,
  );
}
