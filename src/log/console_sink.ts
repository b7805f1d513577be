/** The plain log: one line an entry on standard output, warnings and errors on standard error. */
import { clockTime, type LogEntry, type LogLevel, type LogSink } from "./log.ts";

const colors: Record<LogLevel, string> = { debug: "\x1b[2m", info: "", warn: "\x1b[33m", error: "\x1b[31m" };
const signs: Record<LogLevel, string> = { debug: "", info: "", warn: "warning: ", error: "error: " };
const reset = "\x1b[0m";
/** Between two tries of a stream that is full. */
const fullStreamWaitMs = 5;

export interface ConsoleSinkOptions {
  level: LogLevel;
  /** See `hasColor`. */
  isColored: boolean;
  /** `Deno.stdout` and `Deno.stderr`, or whatever a test listens on. */
  stdout: { writeSync(bytes: Uint8Array): number };
  stderr: { writeSync(bytes: Uint8Array): number };
}

/** Whether to color: only on a terminal, and never where NO_COLOR is set (no-color.org). */
export function hasColor({ isTerminal, noColor }: { isTerminal: boolean; noColor: string | undefined }) {
  return isTerminal && !noColor;
}

/**
 * Lines of one turn of the event loop are written together: at a thousand events a second a call a line
 * would cost more than the events. A reader that has gone away (`| head`, a closed terminal) and a full disk
 * stop nothing: what could not be said is lost, and the database and the log file are not.
 */
export class ConsoleSink implements LogSink {
  readonly level: LogLevel;
  readonly #options: ConsoleSinkOptions;
  #lines = "";
  #isScheduled = false;

  constructor(options: ConsoleSinkOptions) {
    this.level = options.level;
    this.#options = options;
  }

  write(entry: LogEntry): void {
    const line = this.#format(entry);
    if (entry.level === "warn" || entry.level === "error") {
      this.#flush();
      this.#print(this.#options.stderr, line);
      return;
    }
    this.#lines += line;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  /** It can write from the first. */
  start(): void {}

  stop(): void {
    this.#flush();
  }

  #flush(): void {
    if (this.#lines === "") return;
    const lines = this.#lines;
    this.#lines = "";
    this.#print(this.#options.stdout, lines);
  }

  #format({ at, level, from, text }: LogEntry): string {
    const speaker = from === "livecue" || from === "live" ? "" : `[${from}] `;
    const line = `${clockTime(at)} ${signs[level]}${speaker}${text}`;
    return this.#options.isColored && colors[level] ? `${colors[level]}${line}${reset}\n` : `${line}\n`;
  }

  #print(stream: ConsoleSinkOptions["stdout"], text: string): void {
    try {
      writeText(stream, text);
    } catch {
      // Nobody can be told but by the very stream that fails.
    }
  }
}

/** Writes all of it, however slow the reader. Throws as the stream does, where it is full for good or closed. */
export function writeText(stream: ConsoleSinkOptions["stdout"], text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(writeSome(stream, rest));
}

/** Whoever started Livecue may have made the stream one that refuses when it is full: then wait, as others do. */
function writeSome(stream: ConsoleSinkOptions["stdout"], bytes: Uint8Array): number {
  try {
    return stream.writeSync(bytes);
  } catch (error) {
    if (!(error instanceof Deno.errors.WouldBlock)) throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, fullStreamWaitMs);
    return 0;
  }
}
