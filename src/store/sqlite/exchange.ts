/**
 * Puts files and folders that are complete in the place of others. A note beside the database lists them before the
 * first one moves. So whenever Livecue is killed, either nothing has changed, or the next owner of the database
 * completes the exchange. The old files keep a second name.
 */
import { dirname } from "node:path";
import { removeLog } from "./leftover_log.ts";
import { exists, freeName, makeNewFile, syncFolder } from "../new_file.ts";
import { unsavedFile } from "./unsaved.ts";

/** Absolute paths on the same disk. */
export interface Exchange {
  copy: string;
  place: string;
}

/** Returns, for each exchange, the new name of what was in the place; null if there was nothing. */
export function exchangeAll(database: string, exchanges: readonly Exchange[]): (string | null)[] {
  const note = noteOf(database);
  makeNewFile(note, (temporary) => Deno.writeTextFileSync(temporary, JSON.stringify(exchanges)));
  const kept = exchanges.map(({ copy, place }) => exchange(copy, place));
  Deno.removeSync(note);
  return kept;
}

/** Completes an exchange that was interrupted. Returns whether there was one. Only the database's owner calls it. */
export function completeExchange(database: string): boolean {
  const note = noteOf(database);
  if (!exists(note)) return false;
  for (const { copy, place } of JSON.parse(Deno.readTextFileSync(note)) as Exchange[]) {
    if (exists(copy)) exchange(copy, place);
    else removeOldParts(place);
  }
  Deno.removeSync(note);
  return true;
}

/** Puts `copy` in the place of `place`, which nobody has open. Returns the new name of the old one; null without one. */
export function exchange(copy: string, place: string): string | null {
  const isFolder = exists(copy) && Deno.lstatSync(copy).isDirectory;
  const kept = isFolder ? moveAway(place) : linkAway(place);
  Deno.renameSync(copy, place);
  syncFolder(dirname(place));
  removeOldParts(place);
  return kept;
}

/** What belongs to the file that was in the place before. */
function removeOldParts(place: string): void {
  removeLog(place);
  if (exists(unsavedFile(place))) Deno.removeSync(unsavedFile(place));
}

/** A folder can have only one name. */
function moveAway(place: string): string | null {
  if (!exists(place)) return null;
  const kept = freeName(`${place}.replaced`);
  Deno.renameSync(place, kept);
  return kept;
}

/** The place always has a file. */
function linkAway(place: string): string | null {
  if (!exists(place)) return null;
  const kept = freeName(`${place}.replaced`);
  alsoCall(unsavedFile(place), unsavedFile(kept));
  alsoCall(`${place}-wal`, `${kept}-wal`);
  alsoCall(place, kept);
  return kept;
}

/** A second name of the same file; a copy, where the file system has no links. */
function alsoCall(file: string, name: string): void {
  if (!exists(file)) return;
  try {
    Deno.linkSync(file, name);
  } catch {
    Deno.copyFileSync(file, name);
  }
}

function noteOf(database: string): string {
  return `${database}.exchange`;
}
