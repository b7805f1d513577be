import type { Command } from "commander";
import { counted, noun, t } from "../language.ts";
import { backUp } from "../store/sqlite/backup.ts";
import { refuseExisting } from "../store/new_file.ts";
import type { CommandContext } from "./context.ts";
import { backUpReadings, copyOfReadings, existingReadings } from "./readings_file.ts";
import { backUpData, copyOfData, hasData } from "./service_data.ts";
import { insteadOfBackup, refusePostgres } from "./file_only.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { print } from "./table.ts";

/** `backup`: copies the databases and what services keep, even while Livecue runs. */
export function addBackup(program: Command, { setExitCode }: CommandContext): void {
  const command = program.command("backup")
    .description(t`copy the databases and the services' data to new files, even while Livecue runs`)
    .argument("<file>", t`the file to write; it must not exist`)
    .action(async (file: string) => {
      const { config: { database, dataFolder } } = await readSettings(
        command.optsWithGlobals<GlobalOptions>(),
      );
      refusePostgres(database, insteadOfBackup);
      for (const target of [file, copyOfReadings(file), copyOfData(file)]) refuseExisting(target);
      const { events, sessions, bytes } = backUp(database, file);
      const megabytes = (bytes / 1_000_000).toFixed(1);
      print(
        t`${file} has ${counted(events, noun("event"))} of ${
          counted(sessions, noun("session"))
        } (${megabytes} MB). The copy was checked and is complete.`,
      );
      const readings = existingReadings(database);
      if (readings !== null) print(backUpReadings(readings, copyOfReadings(file)));
      // After the database: an item that is done there has left its traces in its service's data.
      if (hasData(dataFolder)) tellData(backUpData(dataFolder, copyOfData(file)), setExitCode);
    });
}

function tellData(
  { sentence, faults }: { sentence: string; faults: string[] },
  setExitCode: CommandContext["setExitCode"],
): void {
  if (faults.length === 0) return print(`${sentence} ${t`The databases were checked and are complete.`}`);
  print([`${sentence} ${t`Problems:`}`, ...faults].join("\n"));
  setExitCode(1);
}
