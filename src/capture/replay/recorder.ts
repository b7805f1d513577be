/** Keeps a live as it came, one JSON object a line: what `replay:FILE` reads. */
import { UserError } from "../../user_error.ts";
import type { RawMessage } from "../../source.ts";

export class Recorder {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #onFailure: (error: UserError) => void;
  #pending: string[] = [];
  #writing: Promise<void> | null = null;
  #hasFailed = false;

  private constructor(path: string, file: Deno.FsFile, onFailure: (error: UserError) => void) {
    this.#path = path;
    this.#file = file;
    this.#onFailure = onFailure;
  }

  /**
   * Makes the file, or takes an empty one; throws a `UserError` rather than write over a recording.
   * `onFailure` is called once if a later write fails, as on a full disk; nothing is recorded from then on.
   */
  static async open(path: string, onFailure: (error: UserError) => void = () => {}): Promise<Recorder> {
    return new Recorder(path, await create(path), onFailure);
  }

  /** Takes a message in; it is written with all that has come in by then, whole lines in order. */
  write({ method, createTime, streamer, payload }: RawMessage): void {
    if (this.#hasFailed) return;
    this.#pending.push(JSON.stringify({ method, createTime, streamer, payload: payload.toBase64() }));
    this.#writing ??= this.#writePending();
  }

  /** Writes the rest and closes the file; a write that fails is told to `onFailure`. */
  async close(): Promise<void> {
    await this.#writing;
    this.#file.close();
  }

  async #writePending(): Promise<void> {
    try {
      while (this.#pending.length > 0) {
        const lines = this.#pending;
        this.#pending = [];
        await writeAll(this.#file, new TextEncoder().encode(lines.join("\n") + "\n"));
      }
    } catch (error) {
      this.#pending = [];
      this.#hasFailed = true;
      this.#onFailure(
        new UserError(
          `The recording ${this.#path} could not be written to its end (${reason(error)}): ` +
            `what was written before is whole. Make room, and record to another file.`,
        ),
      );
    }
    this.#writing = null;
  }
}

async function create(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { write: true, createNew: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw cannotRecord(path, error);
  }
  const { isDirectory, size } = await Deno.stat(path);
  if (isDirectory || size > 0) {
    throw new UserError(`${path} exists already, and a recording writes over nothing: choose another name.`);
  }
  try {
    return await Deno.open(path, { write: true });
  } catch (error) {
    throw cannotRecord(path, error);
  }
}

function cannotRecord(path: string, error: unknown): UserError {
  const why = error instanceof Deno.errors.NotFound ? "there is no such folder" : reason(error);
  return new UserError(`Cannot record to ${path}: ${why}. Choose a file in a folder that you may write to.`);
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) written += await file.write(bytes.subarray(written));
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
