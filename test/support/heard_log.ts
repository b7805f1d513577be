import { systemClock } from "../../src/clock.ts";
import type { Log, LogLevel } from "../../src/log/log.ts";

interface Heard {
  level: LogLevel;
  from: string;
  text: string;
}

export interface HeardLog extends Log {
  readonly entries: Heard[];
  /** The first matching entry, once it is written. Rejects with all entries if none ever matches. */
  heard(pattern: RegExp): Promise<Heard>;
}

/** Nothing takes as long on a machine that is slow. */
const longestWaitMs = 60_000;

/** A log that prints nothing, keeps everything, and whose entries can be awaited. */
export function heardLog(): HeardLog {
  const entries: Heard[] = [];
  const waiting: { pattern: RegExp; resolve: (entry: Heard) => void }[] = [];
  const heard = (pattern: RegExp): Promise<Heard> => {
    const entry = entries.find(({ text }) => pattern.test(text));
    if (entry) return Promise.resolve(entry);
    return new Promise((resolve, reject) => {
      const cancel = systemClock.after(longestWaitMs, () => {
        const said = entries.map(({ level, text }) => `${level}: ${text}`).join("\n");
        reject(new Error(`${pattern} was never said, but:\n${said}`));
      });
      waiting.push({
        pattern,
        resolve: (entry) => {
          cancel();
          resolve(entry);
        },
      });
    });
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
