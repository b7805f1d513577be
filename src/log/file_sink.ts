/** A log file that rotates: FILE, then FILE.1 (newer) to FILE.4 (older). */
import { UserError } from "../user_error.ts";
import type { LogEntry, LogLevel, LogSink } from "./log.ts";

export interface FileSinkOptions {
  path: string;
  level: LogLevel;
  /** A file is put aside before it would grow over this. */
  maxBytes?: number;
  /** All files together, the current one included. */
  maxFiles?: number;
}

/** Appends; throws a `UserError` where the file cannot be opened. */
export class FileSink implements LogSink {
  readonly level: LogLevel;
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #maxFiles: number;
  #file: Deno.FsFile;
  #size: number;
  #lines = "";
  #isScheduled = false;
  #isClosed = false;

  constructor({ path, level, maxBytes = 5 * 1024 * 1024, maxFiles = 5 }: FileSinkOptions) {
    this.#path = path;
    this.level = level;
    this.#maxBytes = maxBytes;
    this.#maxFiles = maxFiles;
    this.#file = this.#open();
    this.#size = this.#file.statSync().size;
  }

  write({ at, level, from, text }: LogEntry): void {
    if (this.#isClosed) return;
    this.#lines += `${new Date(at).toISOString()} ${level.padEnd(5)} [${from}] ${text}\n`;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#flush();
    this.#isClosed = true;
    this.#file.close();
  }

  #flush(): void {
    if (this.#lines === "" || this.#isClosed) return;
    const bytes = new TextEncoder().encode(this.#lines);
    this.#lines = "";
    if (this.#size > 0 && this.#size + bytes.length > this.#maxBytes) this.#rotate();
    try {
      for (let rest = bytes; rest.length > 0;) rest = rest.subarray(this.#file.writeSync(rest));
      this.#size += bytes.length;
    } catch {
      // A full disk must not stop the live: what could not be logged is lost, the database is not.
    }
  }

  #rotate(): void {
    this.#file.close();
    try {
      for (let number = this.#maxFiles - 2; number >= 0; number--) {
        const older = `${this.#path}.${number + 1}`;
        try {
          Deno.renameSync(number === 0 ? this.#path : `${this.#path}.${number}`, older);
        } catch (error) {
          if (!(error instanceof Deno.errors.NotFound)) throw error;
        }
      }
    } catch {
      // Another program holds the file open (Windows): go on in the same file and try again at the next turn.
    }
    this.#file = this.#open();
    this.#size = this.#file.statSync().size;
  }

  #open(): Deno.FsFile {
    try {
      return Deno.openSync(this.#path, { append: true, create: true });
    } catch (error) {
      throw new UserError(
        `The log file ${this.#path} cannot be written (${(error as Error).message}). ` +
          `Set "log_file" in the config to another path, or to false for none.`,
      );
    }
  }
}
