/** The one way to say something to a person or a log file. Parts get a `Log`; only sinks write. */
export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LogEntry {
  /** Unix milliseconds. */
  at: number;
  level: LogLevel;
  /** Who speaks: "tiktok", "store", or a service's slug. */
  from: string;
  /** One sentence, or for an error with its stack several lines; cleaned of control characters by the log. */
  text: string;
}

export interface Log {
  debug(text: string): void;
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
  /** The same log under another name. */
  named(from: string): Log;
}
