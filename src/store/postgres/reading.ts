/** Reads a PostgreSQL database, whoever writes to it. */
import { t } from "../../language.ts";
import { UserError } from "../../user_error.ts";
import { type OpenReader, Reader } from "../reader.ts";
import { databaseShown } from "../../database_address.ts";
import { PostgresQuery, type PostgresQueryOptions } from "./query.ts";
import { checkedVersion, latestVersion } from "./schema.ts";
import { explained } from "./trouble.ts";

/** Throws a `UserError` if the database cannot be reached, has no tables yet, or has another version. */
export async function openPostgresReader(
  address: string,
  options: Pick<PostgresQueryOptions, "timeoutMs"> = {},
): Promise<OpenReader> {
  const query = await PostgresQuery.open(address, { ...options, applicationName: "livecue reader" });
  const name = databaseShown(address);
  try {
    if (checkedVersion((sql, ...values) => query.all(sql, ...values), name) < latestVersion) {
      throw new UserError(
        t`${name} has no tables yet, or those of an older Livecue. Run "init" or "start" first.`,
      );
    }
  } catch (error) {
    query.close();
    throw explained(name, error);
  }
  return {
    query,
    reader: new Reader(query),
    of: (streamer) => new Reader(query, { streamer }),
    snapshot(work) {
      query.all("BEGIN ISOLATION LEVEL REPEATABLE READ");
      try {
        return work();
      } finally {
        query.all("COMMIT");
      }
    },
    explained: (error) => explained(name, error),
    close: () => query.close(),
  };
}
