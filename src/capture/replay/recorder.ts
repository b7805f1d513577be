/** Keeps a live as it came, one JSON object a line: what `replay:FILE` reads. */
import type { Lifecycle } from "../../lifecycle.ts";
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

interface Opened {
  file: Deno.FsFile;
  encode: Encoder;
}

/** Records from `start` to `stop`. */
export class Recorder implements Lifecycle {
  readonly #path: string;
  readonly #onFailure: (error: UserError) => void;
  #starting: Promise<void> | null = null;
  #stopping: Promise<void> | null = null;
  /** null before the start, and after the stop. */
  #opened: Opened | null = null;
  #hasHeader = false;
  #pending: string[] = [];
  #writing: Promise<void> | null = null;
  #hasFailed = false;

  /** `onFailure` is called once if a write fails, as on a full disk; nothing is recorded from then on. */
  constructor(path: string, onFailure: (error: UserError) => void = () => {}) {
    this.#path = path;
    this.#onFailure = onFailure;
  }

  /** Makes the file, or takes an empty one; throws a `UserError` rather than write over a recording. */
  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /** Writes the rest and closes the file; a write that fails is told to `onFailure`. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /**
   * Takes an event in: as its message, or as the message that would say all of it, or else as a line of an
   * export. It is written with all that has come in by then, whole lines in order.
   */
  record({ event, raw, streamer }: Recorded): void {
    if (this.#opened === null) return;
    const message = raw ?? this.#opened.encode(event, streamer);
    if (message !== null) return this.write(message);
    if (!this.#hasHeader) this.#push(recordingHeader({ username: streamer, roomId: event.roomId }));
    this.#hasHeader = true;
    this.#push(recordedLine(event));
  }

  /** Takes a message in. */
  write({ method, createTime, streamer, payload }: RawMessage): void {
    this.#push(JSON.stringify({ method, createTime, streamer, payload: payload.toBase64() }));
  }

  async #start(): Promise<void> {
    if (this.#stopping !== null) return;
    // Not loaded with this module: few who replay or capture record as well.
    const { faithfulMessage: encode } = await import("../tiktok/encode.ts");
    this.#opened = { file: await create(this.#path), encode };
  }

  async #stop(): Promise<void> {
    // Who started it was told why that failed.
    await this.#starting?.catch(() => {});
    await this.#writing;
    this.#opened?.file.close();
    this.#opened = null;
  }

  #push(line: string): void {
    if (this.#opened === null || this.#hasFailed) return;
    this.#pending.push(line);
    this.#writing ??= this.#writePending(this.#opened.file);
  }

  async #writePending(file: Deno.FsFile): Promise<void> {
    try {
      while (this.#pending.length > 0) {
        const lines = this.#pending;
        this.#pending = [];
        await writeAll(file, new TextEncoder().encode(lines.join("\n") + "\n"));
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
