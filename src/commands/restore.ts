/** `restore`: puts a backup in the place of what there is, after a confirmation. The old files are kept. */
import type { Command } from "commander";
import { describeCount } from "../faces/plain/plain_log.ts";
import { exists } from "../store/new_file.ts";
import { restoreDatabase, type RestorePlan } from "../store/restore.ts";
import { UserError } from "../user_error.ts";
import { copyOfReadings, restoredReadings } from "./readings_file.ts";
import { copyOfData, restoredData } from "./service_data.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { print } from "./table.ts";

interface RestoreOptions extends GlobalOptions {
  yes?: boolean;
}

export function addRestore(program: Command): void {
  const command = program.command("restore")
    .description("put a backup in the place of the databases and the services' data, and keep the old ones")
    .argument("<file>", "a file that backup wrote")
    .option("--yes", "do not ask")
    .action(async (file: string) => {
      const options = command.optsWithGlobals<RestoreOptions>();
      const { config: { database, dataFolder } } = await readSettings(options);
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
      if (kept === undefined) return print("Nothing was changed.");
      [file, readings, data].filter(exists).forEach((from, i) => {
        print(`${from} is now ${places[i]}.${keptText(kept[i] ?? null)}`);
      });
      if (!exists(data) && exists(dataFolder)) {
        print(`There is no ${data}, so ${dataFolder} with the data of the services was not changed.`);
      }
    });
}

function planText(file: string, { sessions, events }: RestorePlan, places: readonly string[]): string {
  const has = `${file} was checked: it has ${describeCount(events, "event")} of ${
    describeCount(sessions, "session")
  }.`;
  const replaced = places.filter(exists);
  return replaced.length === 0
    ? has
    : `${has} It will replace ${replaced.join(", ")}; what is there stays, with another name.`;
}

function isConfirmed(): boolean {
  if (!Deno.stdin.isTerminal()) {
    throw new UserError("restore asks before it replaces the database, but there is no terminal. Add --yes.");
  }
  return prompt("Type yes to replace:")?.trim().toLowerCase() === "yes";
}

function keptText(kept: string | null): string {
  return kept === null ? "" : ` The old ${isFolder(kept) ? "folder" : "database"} is ${kept}.`;
}

function isFolder(path: string): boolean {
  return Deno.statSync(path).isDirectory;
}
