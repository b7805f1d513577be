/** Writing a file anew, whole or not at all. */
import { basename, dirname, join } from "node:path";
import { UserError } from "../user_error.ts";

/** Keeps who may read it, and writes to where a link leads. Throws a `UserError`; the file is untouched then. */
export function replaceFile(path: string, text: string): void {
  let temporary: string | null = null;
  try {
    const file = Deno.realPathSync(path);
    const { mode } = Deno.statSync(file);
    temporary = join(dirname(file), `.${basename(file)}.new`);
    Deno.writeTextFileSync(temporary, text, mode === null ? {} : { mode: mode & 0o777 });
    Deno.renameSync(temporary, file);
  } catch (error) {
    if (temporary !== null) removeIfThere(temporary);
    throw new UserError(
      `${path} cannot be written: ${(error as Error).message}. Allow writing to its folder.`,
    );
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It was never made, or cannot be removed: nothing reads it.
  }
}
