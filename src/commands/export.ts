import type { Command } from "commander";
import { exportLines } from "../capture/replay/exported.ts";
import { UserError } from "../user_error.ts";
import { describeCount } from "../faces/plain/plain_log.ts";
import { wholeNumber } from "./options.ts";
import { withReader } from "./reading.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { print } from "./table.ts";

/** `export`: a session as JSON lines, which `replay:` reads. */
export function addExport(program: Command): void {
  const command = program.command("export")
    .description("write a session to a file, which --source replay:FILE reads")
    .argument("<session>", "the session's number, as in the list of sessions", wholeNumber(1))
    .argument("<file>", "the file to write")
    .action(async (sessionId: number, file: string) => {
      const { config } = await readSettings(command.optsWithGlobals<GlobalOptions>());
      await withReader(config.database, async (reader) => {
        const session = reader.session(sessionId);
        if (session === null) {
          throw new UserError(
            `There is no session ${sessionId}. deno task livecue sessions lists those there are.`,
          );
        }
        const lines = exportLines(session, reader.exportSession(sessionId));
        const count = await writeLines(file, lines);
        print(`Session ${sessionId} is in ${file}: ${describeCount(count - 1, "event")}.`);
      });
    });
}

/**
 * Writes a new file and returns how many lines; throws a `UserError` where it exists or cannot be written. What could
 * not be written whole is taken away again.
 */
async function writeLines(path: string, lines: Iterable<string>): Promise<number> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path, { write: true, createNew: true });
  } catch (error) {
    throw new UserError(`${path} cannot be written: ${whyNot(error)}. Choose another file.`);
  }
  try {
    using _closing = file;
    return writeAll(file, path, lines);
  } catch (error) {
    await Deno.remove(path);
    throw error;
  }
}

function writeAll(file: Deno.FsFile, path: string, lines: Iterable<string>): number {
  const encoder = new TextEncoder();
  let count = 0;
  for (const line of lines) {
    const bytes = encoder.encode(`${line}\n`);
    try {
      for (let rest = bytes; rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
    } catch (error) {
      throw new UserError(`${path} cannot be written to its end: ${whyNot(error)}. It is taken away again.`);
    }
    count++;
  }
  return count;
}

function whyNot(error: unknown): string {
  if (error instanceof Deno.errors.AlreadyExists) return "it exists already";
  if (error instanceof Deno.errors.NotFound) return "there is no such folder";
  return (error as Error).message;
}
