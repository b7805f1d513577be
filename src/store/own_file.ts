/**
 * The database file that was opened, watched for as long as it is written to. Before each commit one look at its name
 * says whether that is still the same file: it costs 2 µs where a commit takes 15 and more. Livecue alone takes the
 * write-ahead log back into it, so that a change of the file that is not Livecue's own is seen.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import { Checkpointer } from "./checkpointer.ts";
import { removeLog, setAsideLog } from "./leftover_log.ts";
import {
  attempt,
  type LogMark,
  markInFile,
  markText,
  mayReplay,
  newMark,
  readMark,
  saveMarkSql,
  schemaVersionOf,
  TornMarkError,
} from "./log_mark.ts";
import { inTransaction } from "./schema.ts";
import { ForeignFileError } from "./trouble.ts";

export interface OwnFileOptions {
  /** The name by which it was opened; links are followed at each look. */
  path: string;
  /** Its own name, beside which its log lies. */
  file: string;
  database: DatabaseSync;
  /**
   * normal: the log is taken back in a thread of its own, and commits do what it leaves. full: each commit waits for
   * the disk as it is, and a thread that waits beside it made a flood 8 % slower.
   */
  durability: "normal" | "full";
  clock: Clock;
  /** Told what a person should know, once each. */
  tell: (sentence: string) => void;
}

/** Pages in the log from which on it is taken back into the file. */
const pagesToTakeBack = 1_000;

/** From so many pages on a commit takes back what the thread has left, so that the log begins anew: 16 MB. */
const pagesLeftToCommits = 4_000;

/** From so many on, whatever it has left: the disk does not keep pace with a flood, and is waited for. */
const mostPages = 16_000;

/** The log is looked at after so many operations, or at the first commit after so long. */
const operationsBetweenLooks = 64;
const longestBetweenLooksMs = 1_000;

/** A log of this size is told: somebody has been reading for long. */
const largeLogPages = 64 * 1024;

interface FileState {
  dev: number | null;
  ino: number | null;
  size: number;
  modifiedMs: number;
}

interface LogState {
  /** 1: somebody else is taking it back, and the rest is not told. */
  busy: number;
  /** Pages in the log, and how many of them are in the file already. */
  log: number;
  checkpointed: number;
}

export class OwnFile {
  readonly #options: OwnFileOptions;
  readonly #saveMark: StatementSync;
  readonly #lookAtLog: StatementSync;
  readonly #takeBack: StatementSync;
  /** SQLite writes the log into the file where the last connection is closed that may write: this one may not. */
  readonly #holder: DatabaseSync;
  readonly #checkpointer: Checkpointer | null = null;
  #seen: FileState;
  #mark: LogMark;
  /** In the transaction that is under way. */
  #markInHand: LogMark | null = null;
  /** All of the log is in the file: the next transaction begins a new one. */
  #beginsLog: boolean;
  #isLogLarge = false;
  /** The next commit takes back what the thread has left. */
  #isLeftToCommit = false;
  #logIno: number | null | undefined = undefined;
  #hasLostLog = false;
  #hasToldLargeLog = false;
  #operations = 0;
  #lookedAt: number;
  /** The content was written over: nothing brings it back. */
  #isOverwritten = false;

  /** `database` writes to the file, has its tables, and is no other's. Throws SQLite's errors. */
  constructor(options: OwnFileOptions) {
    const { path, file, database, durability, clock } = options;
    this.#options = options;
    database.prepare("PRAGMA wal_autocheckpoint = 0").get();
    this.#saveMark = database.prepare(saveMarkSql);
    this.#lookAtLog = database.prepare("PRAGMA wal_checkpoint(NOOP)");
    this.#takeBack = database.prepare("PRAGMA wal_checkpoint(PASSIVE)");
    this.#lookedAt = clock.monotonic();
    this.#beginsLog = (stateOf(`${file}-wal`)?.size ?? 0) === 0;
    const mark = readUntorn(database);
    this.#mark = mark ?? this.#newMark(null, false);
    if (!this.#mark.isSealed || this.#mark.schemaVersion !== schemaVersionOf(database)) this.#seal();
    this.#holder = new DatabaseSync(file, { readOnly: true });
    this.#holder.prepare("SELECT 1 FROM sqlite_schema").get();
    this.#logIno = stateOf(`${file}-wal`)?.ino;
    const seen = stateOf(path);
    if (seen === null) throw new ForeignFileError(goneSentence(path));
    this.#seen = seen;
    if (durability === "full") return;
    const { dev, ino } = seen;
    const onDone = () => this.#haveTakenBack();
    this.#checkpointer = new Checkpointer({ file: { path: file, dev, ino }, holder: this.#holder, onDone });
  }

  /** Ends the thread that takes the log back. Before `close`, where there is time for it. */
  stopThread(): Promise<void> {
    return this.#checkpointer?.stop() ?? Promise.resolve();
  }

  /** Throws a `ForeignFileError` where the file is not the one that was opened, at this moment. */
  check(): void {
    const { path } = this.#options;
    const now = stateOf(path);
    if (now !== null && isSame(now, this.#seen)) return;
    if (now === null) throw new ForeignFileError(goneSentence(path));
    if (now.dev !== this.#seen.dev || now.ino !== this.#seen.ino) {
      throw new ForeignFileError(
        `${path} is another file than the one that Livecue opened: it was replaced. Nothing is written to it. ` +
          "Put the old file back, or stop Livecue, which then saves what it holds, and start it again with the new one.",
      );
    }
    // It changes by the thread's hand.
    if (this.#checkpointer?.isAtWork && !this.#isOverwritten) return;
    this.#isOverwritten ||= !this.#isOurs();
    if (this.#isOverwritten) {
      throw new ForeignFileError(
        `${path} was written over while Livecue had it open, as by copying a backup to its place. Nothing is ` +
          "written to it any more. Stop Livecue, and start it again with the new file.",
      );
    }
    this.#seen = now;
  }

  /** The content is another's. What was moved, deleted or replaced can still be read. */
  get isOverwritten(): boolean {
    return this.#isOverwritten;
  }

  /** To be called in each transaction: marks the log's beginning and its end. */
  mark(): void {
    const { id, base, isSealed } = this.#mark;
    if (this.#beginsLog) this.#markInHand = this.#newMark(id, false);
    else if (this.#isLogLarge && !isSealed) this.#markInHand = this.#newMark(base, true);
    else if (isSealed) this.#markInHand = this.#newMark(base, false);
    else this.#markInHand = null;
    if (this.#markInHand !== null) this.#saveMark.run(markText(this.#markInHand));
  }

  /** To be called after each commit of so many operations: takes the log back into the file where it is large. */
  committed(operations: number): void {
    if (this.#markInHand !== null) {
      this.#mark = this.#markInHand;
      this.#beginsLog = false;
    }
    if (this.#mark.isSealed || this.#hasLostLog) this.#takeLogBackBeside() || this.#takeLogBack();
    this.#operations += operations;
    const now = this.#options.clock.monotonic();
    if (this.#operations < operationsBetweenLooks && now - this.#lookedAt < longestBetweenLooksMs) return;
    this.#operations = 0;
    this.#lookedAt = now;
    this.#look();
  }

  /** Seals the log for `close`. Returns why the file is not to be written to; null where it is as it should be. */
  end(): string | null {
    try {
      this.check();
      if (!this.#mark.isSealed) this.#seal();
    } catch (error) {
      // Another trouble has been told by whoever wrote last.
      if (error instanceof ForeignFileError) return error.message;
    }
    return null;
  }

  /** Closes the connection, which takes the log back into the file where it is as it should be. Any reader goes first. */
  close(): void {
    const { database } = this.#options;
    void this.stopThread();
    if (this.end() !== null) return this.#leave();
    this.#holder.close();
    database.close();
  }

  /** Writes the log into no file but the one that was opened. */
  #leave(): void {
    const { file, database } = this.#options;
    const isLogOurs = this.#logIno !== undefined && stateOf(`${file}-wal`)?.ino === this.#logIno;
    // What was opened is complete then, wherever it was moved.
    if (!this.#isOverwritten) this.#takeBackWhole();
    database.close();
    this.#holder.close();
    if (!isLogOurs) return;
    if ((stateOf(`${file}-wal`)?.size ?? 0) > 0) setAsideLog(file);
    else removeLog(file);
  }

  #takeBackWhole(): void {
    attempt(() => this.#options.database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get());
  }

  #seal(): void {
    const { database } = this.#options;
    const sealed = this.#newMark(this.#beginsLog ? this.#mark.id : this.#mark.base, true);
    inTransaction(database, () => void this.#saveMark.run(markText(sealed)));
    this.#mark = sealed;
    this.#beginsLog = false;
    this.#takeLogBack();
  }

  /** False where it is for this thread. */
  #takeLogBackBeside(): boolean {
    if (this.#checkpointer === null || this.#isLeftToCommit || this.#hasLostLog) return false;
    const isTaken = this.#checkpointer.takeBack();
    if (isTaken) this.#isLogLarge = false;
    return isTaken;
  }

  /** The thread is through; what was committed meanwhile is in the log alone. */
  #haveTakenBack(): void {
    this.#rememberFile();
    const { log, checkpointed } = this.#lookAtLog.get() as unknown as LogState;
    // Nothing was committed since the mark was sealed.
    if (log === checkpointed) this.#beginsLog = this.#mark.isSealed;
    this.#isLeftToCommit = log >= pagesLeftToCommits &&
      (log - checkpointed < pagesToTakeBack || log >= mostPages);
    this.#isLogLarge = this.#isLeftToCommit;
  }

  #takeLogBack(): void {
    this.#isLogLarge = false;
    this.#isLeftToCommit = false;
    // Where it cannot be done all is in the log still, and the next commit has the same trouble or none.
    attempt(() => {
      const { busy, log, checkpointed } = this.#takeBack.get() as unknown as LogState;
      this.#beginsLog = busy === 0 && log === checkpointed && this.#mark.isSealed;
    });
    this.#rememberFile();
  }

  /** Livecue itself has changed it. */
  #rememberFile(): void {
    const now = stateOf(this.#options.path);
    if (now !== null && now.dev === this.#seen?.dev && now.ino === this.#seen.ino) this.#seen = now;
  }

  #look(): void {
    const { file, tell } = this.#options;
    const { log, checkpointed } = this.#lookAtLog.get() as unknown as LogState;
    if (this.#checkpointer === null) this.#isLogLarge = log >= pagesToTakeBack && log > checkpointed;
    else if (!this.#checkpointer.isAtWork) this.#isLogLarge ||= log - checkpointed >= pagesToTakeBack;
    if (log >= largeLogPages && !this.#hasToldLargeLog) {
      this.#hasToldLargeLog = true;
      tell(
        `${file}-wal is growing (${log} pages): another program has been reading the database for long. Close it.`,
      );
    }
    const ino = stateOf(`${file}-wal`)?.ino;
    this.#logIno ??= ino;
    if (ino === this.#logIno || this.#hasLostLog) return;
    this.#hasLostLog = true;
    this.#takeLogBack();
    tell(
      `${file}-wal was deleted or replaced. From now on each change is written to ${file} at once, which is slower. ` +
        "Start Livecue again when the live is over.",
    );
  }

  /** Whether the file has what Livecue or another program that knows SQLite wrote to it. */
  #isOurs(): boolean {
    return attempt(() => {
      const { file, database } = this.#options;
      const { id, base } = this.#mark;
      const log = {
        ...this.#mark,
        base: this.#beginsLog ? id : base,
        schemaVersion: schemaVersionOf(database),
      };
      return mayReplay(log, markInFile(file));
    }) ?? false;
  }

  #newMark(base: string | null, isSealed: boolean): LogMark {
    return newMark({ base, isSealed, schemaVersion: schemaVersionOf(this.#options.database) });
  }
}

/** A mark that somebody spoilt is as good as none. */
function readUntorn(database: DatabaseSync): LogMark | null {
  try {
    return readMark(database);
  } catch (error) {
    if (error instanceof TornMarkError) return null;
    throw error;
  }
}

function goneSentence(path: string): string {
  return `${path} is not there any more: it was moved, renamed or deleted, or its disk was taken away. Nothing is ` +
    "written meanwhile. Put it back, or stop Livecue, which then saves what it holds.";
}

function isSame(a: FileState, b: FileState): boolean {
  return a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.modifiedMs === b.modifiedMs;
}

/** null where there is none, or none that may be looked at. */
function stateOf(path: string): FileState | null {
  try {
    const { dev, ino, size, mtime } = Deno.statSync(path);
    return { dev, ino, size, modifiedMs: mtime?.getTime() ?? 0 };
  } catch {
    return null;
  }
}
