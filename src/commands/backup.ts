import type { Command } from "commander";
import { describeCount } from "../faces/plain/plain_log.ts";
import { backUp } from "../store/backup.ts";
import { backUpReadings, copyOfReadings, existingReadings } from "./readings_file.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { print } from "./table.ts";

/** `backup`: copies the database, even while Livecue runs. */
export function addBackup(program: Command): void {
  const command = program.command("backup")
    .description("copy the databases to new files, even while Livecue runs")
    .argument("<file>", "the file to write; it must not exist")
    .action(async (file: string) => {
      const { config } = await readSettings(command.optsWithGlobals<GlobalOptions>());
      const { events, sessions, bytes } = backUp(config.database, file);
      const megabytes = (bytes / 1_000_000).toFixed(1);
      print(
        `${file} has ${describeCount(events, "event")} of ${describeCount(sessions, "session")} ` +
          `(${megabytes} MB). The copy was checked and is complete.`,
      );
      const readings = existingReadings(config.database);
      if (readings !== null) print(backUpReadings(readings, copyOfReadings(file)));
    });
}
