/**
 * The terminal as the screen has it. What is written goes there beside the event loop: a terminal that does not read (a
 * stopped one, a dead connection) holds up nobody. What it misses is not kept: the screen is drawn anew once it reads
 * again. The system changes a terminal's mode only between two writes, so that waits for them as well.
 */
import type { Clock } from "../clock.ts";
import { type ByteStream, Outlet } from "../log/outlet.ts";

export interface QuietTerminalOptions {
  /** The terminal as Ink knows one: keys, size, and word of a change of it. */
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  /** A library of Ink's shows the cursor there by itself as the process ends. */
  stderr: NodeJS.WriteStream;
  /** Where to write. */
  stream: ByteStream & { writeSync(bytes: Uint8Array): number };
  clock: Clock;
  /** Something was left out: all of the screen is to be drawn again. */
  onTorn: () => void;
  /** The terminal is gone. */
  onGone: () => void;
}

/** Characters that wait: some frames. */
const maxWaiting = 64 * 1024;
/** A terminal that takes longer is not reading. */
const stuckMs = 250;
/** How long is waited for one that is to have all of it. */
const flushMs = 1_000;
/** Ink has the terminal show a frame at once; where its end is missing the terminal would wait for it. */
const endOfFrame = "\x1b[?2026l";

export class QuietTerminal {
  /** For Ink. */
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly #options: QuietTerminalOptions;
  readonly #outlet: Outlet;
  #isAtOnce = false;
  /** When the last change of the mode is done, or given up. */
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

  /** Resolves when the terminal has all of it, or does not read. */
  async flush(): Promise<void> {
    await this.#outlet.flush(flushMs);
    await this.#changing;
  }

  /** The process ends: what waits, and what comes from now on, is written in this turn, where the terminal reads. */
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

  /** As far as can be seen: the write that is under way has only begun. */
  get #isReading(): boolean {
    return this.#outlet.writingForMs <= stuckMs;
  }

  #writeSync(text: string): void {
    if (!this.#isReading) return;
    try {
      const bytes = new TextEncoder().encode(text);
      for (let rest = bytes; rest.length > 0;) rest = rest.subarray(this.#options.stream.writeSync(rest));
    } catch {
      // It is gone, or full: nobody sees it.
    }
  }
}

/** The same stream, with some of its methods replaced. */
function replacing<Stream extends object>(stream: Stream, methods: Partial<Stream>): Stream {
  return new Proxy(stream, {
    get(target, key) {
      if (Object.hasOwn(methods, key)) return methods[key as keyof Stream];
      const value = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
