/** Replaces a file completely or not at all. */
import { basename, dirname, join } from "node:path";
import { t } from "../language.ts";
import { UserError } from "../user_error.ts";

/** Keeps the file's mode, and follows a link. If it throws a `UserError`, the file is unchanged. */
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
      t`${path} cannot be written: ${(error as Error).message}. Allow writing to its folder.`,
    );
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // The file does not exist or cannot be removed. Nothing reads it.
  }
}
