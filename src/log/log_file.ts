/** A rotating file to which lines are appended: FILE, then FILE.1 (newer) to FILE.4 (older). */
import type { Clock } from "../clock.ts";
import { t } from "../language.ts";
import { UserError } from "../user_error.ts";
import type { ByteStream } from "./outlet.ts";

export interface LogFileOptions {
  path: string;
  clock: Clock;
  /** The file is rotated before it would exceed this size. */
  maxBytes: number;
  /** The number of files, including the current one. */
  maxFiles: number;
}

/** The time between two checks that the path still leads to the open file. */
const lookEveryMs = 1_000;

/**
 * Opens the file again if it was moved or deleted, or if its folder was removed and restored. Call `write` only after
 * the previous call has finished.
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

  /** Throws a `UserError` if the file cannot be opened. A pipe is opened later, because it may have no reader yet. */
  openAtOnce(): void {
    const { path } = this.#options;
    try {
      if (isPipe(path)) return;
      this.#file = Deno.openSync(path, appending);
      this.#size = this.#file.statSync().size;
    } catch (error) {
      throw new UserError(
        t`The log file ${path} cannot be written (${
          (error as Error).message
        }). Set "log_file" in the config to another path, or to false for no log file.`,
      );
    }
  }

  /** Rejects if the file cannot be opened or written. The next call opens it again. */
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

  /** Closes it permanently. A write in progress closes the file when it is done. */
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
      // A write is still in progress.
      if (error instanceof Deno.errors.Busy) this.#file = file;
    }
  }

  async #open(): Promise<Deno.FsFile> {
    const file = await Deno.open(this.#options.path, appending);
    this.#size = (await file.stat()).size;
    return file;
  }

  /** Closes the file if its path now leads to a different file, or to none. */
  async #look(): Promise<void> {
    const { path, clock } = this.#options;
    if (this.#file === null || clock.monotonic() - this.#lookedAt < lookEveryMs) return;
    this.#lookedAt = clock.monotonic();
    const [own, named] = await Promise.all([this.#file.stat(), Deno.stat(path).catch(() => null)]);
    if (named === null || named.ino !== own.ino || named.dev !== own.dev) this.#release();
  }

  async #rotate(): Promise<void> {
    const { path, maxFiles } = this.#options;
    // A device or a pipe is never rotated.
    if (!(await this.#file?.stat())?.isFile) return;
    this.#release();
    try {
      for (let number = maxFiles - 2; number >= 0; number--) {
        await renameIfThere(number === 0 ? path : `${path}.${number}`, `${path}.${number + 1}`);
      }
    } catch {
      // On Windows, another program may have the file open: go on in the same file, and try to rotate it again later.
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
