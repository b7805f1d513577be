/** The condition of a PostgreSQL database, for a check before a live. Changes nothing. */
import { databaseShown } from "../../database_address.ts";
import { holderIn } from "./holder.ts";
import { checkedTables, latestVersion } from "./schema.ts";
import { withServer } from "./server.ts";
import { checkServer } from "./server_checks.ts";
import { livingRuns } from "./streamers.ts";

export interface ServerCondition {
  /** The database for people. */
  name: string;
  /** Of the server, as "15.14". */
  serverVersion: string;
  /** The version of Livecue's tables; 0 if there are none yet. */
  version: number;
  /** Whether a start brings the tables up to date. */
  isOlder: boolean;
  /** Bytes of the whole database. */
  size: number;
  /** The machine that captures into it; "" if its name is not known, null if there is none. */
  machine: string | null;
  /** Streamers who are captured into rooms of their own. */
  streamerCount: number;
  /** The machines that capture them now. */
  machines: string[];
  /** Whether the connection is neither encrypted nor within this computer. */
  isOpen: boolean;
}

const look =
  `SELECT current_setting('server_version') AS version, pg_database_size(current_database()) AS size,
  coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS "isEncrypted",
  coalesce(inet_client_addr() = inet_server_addr(), true) AS "isOwn"`;

const countStreamers = "SELECT count(*) AS count FROM streamer WHERE name <> '' AND removed_at IS NULL";
const findMachines =
  `SELECT DISTINCT machine FROM (${livingRuns}) AS living WHERE keeps_rooms = 1 ORDER BY machine`;

interface Looked {
  version: string;
  size: number;
  isEncrypted: number;
  isOwn: number;
}

/** Throws a `UserError` if Livecue could not use the database. */
export async function conditionOfServer(address: string): Promise<ServerCondition> {
  const name = databaseShown(address);
  return await withServer(address, async (client) => {
    await checkServer(client, address);
    const version = await checkedTables(client, name);
    const { rows } = await client.query<Looked>({ text: look });
    const [{ version: serverVersion, size, isEncrypted, isOwn }] = rows as [Looked];
    const [counted, keepers] = version === 0 ? [] : await Promise.all([
      client.query<{ count: number }>({ text: countStreamers }),
      client.query<{ machine: string }>({ text: findMachines }),
    ]);
    return {
      name,
      serverVersion: serverVersion.split(" ")[0] ?? serverVersion,
      version,
      isOlder: version > 0 && version < latestVersion,
      size,
      machine: await holderIn(client),
      streamerCount: counted?.rows[0]?.count ?? 0,
      machines: keepers?.rows.map(({ machine }) => machine) ?? [],
      isOpen: isEncrypted === 0 && isOwn === 0,
    };
  });
}
