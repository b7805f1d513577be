/** A connection of its own to a PostgreSQL server, for a command. */
import { systemClock } from "../../clock.ts";
import { databaseShown } from "../../database_address.ts";
import { type Client, openConnection } from "./connection.ts";
import { connectionTrouble, explained } from "./trouble.ts";

/** Runs `use` with a connection. Throws a `UserError` if there is none, or if the server refuses what it is told. */
export async function withServer<Result>(
  address: string,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  const opening = openConnection({
    address,
    clock: systemClock,
    applicationName: `livecue ${Deno.hostname()} command`,
    settings: {},
  });
  const client = await opening.catch((error) => {
    throw connectionTrouble(error, address);
  });
  try {
    return await use(client);
  } catch (error) {
    throw explained(databaseShown(address), error);
  } finally {
    await client.end();
  }
}
