/** `restore`: puts a backup in the place of the database, after a confirmation. The old one is kept. */
import type { Command } from "commander";
import { describeCount } from "../faces/plain/plain_log.ts";
import { restoreDatabase, type RestorePlan } from "../store/restore.ts";
import { exists } from "../store/new_file.ts";
import { UserError } from "../user_error.ts";
import { copyOfReadings, restoreReadings } from "./readings_file.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { print } from "./table.ts";

export function addRestore(program: Command): void {
  const command = program.command("restore")
    .description("put a backup in the place of the database, and keep the old one")
    .argument("<file>", "a file that backup wrote")
    .option("--yes", "do not ask")
    .action(async (file: string) => {
      const options = command.optsWithGlobals<GlobalOptions & { yes?: boolean }>();
      const { config: { database } } = await readSettings(options);
      const readings = copyOfReadings(file);
      const ask = (plan: RestorePlan) => {
        print(planText(plan, { file, database, hasReadings: exists(readings) }));
        return options.yes || !plan.replaces || isConfirmed();
      };
      const restored = restoreDatabase(file, database, ask);
      if (restored === undefined) return print("Nothing was changed.");
      print(`${file} is now ${database}.${keptText(restored.kept)}`);
      if (exists(readings)) print(restoreReadings(readings, database));
    });
}

function planText(
  { sessions, events, replaces }: RestorePlan,
  { file, database, hasReadings }: { file: string; database: string; hasReadings: boolean },
): string {
  const has = `${file} was checked: it has ${describeCount(events, "event")} of ${
    describeCount(sessions, "session")
  }`;
  if (!replaces) return `${has}.`;
  return `${has}. It will replace ${database}${hasReadings ? " and its readings" : ""}; the old files stay.`;
}

function isConfirmed(): boolean {
  if (!Deno.stdin.isTerminal()) {
    throw new UserError("restore asks before it replaces the database, but there is no terminal. Add --yes.");
  }
  return prompt("Type yes to replace:")?.trim().toLowerCase() === "yes";
}

function keptText(kept: string | null): string {
  return kept === null ? "" : ` The old database is ${kept}.`;
}
