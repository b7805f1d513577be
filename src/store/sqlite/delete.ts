/** Deletes a database that is Livecue's and not in use. */
import { t } from "../../language.ts";
import { UserError } from "../../user_error.ts";
import { completeExchange } from "./exchange.ts";
import { lockDatabase } from "./lock.ts";
import { databaseFile, inspect } from "./open.ts";

/** Removes a database with its log. Throws a `UserError` if a process owns it, or if it cannot be removed. */
export function deleteDatabase(path: string): void {
  const file = databaseFile(path);
  inspect(file);
  const lock = lockDatabase(file);
  try {
    completeExchange(file);
    for (const part of [file, `${file}-wal`, `${file}-shm`]) removeIfPresent(part);
  } finally {
    lock.release();
  }
}

function removeIfPresent(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw new UserError(
      t`${path} cannot be deleted: ${
        (error as Error).message
      }. Allow writing to its folder, and close other programs that have it open.`,
    );
  }
}
