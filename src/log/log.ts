/** The only way to report something to a person or a file. Modules get a `Log`; only sinks write. */
import type { Clock } from "../clock.ts";
import { partPages, seePage } from "../help_page.ts";
import type { Lifecycle } from "../lifecycle.ts";

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = typeof logLevels[number];

export interface LogEntry {
  /** Unix milliseconds. */
  at: number;
  level: LogLevel;
  /** The part that logs: "tiktok", "store", or a service's slug. */
  from: string;
  /** A cleaned sentence. If it has several lines (a stack), the lines after the first are indented. */
  text: string;
}

export interface Log {
  debug(text: string): void;
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
  /**
   * The same log under another name. A line after the first warning or error of that name names the page of the docs
   * that helps: a fixed page for Livecue's own parts, and for others the first page that was passed.
   */
  named(from: string, page?: string | null): Log;
}

/** Accepts entries from `start` on. `stop` writes the waiting ones, for at most `limitMs`. */
export interface LogSink extends Lifecycle {
  /** The lowest level that it accepts. */
  readonly level: LogLevel;
  /** The parts from which it accepts only warnings and errors, whatever its level. Default: none. */
  readonly quiet?: ReadonlySet<string>;
  write(entry: LogEntry): void;
  start(): void;
  stop(limitMs?: number): void | Promise<void>;
}

/** Creates a log that passes each entry, cleaned by `clean`, to every sink that accepts its level. */
export function createLog(
  options: {
    clock: Clock;
    sinks: readonly LogSink[];
    /** Removes everything from a line that must not reach a terminal. */
    clean: (line: string) => string;
  },
): Log {
  const logs = new Map<string, Log>();
  const pages = new Map(Object.entries(partPages));
  const named: Log["named"] = (from, page = null) => {
    if (page !== null && !pages.has(from)) pages.set(from, page);
    const log = logs.get(from) ??
      logUnder(from, { ...options, named, pageOf: () => pages.get(from) ?? null });
    logs.set(from, log);
    return log;
  };
  return named("livecue");
}

interface NamedOptions {
  clock: Clock;
  sinks: readonly LogSink[];
  clean: (line: string) => string;
  named: Log["named"];
  pageOf: () => string | null;
}

function logUnder(from: string, { clock, sinks, clean, named, pageOf }: NamedOptions): Log {
  let hasNamedPage = false;
  const takersOf = (level: LogLevel) =>
    sinks.filter((sink) => {
      const least = sink.quiet?.has(from) ? "warn" : sink.level;
      return logLevels.indexOf(level) >= logLevels.indexOf(least);
    });
  const takersByLevel = {
    debug: takersOf("debug"),
    info: takersOf("info"),
    warn: takersOf("warn"),
    error: takersOf("error"),
  };
  const write = (level: LogLevel, text: string) => {
    const takers = takersByLevel[level];
    // A busy live logs thousands of entries per second that no sink may want.
    if (takers.length === 0) return;
    const entry = { at: clock.now(), level, from, text: text.split(/\r?\n/).map(clean).join("\n    ") };
    for (const sink of takers) sink.write(entry);
  };
  const writeTrouble = (level: "warn" | "error", text: string) => {
    write(level, text);
    const page = hasNamedPage ? null : pageOf();
    if (page === null) return;
    hasNamedPage = true;
    write(level, seePage(page));
  };
  return {
    debug: (text) => write("debug", text),
    info: (text) => write("info", text),
    warn: (text) => writeTrouble("warn", text),
    error: (text) => writeTrouble("error", text),
    named,
  };
}

/** Caches the time, because a thousand lines per second share it, and time zone conversion costs more than the line. */
let lastClockTime = { second: NaN, text: "" };

/** "14:03:21", local time. */
export function clockTime(at: number): string {
  const second = Math.floor(at / 1000);
  if (second !== lastClockTime.second) {
    lastClockTime = { second, text: new Date(at).toTimeString().slice(0, 8) };
  }
  return lastClockTime.text;
}

/** "14:03:21"; on a different day than `now`, "2026-11-22 14:03:21". */
export function momentTime(at: number, now: number): string {
  const date = new Date(at);
  if (date.toDateString() === new Date(now).toDateString()) return clockTime(at);
  const [month, day] = [date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, "0"));
  return `${date.getFullYear()}-${month}-${day} ${clockTime(at)}`;
}
