/** Where the readings are stored. */
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
