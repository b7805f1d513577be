/** Where the readings are stored, and whether their file is still the same. */
import { basename, dirname, join } from "node:path";

/**
 * The database of readings beside the database of a show: `livecue.db` has `readings.db`, and `livecue.demo.db` has
 * `readings.demo.db`.
 */
export function readingsDatabase(show: string): string {
  const [, ...rest] = basename(show).split(".");
  const name = ["readings", ...rest].join(".");
  // The show itself may have this name.
  return join(dirname(show), name === basename(show) ? `readings.${name}` : name);
}

/** Differs after the file was replaced; null if it does not exist. */
export function identityOf(file: string): string | null {
  try {
    const { dev, ino } = Deno.statSync(file);
    return `${dev} ${ino}`;
  } catch {
    return null;
  }
}
