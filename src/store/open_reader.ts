/** Opens a database of either kind for reading, by its address. The code of the other kind is not loaded. */
import { isPostgresAddress } from "../database_address.ts";
import type { OpenReader } from "./reader.ts";
import { openSqliteReader, reopenSqliteReader } from "./sqlite/reading.ts";

/** How long a read from a server may take, if it delays nothing else. */
const patienceMs = 120_000;

/**
 * Throws a `UserError` if there is no such database, or if it has another version. Reads block the thread; `isPatient`:
 * nothing else needs it, so a read from a server may take minutes.
 */
export async function openReader(address: string, { isPatient = false } = {}): Promise<OpenReader> {
  if (!isPostgresAddress(address)) return openSqliteReader(address);
  const { openPostgresReader } = await import("./postgres/reading.ts");
  return await openPostgresReader(address, isPatient ? { timeoutMs: patienceMs } : {});
}

/** Another reader of a database that this process has already opened, for a thread of it. */
export async function reopenReader(address: string): Promise<OpenReader> {
  return isPostgresAddress(address)
    ? await openReader(address, { isPatient: true })
    : reopenSqliteReader(address);
}
