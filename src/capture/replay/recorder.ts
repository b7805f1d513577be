/** Keeps a live as it came, one JSON object a line: what `replay:FILE` reads. */
import { UserError } from "../../user_error.ts";
import type { CapturedEvent, RawMessage } from "../../source.ts";
import { recordedLine, recordingHeader } from "./exported.ts";

type Encoder = typeof import("../tiktok/encode.ts")["faithfulMessage"];

/** A captured event with the message that it came by; null where it came by none of TikTok's. */
export interface Recorded {
  event: CapturedEvent;
  raw: RawMessage | null;
  /** The host's handle; "" where nobody's live is on. */
  streamer: string;
}

export class Recorder {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #onFailure: (error: UserError) => void;
  readonly #encode: Encoder;
  #hasHeader = false;
  #pending: string[] = [];
  #writing: Promise<void> | null = null;
  #hasFailed = false;

  private constructor(options: {
    path: string;
    file: Deno.FsFile;
    onFailure: (error: UserError) => void;
    encode: Encoder;
  }) {
    this.#path = options.path;
    this.#file = options.file;
    this.#onFailure = options.onFailure;
    this.#encode = options.encode;
  }

  /**
   * Makes the file, or takes an empty one; throws a `UserError` rather than write over a recording.
   * `onFailure` is called once if a later write fails, as on a full disk; nothing is recorded from then on.
   */
  static async open(path: string, onFailure: (error: UserError) => void = () => {}): Promise<Recorder> {
    const file = await create(path);
    // Not loaded with this module: few who replay or capture record as well.
    const { faithfulMessage: encode } = await import("../tiktok/encode.ts");
    return new Recorder({ path, file, onFailure, encode });
  }

  /**
   * Takes an event in: as its message, or as the message that would say all of it, or else as a line of an
   * export. It is written with all that has come in by then, whole lines in order.
   */
  record({ event, raw, streamer }: Recorded): void {
    const message = raw ?? this.#encode(event, streamer);
    if (message !== null) return this.write(message);
    if (!this.#hasHeader) this.#push(recordingHeader({ username: streamer, roomId: event.roomId }));
    this.#hasHeader = true;
    this.#push(recordedLine(event));
  }

  /** Takes a message in. */
  write({ method, createTime, streamer, payload }: RawMessage): void {
    this.#push(JSON.stringify({ method, createTime, streamer, payload: payload.toBase64() }));
  }

  /** Writes the rest and closes the file; a write that fails is told to `onFailure`. */
  async close(): Promise<void> {
    await this.#writing;
    this.#file.close();
  }

  #push(line: string): void {
    if (this.#hasFailed) return;
    this.#pending.push(line);
    this.#writing ??= this.#writePending();
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
