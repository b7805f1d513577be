/** Reads a database for a command. Any data that cannot be read becomes a sentence for the user. */
import { isPostgresAddress } from "../database_address.ts";
import { t } from "../language.ts";
import { openReader } from "../store/open_reader.ts";
import type { OpenReader, Reader, StoredSession } from "../store/reader.ts";
import { UserError } from "../user_error.ts";
import { exists } from "./settings.ts";

/**
 * Runs `use` with an open reader. Throws a `UserError` if there is no database, or if it is damaged. `isPatient`: as for
 * `openReader`.
 */
export async function withReader(
  address: string,
  use: (reader: Reader, opened: OpenReader) => Promise<void> | void,
  { isPatient = true } = {},
): Promise<void> {
  const opened = await openReader(address, { isPatient });
  try {
    await use(opened.reader, opened);
  } catch (error) {
    throw opened.explained(error);
  } finally {
    opened.close();
  }
}

/** false if there is certainly no such database. A server is asked when it is opened. */
export async function mayExist(database: string): Promise<boolean> {
  return isPostgresAddress(database) || await exists(database);
}

/** Throws a `UserError` if there is no such session. */
export function sessionOf(reader: Reader, id: number): StoredSession {
  const session = reader.session(id);
  if (session !== null) return session;
  throw new UserError(t`There is no session ${id}. deno task livecue sessions lists the sessions.`);
}
