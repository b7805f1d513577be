import type { Log, LogLevel } from "../../src/log/log.ts";

interface Heard {
  level: LogLevel;
  from: string;
  text: string;
}

export interface HeardLog extends Log {
  readonly entries: Heard[];
  /** The first entry that matches, once it has been written. */
  heard(pattern: RegExp): Promise<Heard>;
}

/** A log that prints nothing, keeps everything, and whose entries can be awaited. */
export function heardLog(): HeardLog {
  const entries: Heard[] = [];
  const waiting: { pattern: RegExp; resolve: (entry: Heard) => void }[] = [];
  const heard = (pattern: RegExp): Promise<Heard> => {
    const entry = entries.find(({ text }) => pattern.test(text));
    if (entry) return Promise.resolve(entry);
    return new Promise((resolve) => waiting.push({ pattern, resolve }));
  };
  const write = (from: string, level: LogLevel) => (text: string) => {
    const entry = { level, from, text };
    entries.push(entry);
    for (const waiter of waiting) if (waiter.pattern.test(text)) waiter.resolve(entry);
  };
  const under = (from: string): HeardLog => ({
    entries,
    heard,
    debug: write(from, "debug"),
    info: write(from, "info"),
    warn: write(from, "warn"),
    error: write(from, "error"),
    named: under,
  });
  return under("livecue");
}
