/** Opens a database of either kind for reading, by its address. The code of the other kind is not loaded. */
import { isPostgresAddress } from "./postgres/address.ts";
import type { OpenReader } from "./reader.ts";
import { openSqliteReader, reopenSqliteReader } from "./sqlite/reading.ts";

/** Throws a `UserError` if there is no such database, or if it has another version. */
export async function openReader(address: string): Promise<OpenReader> {
  if (!isPostgresAddress(address)) return openSqliteReader(address);
  const { openPostgresReader } = await import("./postgres/reading.ts");
  return await openPostgresReader(address);
}

/** Another reader of a database that this process has already opened, for a thread of it. */
export async function reopenReader(address: string): Promise<OpenReader> {
  return isPostgresAddress(address) ? await openReader(address) : reopenSqliteReader(address);
}
