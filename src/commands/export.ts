import type { Command } from "commander";
import { exportLines } from "../capture/replay/exported.ts";
import type { LiveEvent } from "../event.ts";
import { counted, noun, t } from "../language.ts";
import { eventRows } from "../report/event_rows.ts";
import { makeNewFile } from "../store/new_file.ts";
import type { StoredSession } from "../store/reader.ts";
import { UserError } from "../user_error.ts";
import { wholeNumber } from "./options.ts";
import { sessionOf, withReader } from "./reading.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { print } from "./table.ts";

interface ExportOptions extends GlobalOptions {
  csv?: boolean;
}

/** `export`: writes a session as JSON lines, which `replay:` reads, or as a table for spreadsheets. */
export function addExport(program: Command): void {
  const command = program.command("export")
    .description(
      t`write a session to a file, which --source replay:FILE reads, or to a .csv for a spreadsheet`,
    )
    .argument("<session>", t`the session's number, as in the list of sessions`, wholeNumber(1))
    .argument("<file>", t`the file to write; one that ends with .csv is for a spreadsheet`)
    .option("--csv", t`for a spreadsheet, whatever the file's name`)
    .action(async (sessionId: number, file: string) => {
      const options = command.optsWithGlobals<ExportOptions>();
      const { config } = await readSettings(options);
      const isTable = options.csv || /\.csv$/i.test(file);
      await withReader(config.database, (reader) => {
        const session = sessionOf(reader, sessionId);
        const events = reader.exportSession(sessionId);
        const count = writeParts(file, isTable ? eventRows(events) : linesOf(session, events));
        const has = counted(count - 1, noun("event"));
        print(
          isTable
            ? t`Session ${sessionId} is in ${file}, as a table for spreadsheets: ${has}.`
            : t`Session ${sessionId} is in ${file}: ${has}.`,
        );
      });
    });
}

function* linesOf(session: StoredSession, events: Iterable<LiveEvent>): Generator<string> {
  for (const line of exportLines(session, events)) yield `${line}\n`;
}

/** Writes a new file completely or not at all. Returns the number of parts. Throws a `UserError` if it cannot be written. */
function writeParts(path: string, parts: Iterable<string>): number {
  return makeNewFile(path, (temporary) => {
    using file = writing(path, () => Deno.openSync(temporary, { write: true, createNew: true }));
    const encoder = new TextEncoder();
    let count = 0;
    for (const part of parts) {
      writing(path, () => {
        for (let rest = encoder.encode(part); rest.length > 0;) {
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
    throw new UserError(t`${path} cannot be written: ${(error as Error).message}. Name another file.`);
  }
}
