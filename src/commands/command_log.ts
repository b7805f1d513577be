/** The log of a command: the console's, and a file's where there is one. */
import { cleanText } from "../capture/text.ts";
import { systemClock } from "../clock.ts";
import { ConsoleSink, hasColor } from "../log/console_sink.ts";
import { FileSink } from "../log/file_sink.ts";
import { createLog, type Log, type LogSink } from "../log/log.ts";

/** Characters of one line. */
const maxLineLength = 2_000;

/** Call `close` when all is said. Throws a `UserError` where the file cannot be written. */
export function openLog(
  { isVerbose, file = null }: { isVerbose: boolean; file?: string | null },
): { log: Log; close: () => void } {
  const sinks: LogSink[] = [
    new ConsoleSink({
      level: isVerbose ? "debug" : "info",
      isColored: hasColor({ isTerminal: Deno.stdout.isTerminal(), noColor: Deno.env.get("NO_COLOR") }),
      stdout: Deno.stdout,
      stderr: Deno.stderr,
    }),
  ];
  if (file !== null) sinks.push(new FileSink({ path: file, level: "debug" }));
  const log = createLog({ clock: systemClock, sinks, clean: (line) => cleanText(line, maxLineLength) });
  return { log, close: () => sinks.forEach((sink) => sink.close()) };
}
