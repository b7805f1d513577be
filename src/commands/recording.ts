/** The recording of a run, by --record. */
import { Recorder } from "../capture/replay/recorder.ts";
import { t } from "../language.ts";
import type { Log } from "../log/log.ts";
import type { Source } from "../source.ts";
import type { CommandContext } from "./context.ts";

/** A recording that cannot be written ends in the exit code. */
export function makeRecorder(path: string, log: Log, context: CommandContext): Recorder {
  return new Recorder(path, (error) => {
    log.error(error.message);
    context.setExitCode(2);
  });
}

/** A recording is replayed as a single live, whatever it contains. */
export function warnOfMixedRecording(sources: readonly Source[], log: Log): void {
  const names = sources.filter(({ traits }) => !traits.isEndless).map(({ name }) => name);
  if (names.length < 2) return;
  log.warn(
    t`--record writes the lives of ${
      names.join(t` and `)
    } into one file, and its replay is a single live with all their events. To replay only one of them, record only one: --source ${
      names[0]
    }`,
  );
}
