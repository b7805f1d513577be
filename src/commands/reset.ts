import type { Command } from "commander";
import { deleteDatabase } from "../store/delete.ts";
import { UserError } from "../user_error.ts";
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
      if (!(await exists(database))) {
        print(`There is no database at ${database}: nothing to delete.`);
        return;
      }
      if (!options.yes && !asks(database)) {
        print("Nothing was deleted.");
        return;
      }
      deleteDatabase(database);
      print(`${database} was deleted. The config was not changed.`);
    });
}

function asks(database: string): boolean {
  if (!Deno.stdin.isTerminal()) {
    throw new UserError("reset asks before it deletes, but there is no terminal. Add --yes.");
  }
  const answer = prompt(`Delete ${database} with all sessions and events in it? Type yes to delete:`);
  return answer?.trim().toLowerCase() === "yes";
}
