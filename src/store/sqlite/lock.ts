/**
 * One process at a time owns a database. It holds an operating system lock on a file next to the database, which ends
 * with the process, even in a crash. The pid in a second file only tells people who holds the lock. The lock file
 * stays when the lock is released: removing it would let two processes lock two files of the same name.
 */
import { t } from "../../language.ts";
import { UserError } from "../../user_error.ts";

export interface Lock {
  /** May be called repeatedly. */
  release(): void;
}

/** Locks a database. Throws a `UserError` that names the owner if it is locked. */
export function lockDatabase(databaseFile: string): Lock {
  const lockFile = `${databaseFile}.lock`;
  const pidFile = `${databaseFile}.lock.pid`;
  const file = openLockFile(lockFile);
  if (!tryLock(file, lockFile)) {
    file.close();
    throw inUse(databaseFile, ownerOf(pidFile));
  }
  ignoringFailure(() => Deno.writeTextFileSync(pidFile, `${Deno.pid}\n`));

  let isHeld = true;
  return {
    release() {
      if (!isHeld) return;
      isHeld = false;
      ignoringFailure(() => Deno.removeSync(pidFile));
      // Closing is not enough: a child process that is just starting shares the open file for a moment.
      ignoringFailure(() => file.unlockSync());
      file.close();
    },
  };
}

/** Throws what `lockDatabase` throws if another process owns the database. */
export function checkFree(databaseFile: string): void {
  const owner = ownerOfDatabase(databaseFile);
  if (owner !== null) throw inUse(databaseFile, owner);
}

function inUse(databaseFile: string, owner: string): UserError {
  return new UserError(
    t`${databaseFile} is in use by another Livecue (process ${owner}). Stop that one first, or name another database with --database. "sessions", "events" and "queue" can read it in the meantime.`,
  );
}

/** The process that owns the database, as "4711" or "unknown"; null if none does. Does not lock it. */
export function ownerOfDatabase(databaseFile: string): string | null {
  const lockFile = `${databaseFile}.lock`;
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(lockFile, { read: true });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw new UserError(t`${lockFile} cannot be read (${messageOf(error)}). Allow reading it.`, {
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
      t`${lockFile} cannot be opened (${messageOf(error)}). Allow writing to the database's folder.`,
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
      t`${lockFile} cannot be locked (${messageOf(error)}). Put the database on a local disk.`,
      {
        cause: error,
      },
    );
  }
}

/** The pid file only informs people: the lock works without it, as when the disk is full. */
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
    // The owner is starting or stopping.
    return "unknown";
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
