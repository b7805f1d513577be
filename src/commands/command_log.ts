/** The log of a command: the console's, and a file's where there is one. */
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
  /** The file alone, for what is said in the terminal in another way. */
  fileLog: Log;
  /** Waits for those who read, for some seconds where no limit is given. */
  stop(limitMs?: number): Promise<void>;
}

/**
 * Call `stop` when all is said. `screen`: what shows the log in
 * place of the console. Throws a `UserError` where the file cannot be written.
 */
export function openLog(
  { isVerbose, file = null, screen = null }: {
    isVerbose: boolean;
    file?: string | null;
    screen?: LogSink | null;
  },
): OpenedLog {
  const files: LogSink[] = [];
  if (file !== null) {
    const tell = (level: "warn" | "info", sentence: string) => log[level](sentence);
    files.push(new FileSink({ path: file, level: "debug", clock: systemClock, tell }));
  }
  const sinks = [screen ?? consoleSink(isVerbose), ...files];
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

/** What the reader of the last words gets to read them. */
const lastWordsMs = 1_000;

/** Says something on standard error as the program ends; a reader who does not read holds up nothing. */
export async function sayOnce(text: string): Promise<void> {
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
  });
}

/** Whether two of the program's streams lead to the same place. */
function areOne(one: number, other: number): boolean {
  try {
    const [first, second] = [fstatSync(one), fstatSync(other)];
    return first.dev === second.dev && first.ino === second.ino;
  } catch {
    return false;
  }
}

/** Whether what is shown in this terminal may be colored. */
export function isColored(): boolean {
  return hasColor({ isTerminal: Deno.stdout.isTerminal(), noColor: Deno.env.get("NO_COLOR") });
}
