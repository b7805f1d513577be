/** Asks a PostgreSQL server which machine has a room. */
import type { Client } from "./connection.ts";
import { lockedRoom } from "./run.ts";
import { withServer } from "./server.ts";
import { sqlState } from "./trouble.ts";

const holders = `SELECT coalesce(machine, '') AS machine FROM streamer
  WHERE ${lockedRoom("streamer.name")} ORDER BY name LIMIT 1`;
const undefinedTable = "42P01";

/** As `machineUsing`. */
export async function holderOf(address: string): Promise<string | null> {
  return await withServer(address, holderIn);
}

/** The same over an open connection. Throws the server's errors. */
export async function holderIn(client: Client): Promise<string | null> {
  try {
    const { rows } = await client.query<{ machine: string }>({ text: holders });
    return rows[0]?.machine ?? null;
  } catch (error) {
    if (sqlState(error) === undefinedTable) return null;
    throw error;
  }
}
