/** The plain log: one line per entry, on standard output, or on standard error for warnings and errors. */
import type { Clock } from "../clock.ts";
import { msg, t, translated } from "../language.ts";
import { clockTime, type LogEntry, type LogLevel, type LogSink } from "./log.ts";
import { wordWrap } from "./word_wrap.ts";
import { type ByteStream, Outlet } from "./outlet.ts";

const colors: Record<LogLevel, string> = { debug: "\x1b[2m", info: "", warn: "\x1b[33m", error: "\x1b[31m" };
const signs: Record<LogLevel, string> = { debug: "", info: "", warn: msg("warning"), error: msg("error") };
const reset = "\x1b[0m";

export interface ConsoleSinkOptions {
  level: LogLevel;
  clock: Clock;
  /** See `hasColor`. */
  isColored: boolean;
  /** `Deno.stdout` and `Deno.stderr`, or a test's streams. */
  stdout: ByteStream;
  stderr: ByteStream;
  /** Whether both streams lead to the same place, so that their order matters. */
  areOne: boolean;
  /** The width of the terminal, in which lines are broken between words; null for a file or a pipe. */
  columns?: () => number | null;
}

/** Whether to use color: only on a terminal, and never when NO_COLOR is set (no-color.org). */
export function hasColor({ isTerminal, noColor }: { isTerminal: boolean; noColor: string | undefined }) {
  return isTerminal && !noColor;
}

/**
 * A reader that exits (`| head`, a closed terminal) or does not read (Ctrl-S, a pager), or a full disk, never stops
 * Livecue. Text that could not be written is lost here, but not in the database or the log file.
 */
export class ConsoleSink implements LogSink {
  readonly level: LogLevel;
  readonly #options: ConsoleSinkOptions;
  readonly #out: Outlet;
  readonly #err: Outlet;

  constructor(options: ConsoleSinkOptions) {
    this.level = options.level;
    this.#options = options;
    this.#out = this.#makeOutlet();
    this.#err = options.areOne ? this.#out : this.#makeOutlet();
  }

  write(entry: LogEntry): void {
    const { stdout, stderr } = this.#options;
    const line = this.#format(entry);
    if (entry.level === "warn" || entry.level === "error") this.#err.add(stderr, line, { isUrgent: true });
    else this.#out.add(stdout, line);
  }

  /** It needs no start. */
  start(): void {}

  async stop(limitMs?: number): Promise<void> {
    await Promise.all([this.#out.stop(limitMs), this.#err.stop(limitMs)]);
  }

  #makeOutlet(): Outlet {
    const { clock } = this.#options;
    return new Outlet({
      clock,
      missing: (count) => {
        const text = count === 1
          ? t`1 line is missing here, because the output was not read in time.`
          : t`${count} lines are missing here, because the output was not read in time.`;
        return this.#format({ at: clock.now(), level: "warn", from: "livecue", text });
      },
    });
  }

  #format({ at, level, from, text }: LogEntry): string {
    const speaker = from === "livecue" || from === "live" ? "" : `[${from}] `;
    const sign = signs[level] === "" ? "" : `${translated(signs[level])}: `;
    const columns = this.#options.columns?.() ?? null;
    const said = `${sign}${speaker}${text}`;
    const line = `${clockTime(at)} ${columns === null ? said : wordWrap(said, columns)}`;
    return this.#options.isColored && colors[level] ? `${colors[level]}${line}${reset}\n` : `${line}\n`;
  }
}
