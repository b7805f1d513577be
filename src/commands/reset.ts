import type { Command } from "commander";
import { deleteDatabase } from "../store/delete.ts";
import { UserError } from "../user_error.ts";
import { deleteReadings, existingReadings } from "./readings_file.ts";
import { exists, type GlobalOptions, readSettings } from "./settings.ts";
import { print } from "./table.ts";

/** `reset`: deletes the database after a confirmation. */
export function addReset(program: Command): void {
  const command = program.command("reset")
    .description("delete the database, with all sessions and events")
    .option("--yes", "do not ask")
    .action(async () => {
      const options = command.optsWithGlobals<GlobalOptions & { yes?: boolean }>();
      const { config: { database } } = await readSettings(options);
      const readings = existingReadings(database);
      if (!(await exists(database)) && readings === null) {
        print(`There is no database at ${database}: nothing to delete.`);
        return;
      }
      if (!options.yes && !asks(database, readings)) {
        print("Nothing was deleted.");
        return;
      }
      // Throws before anything is deleted if a process uses the database.
      if (await exists(database)) deleteDatabase(database);
      if (readings !== null) deleteReadings(readings);
      const deleted = readings === null ? `${database} was` : `${database} and ${readings} were`;
      print(`${deleted} deleted. The config was not changed.`);
    });
}

function asks(database: string, readings: string | null): boolean {
  if (!Deno.stdin.isTerminal()) {
    throw new UserError("reset asks before it deletes, but there is no terminal. Add --yes.");
  }
  const also = readings === null ? "" : `, and ${readings} with all readings`;
  const answer = prompt(`Delete ${database} with all sessions and events in it${also}? Type yes to delete:`);
  return answer?.trim().toLowerCase() === "yes";
}
