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

/** Appends, from `start` on. */
export class FileSink implements LogSink {
  readonly level: LogLevel;
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #maxFiles: number;
  /** null before `start`, and after `stop`. */
  #file: Deno.FsFile | null = null;
  #size = 0;
  #lines = "";
  #isScheduled = false;
  #hasStopped = false;

  constructor({ path, level, maxBytes = 5 * 1024 * 1024, maxFiles = 5 }: FileSinkOptions) {
    this.#path = path;
    this.level = level;
    this.#maxBytes = maxBytes;
    this.#maxFiles = maxFiles;
  }

  /** Throws a `UserError` where the file cannot be opened. */
  start(): void {
    if (this.#file === null && !this.#hasStopped) this.#open();
  }

  write({ at, level, from, text }: LogEntry): void {
    if (this.#file === null) return;
    this.#lines += `${new Date(at).toISOString()} ${level.padEnd(5)} [${from}] ${text}\n`;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  stop(): void {
    this.#flush();
    this.#hasStopped = true;
    this.#file?.close();
    this.#file = null;
  }

  #flush(): void {
    if (this.#lines === "" || this.#file === null) return;
    const bytes = new TextEncoder().encode(this.#lines);
    this.#lines = "";
    let file = this.#file;
    if (this.#size > 0 && this.#size + bytes.length > this.#maxBytes) file = this.#rotate(file);
    try {
      for (let rest = bytes; rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
      this.#size += bytes.length;
    } catch {
      // A full disk must not stop the live: what could not be logged is lost, the database is not.
    }
  }

  #rotate(file: Deno.FsFile): Deno.FsFile {
    file.close();
    this.#file = null;
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
    return this.#open();
  }

  #open(): Deno.FsFile {
    try {
      this.#file = Deno.openSync(this.#path, { append: true, create: true });
      this.#size = this.#file.statSync().size;
      return this.#file;
    } catch (error) {
      throw new UserError(
        `The log file ${this.#path} cannot be written (${(error as Error).message}). ` +
          `Set "log_file" in the config to another path, or to false for none.`,
      );
    }
  }
}
