import type { Command } from "commander";
import { exportLines } from "../capture/replay/exported.ts";
import { UserError } from "../user_error.ts";
import { describeCount } from "../faces/plain/plain_log.ts";
import { makeNewFile } from "../store/new_file.ts";
import { wholeNumber } from "./options.ts";
import { sessionOf, withReader } from "./reading.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { print } from "./table.ts";

/** `export`: writes a session as JSON lines, which `replay:` reads. */
export function addExport(program: Command): void {
  const command = program.command("export")
    .description("write a session to a file, which --source replay:FILE reads")
    .argument("<session>", "the session's number, as in the list of sessions", wholeNumber(1))
    .argument("<file>", "the file to write")
    .action(async (sessionId: number, file: string) => {
      const { config } = await readSettings(command.optsWithGlobals<GlobalOptions>());
      await withReader(config.database, (reader) => {
        const session = sessionOf(reader, sessionId);
        const lines = exportLines(session, reader.exportSession(sessionId));
        const count = writeLines(file, lines);
        print(`Session ${sessionId} is in ${file}: ${describeCount(count - 1, "event")}.`);
      });
    });
}

/** Writes a new file completely or not at all. Returns the number of lines. Throws a `UserError` if it cannot be written. */
function writeLines(path: string, lines: Iterable<string>): number {
  return makeNewFile(path, (temporary) => {
    using file = writing(path, () => Deno.openSync(temporary, { write: true, createNew: true }));
    const encoder = new TextEncoder();
    let count = 0;
    for (const line of lines) {
      writing(path, () => {
        for (let rest = encoder.encode(`${line}\n`); rest.length > 0;) {
          rest = rest.subarray(file.writeSync(rest));
        }
      });
      count++;
    }
    return count;
  });
}

function writing<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw new UserError(`${path} cannot be written: ${(error as Error).message}. Name another file.`);
  }
}
