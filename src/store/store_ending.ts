/**
 * The end of an owned database: what waits is written, or kept in a file where it cannot be; then the connections are
 * closed, and the lock is given up. Once.
 */
import type { DatabaseSync } from "node:sqlite";
import type { Deadline } from "../deadline.ts";
import { UserError } from "../user_error.ts";
import type { Lock } from "./lock.ts";
import type { OwnFile } from "./own_file.ts";
import type { Reader } from "./reader.ts";
import type { ReaderThread } from "./reader_thread.ts";
import { rescue } from "./rescue.ts";
import { keepUnsaved } from "./unsaved.ts";
import type { Writer } from "./writer.ts";

/** What the reading thread gets to close the database, in milliseconds. */
const readingMs = 500;
/** How long writing is tried where the database is locked, or the disk full. */
const writingMs = 3_000;
/** The part of the deadline that is kept for saving unwritten changes in a file. */
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

  /** `adding`: what still adds to the writer, until it hears that it is stopped. Throws a `UserError` that says what could not be written. */
  stop(deadline: Deadline, adding: Promise<void>): Promise<void> {
    this.#stopped ??= this.#stop(deadline, adding);
    return this.#stopped;
  }

  /** The same within a moment: what waits is written at the first try, or kept. */
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

  /** `failure`: why not all was written. */
  #close(failure: Error | null): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { writer, database, ownFile, reader, lock } = this.#parts;
    try {
      writer.stopNow();
      // Whoever has it locked was waited for long enough.
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
