/** Closes an owned database, once: writes the waiting changes, by a deadline, and closes the connections. */
import type { Deadline } from "../deadline.ts";
import type { Database } from "./database.ts";
import type { ReaderThread } from "./reader_thread.ts";
import type { Writer } from "./writer.ts";

/** The time that the reading thread has to close the database. */
const readingMs = 500;
/** How long writing is retried, as when the database is locked or the disk is full. */
const writingMs = 3_000;
/** The part of the deadline that is reserved for saving unwritten changes. */
const keepingMs = 750;

export interface EndingParts {
  database: Database;
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

  /** The same without waiting: tries once to write the waiting changes, or keeps them. */
  stopNow(): void {
    void this.#close(null);
  }

  async #stop(deadline: Deadline, adding: Promise<void>): Promise<void> {
    const { database, questions, writer } = this.#parts;
    let failure: Error | null = null;
    try {
      await deadline.wait("the reading thread", questions.stop(), { limitMs: readingMs });
      const limitMs = Math.max(0, Math.min(deadline.leftMs - keepingMs, writingMs));
      await deadline.wait("the database", writer.stop(limitMs));
      await deadline.wait("the database", adding);
    } catch (error) {
      failure = error as Error;
    }
    await database.prepareClose(deadline);
    await this.#close(failure);
  }

  /** `failure`: why something could not be written. */
  #close(failure: Error | null): void | Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { writer, database } = this.#parts;
    writer.stopNow();
    return database.close({ unwritten: writer.unwritten(), failure });
  }
}
