/**
 * One process at a time owns a database. The lock is the system's, on a file beside the database, and ends
 * with the process however it dies; the pid in a second file only tells a person who has it. The lock file
 * stays when the lock is released: to remove it would let two processes lock two files of one name.
 */
import { UserError } from "../user_error.ts";

export interface Lock {
  /** May be called again. */
  release(): void;
}

/** Takes the owner's lock of a database. Throws a `UserError` that says who has it. */
export function lockDatabase(databaseFile: string): Lock {
  const lockFile = `${databaseFile}.lock`;
  const pidFile = `${databaseFile}.lock.pid`;
  const file = openLockFile(lockFile);
  if (!tryLock(file, lockFile)) {
    file.close();
    throw new UserError(
      `${databaseFile} is in use by another Livecue (process ${
        ownerOf(pidFile)
      }). Stop that one first, or name ` +
        `another database with --database. Looking into it with "sessions", "events" and "queue" works meanwhile.`,
    );
  }
  ignoringFailure(() => Deno.writeTextFileSync(pidFile, `${Deno.pid}\n`));

  let isHeld = true;
  return {
    release() {
      if (!isHeld) return;
      isHeld = false;
      ignoringFailure(() => Deno.removeSync(pidFile));
      // Closing is not enough: a program that is just being started shares the open file for a moment.
      ignoringFailure(() => file.unlockSync());
      file.close();
    },
  };
}

/** The process that owns the database, as "4711" or "unknown"; null where none does. Takes nothing for itself. */
export function ownerOfDatabase(databaseFile: string): string | null {
  const lockFile = `${databaseFile}.lock`;
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(lockFile, { read: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new UserError(`${lockFile} cannot be read (${messageOf(error)}). Allow reading it.`, {
      cause: error,
    });
  }
  const isFree = tryLock(file, lockFile, { isExclusive: false });
  if (isFree) file.unlockSync();
  file.close();
  return isFree ? null : ownerOf(`${databaseFile}.lock.pid`);
}

function openLockFile(lockFile: string): Deno.FsFile {
  try {
    return Deno.openSync(lockFile, { read: true, write: true, create: true });
  } catch (error) {
    throw new UserError(
      `${lockFile} cannot be opened (${messageOf(error)}). Allow writing to the database's folder.`,
      { cause: error },
    );
  }
}

function tryLock(file: Deno.FsFile, lockFile: string, { isExclusive = true } = {}): boolean {
  try {
    return file.tryLockSync(isExclusive);
  } catch (error) {
    file.close();
    throw new UserError(
      `${lockFile} cannot be locked (${messageOf(error)}). Put the database on a local disk.`,
      {
        cause: error,
      },
    );
  }
}

/** The pid is a note for people: without it (a full disk, a tidy person) the lock is as good. */
function ignoringFailure(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
}

function ownerOf(pidFile: string): string {
  try {
    return Deno.readTextFileSync(pidFile).trim() || "unknown";
  } catch {
    // The owner is just starting or stopping.
    return "unknown";
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
