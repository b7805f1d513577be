/**
 * Copies a folder in which services keep databases and other files, even while they are at work. Each SQLite database
 * is copied as it is at one moment, and the copy is checked.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { t } from "../../language.ts";
import { exists } from "../new_file.ts";
import { isSqliteError } from "./trouble.ts";

export interface FolderCopy {
  /** All files, with the databases. */
  files: number;
  databases: number;
  bytes: number;
  /** A sentence for each file that could not be copied as a whole. */
  faults: string[];
}

/** The first bytes of each SQLite database. */
const sqliteHeader = "SQLite format 3\0";
/** What SQLite keeps beside a database while it is open, or after a crash. A copy needs none of it. */
const logEnds = ["-wal", "-shm", "-journal"];
const busyLimitMs = 5_000;

/**
 * Copies to a folder that does not exist. A database that cannot be read is copied byte by byte, and named. A link is
 * copied as a link. Throws Deno's errors, as for a full disk.
 */
export function copyFolder(from: string, to: string): FolderCopy {
  const copy: FolderCopy = { files: 0, databases: 0, bytes: 0, faults: [] };
  copyEntries(from, to, copy);
  return copy;
}

/** A database in the folder that a process has open; null if there is none. Call it while no Livecue runs. */
export function databaseInUse(folder: string): string | null {
  for (const path of filesIn(folder)) if (isDatabase(path) && isOpenElsewhere(path)) return path;
  return null;
}

function* filesIn(folder: string): Generator<string> {
  if (!exists(folder)) return;
  for (const { name, isFile, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* filesIn(join(folder, name));
    else if (isFile) yield join(folder, name);
  }
}

function copyEntries(from: string, to: string, copy: FolderCopy): void {
  Deno.mkdirSync(to);
  const entries = [...Deno.readDirSync(from)];
  const names = new Set(entries.map(({ name }) => name));
  for (const { name, isFile, isDirectory, isSymlink } of entries) {
    const [source, target] = [join(from, name), join(to, name)];
    if (isDirectory) copyEntries(source, target, copy);
    else if (isSymlink) Deno.symlinkSync(Deno.readLinkSync(source), target);
    else if (isFile && !isLogOf(name, names, from)) copyFile(source, target, copy);
  }
}

function isLogOf(name: string, names: ReadonlySet<string>, folder: string): boolean {
  const end = logEnds.find((each) => name.endsWith(each));
  const owner = end === undefined ? "" : name.slice(0, -end.length);
  return names.has(owner) && isDatabase(join(folder, owner));
}

function copyFile(source: string, target: string, copy: FolderCopy): void {
  const fault = isDatabase(source) ? copyDatabase(source, target) : undefined;
  if (fault === null) copy.databases += 1;
  else {
    if (fault !== undefined) {
      copy.faults.push(t`${source} cannot be read as a database (${fault}), so it was copied byte by byte.`);
    }
    copyBytes(source, target);
    if (fault !== undefined) { for (const end of logEnds) copyBytes(source + end, target + end); }
  }
  if (!exists(target)) return;
  copy.files += 1;
  copy.bytes += Deno.statSync(target).size;
}

/** Returns why it could not be copied; null if it was. */
function copyDatabase(source: string, target: string): string | null {
  try {
    using database = new DatabaseSync(source, { readOnly: true, timeout: busyLimitMs });
    database.prepare("VACUUM INTO ?").run(target);
    using written = new DatabaseSync(target, { readOnly: true });
    const found = String(written.prepare("PRAGMA integrity_check(1)").get()?.["integrity_check"]);
    if (found === "ok") return null;
    Deno.removeSync(target);
    return found;
  } catch (error) {
    if (!isSqliteError(error)) throw error;
    if (exists(target)) Deno.removeSync(target);
    return (error as Error).message;
  }
}

/** False if the file is gone, as a log that was no longer needed. */
function isDatabase(path: string): boolean {
  if (!exists(path)) return false;
  const start = new Uint8Array(sqliteHeader.length);
  using file = Deno.openSync(path);
  file.readSync(start);
  return new TextDecoder().decode(start) === sqliteHeader;
}

/** With this mode, SQLite reads a database only if nobody else has it open. */
function isOpenElsewhere(path: string): boolean {
  try {
    using database = new DatabaseSync(path);
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    database.exec("BEGIN EXCLUSIVE; ROLLBACK");
    return false;
  } catch (error) {
    if (!isSqliteError(error)) throw error;
    return /locked/.test((error as Error).message);
  }
}

/** Nothing, if the file does not exist: a service may remove a file at any moment. */
function copyBytes(source: string, target: string): void {
  try {
    Deno.copyFileSync(source, target);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
