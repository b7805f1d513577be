import { existsSync } from "node:fs";
import type { Command } from "commander";
import { describeCount } from "../faces/plain/plain_log.ts";
import { databaseFile } from "../store/open.ts";
import { repairDatabase, type TableReport } from "../store/repair.ts";
import { unsavedFile } from "../store/unsaved.ts";
import type { CommandContext } from "./context.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { print } from "./table.ts";

/** `repair`: what can be read of a damaged database, in a new file; exit code 1 where something is lost. */
export function addRepair(program: Command, { setExitCode }: CommandContext): void {
  const command = program.command("repair")
    .description("copy what can be read of a damaged database into a new file")
    .argument("<file>", "the file to write; it must not exist")
    .action(async (file: string) => {
      const { config: { database } } = await readSettings(command.optsWithGlobals<GlobalOptions>());
      const { tables, faults } = repairDatabase(database, file);
      const isWhole = tables.every(({ dropped, unreadable }) => dropped === 0 && unreadable.length === 0);
      if (!isWhole || faults.length > 0) setExitCode(1);
      print([
        ...tables.map(describeTable),
        ...faults.map((fault) => `Still wrong: ${fault}`),
        `${file} is the new database; ${database} is as it was. Start with it by --database ${file}, ` +
        "or put it in the other's place while Livecue is not running.",
        ...unsavedLine(database, file),
      ].join("\n"));
    });
}

function unsavedLine(database: string, file: string): string[] {
  const unsaved = unsavedFile(databaseFile(database));
  if (!existsSync(unsaved)) return [];
  return [
    `${unsaved} has what the last stop could not store: put ${file} in the other's place, so that the next ` +
    "start takes that in as well.",
  ];
}

function describeTable({ table, saved, fixed, dropped, unreadable }: TableReport): string {
  const parts = [`${describeCount(saved, "row")} saved`];
  if (fixed > 0) parts.push(`a broken value replaced in ${fixed} of them`);
  if (dropped > 0) parts.push(`${describeCount(dropped, "row")} left out: what they need is missing`);
  if (unreadable.length > 0) parts.push(`unreadable: ${shortened(unreadable)}`);
  return `${table}: ${parts.join("; ")}.`;
}

/** Places that are named one by one. */
const namedPlaces = 20;

function shortened(places: readonly string[]): string {
  const more = places.length - namedPlaces;
  return places.slice(0, namedPlaces).join(", ") + (more > 0 ? `, and ${more} more places` : "");
}
