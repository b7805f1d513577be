/** Records a live as it came, one JSON object per line, for `replay:FILE`. */
import { t } from "../../language.ts";
import type { Lifecycle } from "../../lifecycle.ts";
import { UserError } from "../../user_error.ts";
import type { CapturedEvent, ChannelLabels, RawMessage, ReadingBatch } from "../../source.ts";
import { recordedLine, recordingHeader } from "./exported.ts";
import { readingsLine } from "./recorded_readings.ts";

type Encoder = typeof import("../tiktok/encode.ts")["faithfulMessage"];

/** A captured event with its message; null if it did not come from a TikTok message. */
export interface Recorded {
  event: CapturedEvent;
  raw: RawMessage | null;
  /** The host's handle; "" if no live is on. */
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
  /** By source: the labels that its last line with labels has. */
  readonly #labels = new Map<string, ChannelLabels>();
  #pending: string[] = [];
  #writing: Promise<void> | null = null;
  #hasFailed = false;

  /** `onFailure` is called once if a write fails, as on a full disk. Nothing is recorded after that. */
  constructor(path: string, onFailure: (error: UserError) => void = () => {}) {
    this.#path = path;
    this.#onFailure = onFailure;
  }

  /** Creates the file, or uses an empty one. Throws a `UserError` instead of overwriting a recording. */
  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  /** Writes the rest and closes the file. A write error goes to `onFailure`. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /**
   * Records an event: as its message, as an equivalent message, or as a line of an export. It is written together
   * with all events that have come by then, as complete lines in order.
   */
  record({ event, raw, streamer }: Recorded): void {
    if (this.#opened === null) return;
    const message = raw ?? this.#opened.encode(event, streamer);
    if (message !== null) return this.write(message);
    if (!this.#hasHeader) this.#push(recordingHeader({ username: streamer, roomId: event.roomId }));
    this.#hasHeader = true;
    this.#push(recordedLine(event));
  }

  /** Records a batch of readings of this source. */
  recordReadings(batch: ReadingBatch, source: string): void {
    if (this.#opened === null) return;
    const { labels } = batch;
    const areNew = labels !== undefined && labels !== this.#labels.get(source);
    if (areNew) this.#labels.set(source, labels);
    this.#push(readingsLine(batch, source, areNew ? labels : {}));
  }

  /** Records a message. */
  write({ method, createTime, streamer, payload }: RawMessage): void {
    this.#push(JSON.stringify({ method, createTime, streamer, payload: payload.toBase64() }));
  }

  async #start(): Promise<void> {
    if (this.#stopping !== null) return;
    // Loaded only now, because most replays and captures do not record.
    const { faithfulMessage: encode } = await import("../tiktok/encode.ts");
    this.#opened = { file: await create(this.#path), encode };
  }

  async #stop(): Promise<void> {
    // The caller of `start` got the error.
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
          t`The recording ${this.#path} is incomplete, because writing failed (${
            reason(error)
          }). Everything before that is saved. Free some space, and record to another file.`,
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
    throw new UserError(t`${path} already exists, and a recording overwrites nothing. Choose another name.`);
  }
  try {
    return await Deno.open(path, { write: true });
  } catch (error) {
    throw cannotRecord(path, error);
  }
}

function cannotRecord(path: string, error: unknown): UserError {
  const why = error instanceof Deno.errors.NotFound ? t`there is no such folder` : reason(error);
  return new UserError(t`Cannot record to ${path}: ${why}. Choose a file in a folder that you can write to.`);
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) written += await file.write(bytes.subarray(written));
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
