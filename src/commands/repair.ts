import { existsSync } from "node:fs";
import type { Command } from "commander";
import { counted, noun, t } from "../language.ts";
import { databaseFile } from "../store/sqlite/open.ts";
import { repairDatabase, type TableReport } from "../store/sqlite/repair.ts";
import { unsavedFile } from "../store/sqlite/unsaved.ts";
import type { CommandContext } from "./context.ts";
import { insteadOfRepair, refusePostgres } from "./file_only.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { print } from "./table.ts";

/** `repair`: copies all readable data of a damaged database into a new file. The exit code is 1 if anything is lost. */
export function addRepair(program: Command, { setExitCode }: CommandContext): void {
  const command = program.command("repair")
    .description(t`copy all readable data of a damaged database into a new file`)
    .argument("<file>", t`the file to write; it must not exist`)
    .action(async (file: string) => {
      const { config: { database } } = await readSettings(command.optsWithGlobals<GlobalOptions>());
      refusePostgres(database, insteadOfRepair);
      const { tables, faults } = repairDatabase(database, file);
      const isWhole = tables.every(({ dropped, unreadable }) => dropped === 0 && unreadable.length === 0);
      if (!isWhole || faults.length > 0) setExitCode(1);
      print([
        ...tables.map(describeTable),
        ...faults.map((fault) => t`Still wrong: ${fault}`),
        t`${file} is the new database; ${database} was not changed. To use the new one, start with --database ${file}, or replace ${database} with it while Livecue is not running.`,
        ...unsavedLine(database, file),
      ].join("\n"));
    });
}

function unsavedLine(database: string, file: string): string[] {
  const unsaved = unsavedFile(databaseFile(database));
  if (!existsSync(unsaved)) return [];
  return [
    t`${unsaved} contains data that the last stop could not store. To keep it, replace ${database} with ${file}: the next start then stores it.`,
  ];
}

function describeTable({ table, saved, fixed, dropped, unreadable }: TableReport): string {
  const parts = [t`${counted(saved, noun("row"))} saved`];
  if (fixed > 0) parts.push(t`a broken value replaced in ${fixed} of them`);
  if (dropped > 0) {
    parts.push(t`${counted(dropped, noun("row"))} dropped: rows that they refer to are missing`);
  }
  if (unreadable.length > 0) parts.push(t`unreadable: ${shortened(unreadable)}`);
  return `${table}: ${parts.join("; ")}.`;
}

/** The most places that are listed. */
const namedPlaces = 20;

function shortened(places: readonly string[]): string {
  const more = places.length - namedPlaces;
  const named = places.slice(0, namedPlaces).join(", ");
  return more > 0 ? t`${named}, and ${more} more places` : named;
}
