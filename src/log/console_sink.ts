/** The plain log: one line an entry on standard output, warnings and errors on standard error. */
import { clockTime, type LogEntry, type LogLevel, type LogSink } from "./log.ts";

const colors: Record<LogLevel, string> = { debug: "\x1b[2m", info: "", warn: "\x1b[33m", error: "\x1b[31m" };
const signs: Record<LogLevel, string> = { debug: "", info: "", warn: "warning: ", error: "error: " };
const reset = "\x1b[0m";

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
 * would cost more than the events. A reader that has gone away (`| head`) is no error.
 */
export class ConsoleSink implements LogSink {
  readonly level: LogLevel;
  readonly #options: ConsoleSinkOptions;
  #lines = "";
  #isScheduled = false;
  #isBroken = false;

  constructor(options: ConsoleSinkOptions) {
    this.level = options.level;
    this.#options = options;
  }

  write(entry: LogEntry): void {
    const line = this.#format(entry);
    if (entry.level === "warn" || entry.level === "error") {
      this.close();
      this.#print(this.#options.stderr, line);
      return;
    }
    this.#lines += line;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.close();
    });
  }

  close(): void {
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
    if (this.#isBroken) return;
    let bytes = new TextEncoder().encode(text);
    try {
      while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
    } catch (error) {
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
      this.#isBroken = true;
    }
  }
}
