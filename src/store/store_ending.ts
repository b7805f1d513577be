/**
 * Closes an owned database, once: writes the waiting changes, or keeps them in a file if that fails; then closes the
 * connections and releases the lock.
 */
import type { DatabaseSync } from "node:sqlite";
import type { Deadline } from "../deadline.ts";
import { UserError } from "../user_error.ts";
import type { Lock } from "./sqlite/lock.ts";
import type { OwnFile } from "./sqlite/own_file.ts";
import type { Reader } from "./reader.ts";
import type { ReaderThread } from "./reader_thread.ts";
import { rescue } from "./sqlite/rescue.ts";
import { keepUnsaved } from "./sqlite/unsaved.ts";
import type { Writer } from "./writer.ts";

/** The time that the reading thread has to close the database. */
const readingMs = 500;
/** How long writing is retried, as when the database is locked or the disk is full. */
const writingMs = 3_000;
/** The part of the deadline that is reserved for saving unwritten changes to a file. */
const keepingMs = 750;

export interface EndingParts {
  file: string;
  lock: Lock;
  database: DatabaseSync;
  ownFile: OwnFile;
  reader: Reader;
  questions: ReaderThread;
  writer: Writer;
}

export class StoreEnding {
  readonly #parts: EndingParts;
  #stopped: Promise<void> | null = null;
  #isClosed = false;

  constructor(parts: EndingParts) {
    this.#parts = parts;
  }

  /**
   * `adding`: work that still adds to the writer, until the writer stops. Throws a `UserError` that says what could
   * not be written.
   */
  stop(deadline: Deadline, adding: Promise<void>): Promise<void> {
    this.#stopped ??= this.#stop(deadline, adding);
    return this.#stopped;
  }

  /** The same without waiting: tries once to write the waiting changes, or keeps them in a file. */
  stopNow(): void {
    if (this.#isClosed) return;
    this.#close(null);
  }

  async #stop(deadline: Deadline, adding: Promise<void>): Promise<void> {
    const { questions, ownFile, writer } = this.#parts;
    let failure: Error | null = null;
    try {
      await deadline.wait("the reading thread", questions.stop(), { limitMs: readingMs });
      const limitMs = Math.max(0, Math.min(deadline.leftMs - keepingMs, writingMs));
      await deadline.wait("the database", writer.stop(limitMs));
      await deadline.wait("the database", adding);
    } catch (error) {
      failure = error as Error;
    }
    await deadline.wait("the database", ownFile.stopThread(), { leavesMs: keepingMs });
    this.#close(failure);
  }

  /** `failure`: why something could not be written. */
  #close(failure: Error | null): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { writer, database, ownFile, reader, lock } = this.#parts;
    try {
      writer.stopNow();
      // If another program still has a lock, the stop has waited long enough for it.
      database.prepare("PRAGMA busy_timeout = 0").get();
      const lost = ownFile.end();
      if (lost !== null) throw new UserError(`${lost} ${this.#saveElsewhere()}`);
      if (writer.unwritten().length > 0) throw this.#keep(failure);
      if (failure !== null) throw failure;
    } finally {
      reader.close();
      ownFile.close();
      lock.release();
    }
  }

  #saveElsewhere(): string {
    const { file, database, ownFile, writer } = this.#parts;
    const { isOverwritten } = ownFile;
    return rescue({ file, database, unwritten: writer.unwritten(), isOverwritten, elsewhere: otherFolder });
  }

  #keep(reason: Error | null): Error {
    const { file, writer } = this.#parts;
    const sentence = keepUnsaved(writer.unwritten(), {
      database: file,
      elsewhere: otherFolder,
    });
    const text = reason === null ? sentence : `${reason.message} ${sentence}`;
    const isBug = reason !== null && !(reason instanceof UserError);
    return isBug ? new Error(text, { cause: reason }) : new UserError(text, { cause: reason });
  }
}

function otherFolder(): string {
  return Deno.makeTempDirSync({ prefix: "livecue-" });
}
