/** A write-ahead log that a dead process left, or a stranger: replayed where it belongs to the file, else set aside. */
import { basename } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { attempt, type LogMark, markInFile, mayReplay, readMark } from "./log_mark.ts";
import { freeName, isThere } from "./new_file.ts";
import { inspect } from "./open.ts";

/**
 * Renames a log that does not belong to the file, so that SQLite never replays it, and returns a sentence that says so;
 * null where there is nothing to set aside. The caller holds the database's lock. The file itself is not touched. Throws a
 * `UserError` where the file is not Livecue's: then nothing is.
 */
export function setAsideForeignLog(file: string): string | null {
  const log = `${file}-wal`;
  if (sizeOf(log) === 0) return null;
  inspect(file);
  if (fitsFile(file)) return null;
  const kept = setAsideLog(file);
  return `${log} is of another database than ${
    basename(file)
  }, or of an earlier state of it: a backup was put in ` +
    `its place, it seems. ${basename(file)} is used as it is, and the log is kept as ${kept}.`;
}

/** Renames the log beside the file and returns its new name. What SQLite keeps to share the log goes. */
export function setAsideLog(file: string): string {
  const kept = freeName(`${file}-wal.set-aside`);
  Deno.renameSync(`${file}-wal`, kept);
  removeLog(file);
  return kept;
}

/** Removes what there is of the log beside the file, with what SQLite keeps to share it. */
export function removeLog(file: string): void {
  for (const part of [`${file}-wal`, `${file}-shm`]) if (isThere(part)) Deno.removeSync(part);
}

/** Whether the log beside the file may be replayed into it; only reads. To be asked where nobody writes to the file. */
export function fitsFile(file: string): boolean {
  // SQLite itself deletes the log of an empty file.
  if (sizeOf(file) === 0) return false;
  const inFile = attempt(() => markInFile(file));
  // Power that was cut in a checkpoint has torn the file: only the log can mend it.
  if (inFile === undefined) return true;
  const withLog = attempt(() => markWithLog(file));
  return withLog !== undefined && mayReplay(withLog, inFile);
}

function markWithLog(file: string): LogMark | null {
  // Read-only: closing it cannot write the log into the file.
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return readMark(database);
  } finally {
    database.close();
  }
}

/** 0 where there is none. */
function sizeOf(path: string): number {
  return isThere(path) ? Deno.statSync(path).size : 0;
}
