/** The log in a file. A file that cannot be written stops nothing: what waits is written when it can be again. */
import type { Clock } from "../clock.ts";
import type { LogEntry, LogLevel, LogSink } from "./log.ts";
import { LogFile } from "./log_file.ts";
import { Outlet } from "./outlet.ts";

export interface FileSinkOptions {
  path: string;
  level: LogLevel;
  clock: Clock;
  /** A file is put aside before it would grow over this. */
  maxBytes?: number;
  /** All files together, the current one included. */
  maxFiles?: number;
  /** That the file cannot be written, and that it can be again, as a sentence each. */
  tell?: (level: "warn" | "info", sentence: string) => void;
}

/** Between two tries of a file that cannot be written. */
const retryMs = 1_000;
/** Characters: the last minutes of a busy live. */
const maxWaiting = 1024 * 1024;

/** Appends, from `start` on. */
export class FileSink implements LogSink {
  readonly level: LogLevel;
  readonly #file: LogFile;
  readonly #outlet: Outlet;
  #isStarted = false;

  constructor(options: FileSinkOptions) {
    const { path, level, clock, maxBytes = 5 * 1024 * 1024, maxFiles = 5, tell = () => {} } = options;
    this.level = level;
    this.#file = new LogFile({ path, clock, maxBytes, maxFiles });
    this.#outlet = new Outlet({
      clock,
      maxWaiting,
      retryMs,
      missing: (count) =>
        fileLine({
          at: clock.now(),
          level: "warn",
          from: "livecue",
          text: `${
            count === 1 ? "1 line is" : `${count} lines are`
          } missing here: the file could not be written.`,
        }),
      onTrouble: (error) => {
        const why = error === null ? "it takes nothing, as if nobody read it" : error.message;
        tell(
          "warn",
          `The log file ${path} cannot be written (${why}). The live goes on, and Livecue tries the file again.`,
        );
      },
      onRecovered: () => tell("info", `The log file ${path} is written again.`),
    });
  }

  /** Throws a `UserError` where the file cannot be opened. */
  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#file.openAtOnce();
  }

  write(entry: LogEntry): void {
    if (this.#isStarted) this.#outlet.add(this.#file, fileLine(entry));
  }

  async stop(limitMs?: number): Promise<void> {
    this.#isStarted = true;
    await this.#outlet.stop(limitMs);
    this.#file.close();
  }
}

function fileLine({ at, level, from, text }: LogEntry): string {
  return `${new Date(at).toISOString()} ${level.padEnd(5)} [${from}] ${text}\n`;
}
