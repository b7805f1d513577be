/** The log of a command: the console's, and a file's where there is one. */
import { cleanText } from "../clean_text.ts";
import { systemClock } from "../clock.ts";
import { ConsoleSink, hasColor } from "../log/console_sink.ts";
import { FileSink } from "../log/file_sink.ts";
import { createLog, type Log, type LogSink } from "../log/log.ts";

/** Characters of one line. */
const maxLineLength = 2_000;

/**
 * Call `stop` when all is said. `screen`: what shows the log in place of the console. Throws a `UserError` where
 * the file cannot be written.
 */
export function openLog(
  { isVerbose, file = null, screen = null }: {
    isVerbose: boolean;
    file?: string | null;
    screen?: LogSink | null;
  },
): { log: Log; stop: () => void } {
  const sinks: LogSink[] = [screen ?? consoleSink(isVerbose)];
  if (file !== null) sinks.push(new FileSink({ path: file, level: "debug" }));
  for (const sink of sinks) sink.start();
  const log = createLog({ clock: systemClock, sinks, clean: (line) => cleanText(line, maxLineLength) });
  return { log, stop: () => sinks.forEach((sink) => sink.stop()) };
}

function consoleSink(isVerbose: boolean): LogSink {
  return new ConsoleSink({
    level: isVerbose ? "debug" : "info",
    isColored: isColored(),
    stdout: Deno.stdout,
    stderr: Deno.stderr,
  });
}

/** Whether what is shown in this terminal may be colored. */
export function isColored(): boolean {
  return hasColor({ isTerminal: Deno.stdout.isTerminal(), noColor: Deno.env.get("NO_COLOR") });
}
