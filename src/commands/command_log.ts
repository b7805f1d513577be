/** The log of a command: on the console, and in a file if there is one. */
import { fstatSync } from "node:fs";
import { cleanText } from "../clean_text.ts";
import { systemClock } from "../clock.ts";
import { ConsoleSink, hasColor } from "../log/console_sink.ts";
import { FileSink } from "../log/file_sink.ts";
import { Outlet } from "../log/outlet.ts";
import { createLog, type Log, type LogSink } from "../log/log.ts";

/** Characters of one line. */
const maxLineLength = 2_000;

export interface OpenedLog {
  log: Log;
  /** Logs to the file only, for text that the terminal shows in another way. */
  fileLog: Log;
  /** Waits until the log is written, for a few seconds if no limit is given. */
  stop(limitMs?: number): Promise<void>;
}

/**
 * Call `stop` at the end. `screen` shows the log instead of the console, `also` beside it. Throws a `UserError` if the file cannot be
 * written.
 */
export function openLog(
  { isVerbose, file = null, screen = null, also = null }: {
    isVerbose: boolean;
    file?: string | null;
    screen?: LogSink | null;
    also?: LogSink | null;
  },
): OpenedLog {
  const files: LogSink[] = [];
  if (file !== null) {
    const tell = (level: "warn" | "info", sentence: string) => log[level](sentence);
    files.push(new FileSink({ path: file, level: "debug", clock: systemClock, tell }));
  }
  const sinks = [screen ?? consoleSink(isVerbose), ...(also === null ? [] : [also]), ...files];
  for (const sink of sinks) sink.start();
  const clean = (line: string) => cleanText(line, maxLineLength);
  const log = createLog({ clock: systemClock, sinks, clean });
  return {
    log,
    fileLog: createLog({ clock: systemClock, sinks: files, clean }),
    async stop(limitMs) {
      await Promise.all(sinks.map((sink) => sink.stop(limitMs)));
    },
  };
}

/** A log that one sink gets. */
export function logTo(sink: LogSink): Log {
  return createLog({ clock: systemClock, sinks: [sink], clean: (line) => cleanText(line, maxLineLength) });
}

/** How long to wait for the reader of the last message. */
const lastWordsMs = 1_000;

/** Prints a text on standard error before the program exits. A reader that does not read cannot block it. */
export async function printOnce(text: string): Promise<void> {
  const outlet = new Outlet({ clock: systemClock, missing: () => "" });
  outlet.add(Deno.stderr, `${text}\n`);
  await outlet.stop(lastWordsMs);
}

function consoleSink(isVerbose: boolean): LogSink {
  return new ConsoleSink({
    level: isVerbose ? "debug" : "info",
    clock: systemClock,
    isColored: isColored(),
    stdout: Deno.stdout,
    stderr: Deno.stderr,
    areOne: areOne(1, 2),
    columns: terminalColumns,
  });
}

function terminalColumns(): number | null {
  if (!Deno.stdout.isTerminal()) return null;
  try {
    return Deno.consoleSize().columns || null;
  } catch {
    return null;
  }
}

/** Whether two file descriptors lead to the same place. */
function areOne(one: number, other: number): boolean {
  try {
    const [first, second] = [fstatSync(one), fstatSync(other)];
    return first.dev === second.dev && first.ino === second.ino;
  } catch {
    return false;
  }
}

/** Whether output in this terminal may use color. */
export function isColored(): boolean {
  return hasColor({ isTerminal: Deno.stdout.isTerminal(), noColor: Deno.env.get("NO_COLOR") });
}
