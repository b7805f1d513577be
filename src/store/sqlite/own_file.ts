/**
 * Watches the open database file. Before each commit, a stat call checks that the path still leads to the same file.
 * It costs 2 µs, and a commit takes 15 µs or more. Only Livecue checkpoints the write-ahead log, so it notices every
 * change to the file that is not its own.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Clock } from "../../clock.ts";
import { t } from "../../language.ts";
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
  /** The path by which it was opened; links are followed at each check. */
  path: string;
  /** The real path of the file; its log is next to it. */
  file: string;
  database: DatabaseSync;
  /**
   * normal: a separate thread checkpoints the log, and commits do what it leaves. full: each commit waits for the
   * disk anyway, and a checkpointing thread made a flood of events 8 % slower.
   */
  durability: "normal" | "full";
  clock: Clock;
  /** Reports what a person should know, each thing once. */
  warn: (sentence: string) => void;
}

/** Log size that triggers a checkpoint. */
const checkpointPages = 1_000;

/** Log size, 16 MB, from which a commit finishes the thread's checkpoint, so that the log can restart. */
const finishingPages = 4_000;

/** Log size from which a commit always checkpoints: the disk is too slow for a flood, so commits wait for it. */
const mostPages = 16_000;

/** The log is checked after this many operations, or at the first commit after this time. */
const operationsBetweenLooks = 64;
const longestBetweenLooksMs = 1_000;

/** A log of this size is reported: a long read by another program keeps it from restarting. */
const largeLogPages = 64 * 1024;

interface FileState {
  dev: number | null;
  ino: number | null;
  size: number;
  modifiedMs: number;
}

interface LogState {
  /** 1: another connection is checkpointing, and the other fields are not set. */
  busy: number;
  /** Pages in the log, and how many of them are already in the file. */
  log: number;
  checkpointed: number;
}

export class OwnFile {
  readonly #options: OwnFileOptions;
  readonly #saveMark: StatementSync;
  readonly #lookAtLog: StatementSync;
  readonly #checkpoint: StatementSync;
  /** Read-only. While it is open, closing the writing connection does not write the log into the file. */
  readonly #holder: DatabaseSync;
  readonly #checkpointer: Checkpointer | null = null;
  #seen: FileState;
  #mark: LogMark;
  /** The mark written in the current transaction. */
  #newMarkInTransaction: LogMark | null = null;
  /** The whole log is in the file: the next transaction starts a new log. */
  #beginsLog: boolean;
  #isLogLarge = false;
  /** The next commit finishes the thread's checkpoint. */
  #commitFinishes = false;
  #logIno: number | null | undefined = undefined;
  #hasLostLog = false;
  #hasReportedLargeLog = false;
  #operations = 0;
  #lookedAt: number;
  /** The content was overwritten and cannot be restored. */
  #isOverwritten = false;

  /** `database` can write to the file, has the tables, and is used by nobody else. Throws SQLite's errors. */
  constructor(options: OwnFileOptions) {
    const { path, file, database, durability, clock } = options;
    this.#options = options;
    database.prepare("PRAGMA wal_autocheckpoint = 0").get();
    this.#saveMark = database.prepare(saveMarkSql);
    this.#lookAtLog = database.prepare("PRAGMA wal_checkpoint(NOOP)");
    this.#checkpoint = database.prepare("PRAGMA wal_checkpoint(PASSIVE)");
    this.#lookedAt = clock.monotonic();
    this.#beginsLog = (stateOf(`${file}-wal`)?.size ?? 0) === 0;
    const mark = readUntorn(database);
    this.#mark = mark ?? this.#newMark(null, false);
    if (!this.#mark.isSealed || this.#mark.schemaVersion !== schemaVersionOf(database)) this.#seal();
    this.#holder = new DatabaseSync(file, { readOnly: true });
    this.#holder.prepare("SELECT 1 FROM sqlite_schema").get();
    this.#logIno = stateOf(`${file}-wal`)?.ino;
    const seen = stateOf(path);
    if (seen === null) throw new ForeignFileError(missingSentence(path));
    this.#seen = seen;
    if (durability === "full") return;
    const { dev, ino } = seen;
    const onDone = () => this.#onThreadDone();
    this.#checkpointer = new Checkpointer({ file: { path: file, dev, ino }, holder: this.#holder, onDone });
  }

  /** Stops the checkpointing thread. Call it before `close` if there is time. */
  stopThread(): Promise<void> {
    return this.#checkpointer?.stop() ?? Promise.resolve();
  }

  /** Throws a `ForeignFileError` if the path no longer leads to the file that was opened. */
  check(): void {
    const { path } = this.#options;
    const now = stateOf(path);
    if (now !== null && isSame(now, this.#seen)) return;
    if (now === null) throw new ForeignFileError(missingSentence(path));
    if (now.dev !== this.#seen.dev || now.ino !== this.#seen.ino) {
      throw new ForeignFileError(
        t`${path} was replaced with another file while Livecue had it open. Livecue writes nothing to it. Put the old file back, or stop Livecue, which then saves its unwritten data, and start it again with the new file.`,
      );
    }
    // The checkpointing thread changes the file.
    if (this.#checkpointer?.isRunning && !this.#isOverwritten) return;
    this.#isOverwritten ||= !this.#isOurs();
    if (this.#isOverwritten) {
      throw new ForeignFileError(
        t`${path} was overwritten while Livecue had it open, perhaps with a backup. Livecue no longer writes to it. Stop Livecue, and start it again with the new file.`,
      );
    }
    this.#seen = now;
  }

  /** The content was replaced in place. (A file that was moved, deleted or replaced can still be read.) */
  get isOverwritten(): boolean {
    return this.#isOverwritten;
  }

  /** Call in each transaction: marks the start and the end of the log. */
  mark(): void {
    const { id, base, isSealed } = this.#mark;
    if (this.#beginsLog) this.#newMarkInTransaction = this.#newMark(id, false);
    else if (this.#isLogLarge && !isSealed) this.#newMarkInTransaction = this.#newMark(base, true);
    else if (isSealed) this.#newMarkInTransaction = this.#newMark(base, false);
    else this.#newMarkInTransaction = null;
    if (this.#newMarkInTransaction !== null) this.#saveMark.run(markText(this.#newMarkInTransaction));
  }

  /** Call after each commit, with its number of operations: checkpoints the log if it is large. */
  committed(operations: number): void {
    if (this.#newMarkInTransaction !== null) {
      this.#mark = this.#newMarkInTransaction;
      this.#beginsLog = false;
    }
    if (this.#mark.isSealed || this.#hasLostLog) this.#checkpointInThread() || this.#checkpointHere();
    this.#operations += operations;
    const now = this.#options.clock.monotonic();
    if (this.#operations < operationsBetweenLooks && now - this.#lookedAt < longestBetweenLooksMs) return;
    this.#operations = 0;
    this.#lookedAt = now;
    this.#look();
  }

  /** Seals the log for `close`. Returns why the file must not be written to; null if it may be. */
  end(): string | null {
    try {
      this.check();
      if (!this.#mark.isSealed) this.#seal();
    } catch (error) {
      // The writer has already reported any other error.
      if (error instanceof ForeignFileError) return error.message;
    }
    return null;
  }

  /** Closes the connection, which checkpoints the log if the file is still the same. Close all readers first. */
  close(): void {
    const { database } = this.#options;
    void this.stopThread();
    if (this.end() !== null) return this.#leave();
    this.#holder.close();
    database.close();
  }

  /** Closes the connection without writing the log into another file. */
  #leave(): void {
    const { file, database } = this.#options;
    const isLogOurs = this.#logIno !== undefined && stateOf(`${file}-wal`)?.ino === this.#logIno;
    // The opened file is complete then, wherever it was moved.
    if (!this.#isOverwritten) this.#checkpointWhole();
    database.close();
    this.#holder.close();
    if (!isLogOurs) return;
    if ((stateOf(`${file}-wal`)?.size ?? 0) > 0) setAsideLog(file);
    else removeLog(file);
  }

  #checkpointWhole(): void {
    attempt(() => this.#options.database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get());
  }

  #seal(): void {
    const { database } = this.#options;
    const sealed = this.#newMark(this.#beginsLog ? this.#mark.id : this.#mark.base, true);
    inTransaction(database, () => void this.#saveMark.run(markText(sealed)));
    this.#mark = sealed;
    this.#beginsLog = false;
    this.#checkpointHere();
  }

  /** False if this thread has to checkpoint. */
  #checkpointInThread(): boolean {
    if (this.#checkpointer === null || this.#commitFinishes || this.#hasLostLog) return false;
    const isStarted = this.#checkpointer.checkpoint();
    if (isStarted) this.#isLogLarge = false;
    return isStarted;
  }

  /** The thread has finished; commits made in the meantime are only in the log. */
  #onThreadDone(): void {
    this.#rememberFile();
    const { log, checkpointed } = this.#lookAtLog.get() as unknown as LogState;
    // If nothing was committed since the mark was sealed, the next transaction starts a new log.
    if (log === checkpointed) this.#beginsLog = this.#mark.isSealed;
    this.#commitFinishes = log >= finishingPages &&
      (log - checkpointed < checkpointPages || log >= mostPages);
    this.#isLogLarge = this.#commitFinishes;
  }

  #checkpointHere(): void {
    this.#isLogLarge = false;
    this.#commitFinishes = false;
    // If it fails, everything is still in the log, and the next commit tries again.
    attempt(() => {
      const { busy, log, checkpointed } = this.#checkpoint.get() as unknown as LogState;
      this.#beginsLog = busy === 0 && log === checkpointed && this.#mark.isSealed;
    });
    this.#rememberFile();
  }

  /** Records the file's state after Livecue itself changed it. */
  #rememberFile(): void {
    const now = stateOf(this.#options.path);
    if (now !== null && now.dev === this.#seen?.dev && now.ino === this.#seen.ino) this.#seen = now;
  }

  #look(): void {
    const { file, warn } = this.#options;
    const { log, checkpointed } = this.#lookAtLog.get() as unknown as LogState;
    if (this.#checkpointer === null) this.#isLogLarge = log >= checkpointPages && log > checkpointed;
    else if (!this.#checkpointer.isRunning) this.#isLogLarge ||= log - checkpointed >= checkpointPages;
    if (log >= largeLogPages && !this.#hasReportedLargeLog) {
      this.#hasReportedLargeLog = true;
      warn(
        t`${file}-wal is growing (${log} pages), because another program has been reading the database for a long time. Close that program.`,
      );
    }
    const ino = stateOf(`${file}-wal`)?.ino;
    this.#logIno ??= ino;
    if (ino === this.#logIno || this.#hasLostLog) return;
    this.#hasLostLog = true;
    this.#checkpointHere();
    warn(
      t`${file}-wal was deleted or replaced. From now on Livecue writes each change directly to ${file}, which is slower. Restart Livecue after the live.`,
    );
  }

  /** Whether the content was written by Livecue, or by another program through SQLite. */
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

/** null also for a corrupted mark. */
function readUntorn(database: DatabaseSync): LogMark | null {
  try {
    return readMark(database);
  } catch (error) {
    if (error instanceof TornMarkError) return null;
    throw error;
  }
}

function missingSentence(path: string): string {
  return t`${path} no longer exists: it was moved, renamed or deleted, or its disk was removed. Livecue writes nothing until it is back. Put it back, or stop Livecue, which then saves its unwritten data.`;
}

function isSame(a: FileState, b: FileState): boolean {
  return a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.modifiedMs === b.modifiedMs;
}

/** null if the file does not exist or cannot be accessed. */
function stateOf(path: string): FileState | null {
  try {
    const { dev, ino, size, mtime } = Deno.statSync(path);
    return { dev, ino, size, modifiedMs: mtime?.getTime() ?? 0 };
  } catch {
    return null;
  }
}
