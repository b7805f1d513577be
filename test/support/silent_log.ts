import type { Log, LogLevel } from "../../src/log/log.ts";

export interface SilentLog extends Log {
  /** All messages so far, including those under other names. */
  readonly entries: { level: LogLevel; from: string; text: string }[];
}

/** A log that prints nothing and keeps everything. */
export function silentLog(from = "livecue", entries: SilentLog["entries"] = []): SilentLog {
  const write = (level: LogLevel) => (text: string) => void entries.push({ level, from, text });
  return {
    entries,
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    named: (name) => silentLog(name, entries),
  };
}
