/** Reads a database for a command. Any data that cannot be read becomes a sentence for the user. */
import { t } from "../language.ts";
import { openReader, type Reader, type StoredSession } from "../store/reader.ts";
import { explained } from "../store/sqlite/trouble.ts";
import { UserError } from "../user_error.ts";

/** Runs `use` with an open reader. Throws a `UserError` if there is no database, or if it is damaged. */
export async function withReader(path: string, use: (reader: Reader) => Promise<void> | void): Promise<void> {
  const reader = openReader(path);
  try {
    await explainingRows(path, () => use(reader));
  } finally {
    reader.close();
  }
}

/** Runs `work`, which reads rows of the database. An error in the rows becomes a `UserError`. */
export async function explainingRows<Result>(
  path: string,
  work: () => Promise<Result> | Result,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw explained(path, error);
  }
}

/** Throws a `UserError` if there is no such session. */
export function sessionOf(reader: Reader, id: number): StoredSession {
  const session = reader.session(id);
  if (session !== null) return session;
  throw new UserError(t`There is no session ${id}. deno task livecue sessions lists the sessions.`);
}
