/**
 * The screen's access to the terminal. Output is written without blocking the event loop, so a terminal that does not
 * read (a stopped one, a dead connection) blocks nobody. Output that the terminal misses is dropped, and the screen is
 * redrawn once the terminal reads again. The system changes a terminal's mode only between two writes, so a mode change
 * waits for them too.
 */
import type { Clock } from "../clock.ts";
import { type ByteStream, Outlet } from "../log/outlet.ts";
import { replacing } from "../replacing.ts";

export interface QuietTerminalOptions {
  /** The terminal's streams for Ink: keys, size, and changes of the size. */
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  /** One of Ink's libraries writes to it when the process exits, to show the cursor again. */
  stderr: NodeJS.WriteStream;
  /** The stream to write to. */
  stream: ByteStream & { writeSync(bytes: Uint8Array): number };
  clock: Clock;
  /** Called when output was dropped, so the whole screen must be redrawn. */
  onTorn: () => void;
  /** Called when the terminal no longer exists. */
  onGone: () => void;
}

/** The most characters that wait: a few frames. */
const maxWaiting = 64 * 1024;
/** A terminal that takes longer for a write is not reading. */
const stuckMs = 250;
/** How long a flush waits. */
const flushMs = 1_000;
/** The end of a synchronized frame. If it was dropped, the terminal would wait for it. */
const endOfFrame = "\x1b[?2026l";

export class QuietTerminal {
  /** The streams for Ink. */
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly #options: QuietTerminalOptions;
  readonly #outlet: Outlet;
  #isAtOnce = false;
  /** Resolves when the last mode change is done or abandoned. */
  #changing: Promise<void> = Promise.resolve();

  constructor(options: QuietTerminalOptions) {
    const { stdin, stdout, clock, onTorn, onGone } = options;
    this.#options = options;
    this.#outlet = new Outlet({
      clock,
      maxWaiting,
      missing: () => {
        queueMicrotask(onTorn);
        return endOfFrame;
      },
      onTrouble: (error) => error !== null && onGone(),
    });
    this.stdout = replacing(stdout, { write: this.#write as NodeJS.WriteStream["write"] });
    options.stderr.write = this.stdout.write;
    this.stdin = replacing(stdin, { setRawMode: this.#setRawMode });
  }

  /** Resolves when the terminal has received all output, or does not read. */
  async flush(): Promise<void> {
    await this.#outlet.flush(flushMs);
    await this.#changing;
  }

  /** For the exit of the process: writes waiting and later output synchronously, if the terminal reads. */
  writeAtOnce(): void {
    if (this.#isAtOnce) return;
    this.#isAtOnce = true;
    this.#writeSync(this.#outlet.takeWaiting());
  }

  readonly #write = (text: string, whenWritten?: () => void): boolean => {
    if (this.#isAtOnce) this.#writeSync(text);
    else if (text !== "") this.#outlet.add(this.#options.stream, text);
    if (whenWritten) void this.flush().then(() => whenWritten());
    return true;
  };

  readonly #setRawMode = (isRaw: boolean): NodeJS.ReadStream => {
    const { stdin } = this.#options;
    const isWriting = this.#outlet.writingForMs > 0;
    if (!isWriting) stdin.setRawMode(isRaw);
    else if (!this.#isAtOnce) this.#changing = this.#changing.then(() => this.#changeLater(isRaw));
    else if (this.#isReading) stdin.setRawMode(isRaw);
    return this.stdin;
  };

  async #changeLater(isRaw: boolean): Promise<void> {
    if (await this.#outlet.flush(flushMs)) this.#options.stdin.setRawMode(isRaw);
  }

  /** Whether the terminal seems to read: any write in progress has only just begun. */
  get #isReading(): boolean {
    return this.#outlet.writingForMs <= stuckMs;
  }

  #writeSync(text: string): void {
    if (!this.#isReading) return;
    try {
      const bytes = new TextEncoder().encode(text);
      for (let rest = bytes; rest.length > 0;) rest = rest.subarray(this.#options.stream.writeSync(rest));
    } catch {
      // The terminal is gone or full, so nobody would see the output.
    }
  }
}
