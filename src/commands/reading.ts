/** Looking into a database for a person: what cannot be read in it is told in a sentence, whatever it is. */
import { openReader, type Reader } from "../store/reader.ts";
import { explained } from "../store/trouble.ts";

/** Runs `use` with an open reader. Throws a `UserError` where there is no database to read, or it is damaged. */
export async function withReader(path: string, use: (reader: Reader) => Promise<void> | void): Promise<void> {
  const reader = openReader(path);
  try {
    await explainingRows(path, () => use(reader));
  } finally {
    reader.close();
  }
}

/** Runs `work`, which reads rows of the database; what is wrong with them becomes a `UserError`. */
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
