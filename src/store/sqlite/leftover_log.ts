/**
 * A write-ahead log that a crashed process or another database left: replayed if it belongs to the file, else set
 * aside.
 */
import { Buffer } from "node:buffer";
import { basename } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { t } from "../../language.ts";
import { attempt, type LogMark, markInFile, mayReplay, readMark } from "./log_mark.ts";
import { exists, freeName } from "../new_file.ts";
import { inspect } from "./open.ts";

/**
 * Renames a log that does not belong to the file, so that SQLite never replays it. Returns a sentence about it; null
 * if there is nothing to set aside. The caller holds the database's lock. The database file is not changed. Throws a
 * `UserError` if the file is not Livecue's; the log is not renamed then.
 */
export function setAsideForeignLog(file: string): string | null {
  const log = `${file}-wal`;
  if (sizeOf(log) === 0) return null;
  inspect(file);
  if (fitsFile(file)) return null;
  const kept = setAsideLog(file);
  return t`${log} does not belong to ${basename(file)}, or belongs to an earlier state of it. Perhaps ${
    basename(file)
  } was replaced with a backup. Livecue uses ${basename(file)} as it is and keeps the log as ${kept}.`;
}

/** Renames the file's log and returns the new name. Removes the shared-memory file of the log. */
export function setAsideLog(file: string): string {
  const kept = freeName(`${file}-wal.set-aside`);
  Deno.renameSync(`${file}-wal`, kept);
  removeLog(file);
  return kept;
}

/** Removes the file's log and its shared-memory file, if they exist. */
export function removeLog(file: string): void {
  for (const part of [`${file}-wal`, `${file}-shm`]) if (exists(part)) Deno.removeSync(part);
}

/** Whether the file's log may be replayed into it. Only reads. Call it only while nobody writes to the file. */
export function fitsFile(file: string): boolean {
  // SQLite deletes the log of an empty file.
  if (sizeOf(file) === 0) return false;
  const inFile = attempt(() => markInFile(file));
  // A power cut during a checkpoint has torn the file: only the log can fix it.
  if (inFile === undefined) return true;
  const withLog = attempt(() => markWithLog(file));
  if (withLog === undefined || !mayReplay(withLog, inFile)) return false;
  // Each log begins with a mark of its own. So a log with which the file's sealed mark is read has that mark itself, or
  // it is of a file whose mark has another place.
  const isFilesOwn = withLog !== null && withLog.isSealed && withLog.id === inFile.mark?.id;
  return !isFilesOwn || Buffer.from(Deno.readFileSync(`${file}-wal`)).includes(withLog.id);
}

function markWithLog(file: string): LogMark | null {
  // Read-only, so that closing it cannot write the log into the file.
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return readMark(database);
  } finally {
    database.close();
  }
}

/** 0 if there is no file. */
function sizeOf(path: string): number {
  return exists(path) ? Deno.statSync(path).size : 0;
}
