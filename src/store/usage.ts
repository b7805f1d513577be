/** Whether a running Livecue uses a database, of either kind. */
import { isPostgresAddress } from "../database_address.ts";
import { UserError } from "../user_error.ts";
import { checkFree, ownerOfDatabase } from "./sqlite/lock.ts";
import { databaseFile } from "./sqlite/open.ts";

/** false also if there is no such database, or if it cannot be asked. */
export async function isInUse(database: string): Promise<boolean> {
  try {
    if (!isPostgresAddress(database)) return ownerOfDatabase(databaseFile(database)) !== null;
    return await machineUsing(database) !== null;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

/** Throws a `UserError` if a running Livecue uses the file. */
export function checkFileIsFree(database: string): void {
  checkFree(databaseFile(database));
}

/**
 * The machine that captures into a PostgreSQL database; "" if its name is not known, null if there is none. Throws a
 * `UserError` if the server cannot be asked.
 */
export async function machineUsing(address: string): Promise<string | null> {
  const { holderOf } = await import("./postgres/holder.ts");
  return await holderOf(address);
}
