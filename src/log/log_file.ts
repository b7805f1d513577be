/** A file that lines are appended to, and that rotates: FILE, then FILE.1 (newer) to FILE.4 (older). */
import type { Clock } from "../clock.ts";
import { UserError } from "../user_error.ts";
import type { ByteStream } from "./outlet.ts";

export interface LogFileOptions {
  path: string;
  clock: Clock;
  /** A file is put aside before it would grow over this. */
  maxBytes: number;
  /** All files together, the current one included. */
  maxFiles: number;
}

/** Between two looks whether the file is still the one of its name. */
const lookEveryMs = 1_000;

/**
 * It is opened again where it was moved, deleted, or its folder went and came back. Each call waits for the one
 * before it.
 */
export class LogFile implements ByteStream {
  readonly #options: LogFileOptions;
  #file: Deno.FsFile | null = null;
  #size = 0;
  #lookedAt = -Infinity;
  #isClosed = false;

  constructor(options: LogFileOptions) {
    this.#options = options;
  }

  /** Throws a `UserError` where it cannot be opened. A pipe is opened later: nobody may read it yet. */
  openAtOnce(): void {
    const { path } = this.#options;
    try {
      if (isPipe(path)) return;
      this.#file = Deno.openSync(path, appending);
      this.#size = this.#file.statSync().size;
    } catch (error) {
      throw new UserError(
        `The log file ${path} cannot be written (${(error as Error).message}). ` +
          `Set "log_file" in the config to another path, or to false for none.`,
      );
    }
  }

  /** Fails where the file cannot be opened or written; it is opened anew then. */
  async write(bytes: Uint8Array): Promise<number> {
    try {
      await this.#look();
      const { maxBytes } = this.#options;
      if (this.#size > 0 && this.#size + bytes.length > maxBytes) await this.#rotate();
      this.#file ??= await this.#open();
      const count = await this.#file.write(bytes);
      this.#size += count;
      return count;
    } catch (error) {
      this.#release();
      throw error;
    } finally {
      if (this.#isClosed) this.#release();
    }
  }

  /** For good. A write that is still in progress closes the file when it is done. */
  close(): void {
    this.#isClosed = true;
    this.#release();
  }

  #release(): void {
    const file = this.#file;
    this.#file = null;
    try {
      file?.close();
    } catch (error) {
      // A write to it is still in progress.
      if (error instanceof Deno.errors.Busy) this.#file = file;
    }
  }

  async #open(): Promise<Deno.FsFile> {
    const file = await Deno.open(this.#options.path, appending);
    this.#size = (await file.stat()).size;
    return file;
  }

  /** Lets the file go where its name means another one now, or none. */
  async #look(): Promise<void> {
    const { path, clock } = this.#options;
    if (this.#file === null || clock.monotonic() - this.#lookedAt < lookEveryMs) return;
    this.#lookedAt = clock.monotonic();
    const [own, named] = await Promise.all([this.#file.stat(), Deno.stat(path).catch(() => null)]);
    if (named === null || named.ino !== own.ino || named.dev !== own.dev) this.#release();
  }

  async #rotate(): Promise<void> {
    const { path, maxFiles } = this.#options;
    // A device or a pipe stays what it is.
    if (!(await this.#file?.stat())?.isFile) return;
    this.#release();
    try {
      for (let number = maxFiles - 2; number >= 0; number--) {
        await renameIfThere(number === 0 ? path : `${path}.${number}`, `${path}.${number + 1}`);
      }
    } catch {
      // Another program holds the file open (Windows): go on in the same file and try again at the next turn.
    }
  }
}

const appending: Deno.OpenOptions = { append: true, create: true };

function isPipe(path: string): boolean {
  try {
    return Deno.statSync(path).isFifo ?? false;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await Deno.rename(from, to);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
