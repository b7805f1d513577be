/** `restore`: puts a backup in the place of what there is, after a confirmation. The old files are kept. */
import type { Command } from "commander";
import { counted, noun, t } from "../language.ts";
import { exists } from "../store/new_file.ts";
import { restoreDatabase, type RestorePlan } from "../store/sqlite/restore.ts";
import { UserError } from "../user_error.ts";
import { copyOfReadings, restoredReadings } from "./readings_file.ts";
import { copyOfData, restoredData } from "./service_data.ts";
import { insteadOfRestore, refusePostgres } from "./file_only.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { agrees } from "./question.ts";
import { print } from "./table.ts";

interface RestoreOptions extends GlobalOptions {
  yes?: boolean;
}

export function addRestore(program: Command): void {
  const command = program.command("restore")
    .description(t`put a backup in the place of the databases and the services' data, and keep the old ones`)
    .argument("<file>", t`a file that backup wrote`)
    .option("--yes", t`do not ask`)
    .action(async (file: string) => {
      const options = command.optsWithGlobals<RestoreOptions>();
      const { config: { database, dataFolder } } = await readSettings(options);
      refusePostgres(database, insteadOfRestore);
      const [readings, data] = [copyOfReadings(file), copyOfData(file)];
      const others = [
        ...exists(readings) ? [restoredReadings(readings, database)] : [],
        ...exists(data) ? [restoredData(data, dataFolder)] : [],
      ];
      const places = [database, ...others.map(({ place }) => place)];
      const kept = restoreDatabase(file, database, {
        others,
        isConfirmed: (plan) => {
          print(planText(file, plan, places));
          return options.yes || !places.some(exists) || isConfirmed();
        },
      });
      if (kept === undefined) return print(t`Nothing was changed.`);
      [file, readings, data].filter(exists).forEach((from, i) => {
        print(t`${from} is now ${places[i]}.` + keptText(kept[i] ?? null));
      });
      if (!exists(data) && exists(dataFolder)) {
        print(t`There is no ${data}, so ${dataFolder} with the data of the services was not changed.`);
      }
    });
}

function planText(file: string, { sessions, events }: RestorePlan, places: readonly string[]): string {
  const [what, whose] = [counted(events, noun("event")), counted(sessions, noun("session"))];
  const has = t`${file} was checked: it has ${what} of ${whose}.`;
  const replaced = places.filter(exists);
  return replaced.length === 0
    ? has
    : `${has} ${t`It will replace ${replaced.join(", ")}; what is there stays, with another name.`}`;
}

function isConfirmed(): boolean {
  if (!Deno.stdin.isTerminal()) {
    throw new UserError(
      t`restore asks before it replaces the database, but there is no terminal. Add --yes.`,
    );
  }
  return agrees(t`Type yes to replace:`);
}

function keptText(kept: string | null): string {
  if (kept === null) return "";
  return ` ${isFolder(kept) ? t`The old folder is ${kept}.` : t`The old database is ${kept}.`}`;
}

function isFolder(path: string): boolean {
  return Deno.statSync(path).isDirectory;
}
