/**
 * Writes the log to a file. A file that cannot be written stops nothing: the waiting lines are written when it can be
 * written again.
 */
import type { Clock } from "../clock.ts";
import { t } from "../language.ts";
import type { LogEntry, LogLevel, LogSink } from "./log.ts";
import { LogFile } from "./log_file.ts";
import { Outlet } from "./outlet.ts";

export interface FileSinkOptions {
  path: string;
  level: LogLevel;
  clock: Clock;
  /** The file is rotated before it would exceed this size. */
  maxBytes?: number;
  /** The number of files, including the current one. */
  maxFiles?: number;
  /** Reports that the file cannot be written, and that it can be written again, in a sentence each. */
  tell?: (level: "warn" | "info", sentence: string) => void;
}

/** The time between two tries to write the file. */
const retryMs = 1_000;
/** One write for each line took a sixth of the main thread's time at 100 events per second. */
const gatherMs = 100;
/** Characters, enough for the last minutes of a busy live. */
const maxWaiting = 1024 * 1024;

/** Appends to the file from `start` on. */
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
      gatherMs,
      retryMs,
      missing: (count) =>
        fileLine({
          at: clock.now(),
          level: "warn",
          from: "livecue",
          text: count === 1
            ? t`1 line is missing here: the file could not be written.`
            : t`${count} lines are missing here: the file could not be written.`,
        }),
      onTrouble: (error) => {
        const why = error === null ? t`it accepts no data, as if nothing reads it` : error.message;
        tell(
          "warn",
          t`The log file ${path} cannot be written (${why}). The live goes on, and Livecue tries the file again.`,
        );
      },
      onRecovered: () => tell("info", t`The log file ${path} can be written again.`),
    });
  }

  /** Throws a `UserError` if the file cannot be opened. */
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
