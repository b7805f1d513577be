/**
 * Forgets a viewer on a PostgreSQL server, as in a file: what the viewer wrote and was called is removed, and counts
 * stay. It is one transaction, which holds the locks of all rooms. The server overwrites the old versions of the rows
 * when it reuses their space.
 */
import { databaseShown } from "../../database_address.ts";
import type { ViewerKey } from "../../viewer.ts";
import { blankData, type Forgotten, isLong, newPseudonym } from "../forgotten.ts";
import type { SqlValue } from "../query.ts";
import type { Client } from "./connection.ts";
import { heldError } from "../rooms.ts";
import { lockRoomWhileChanging } from "./run.ts";
import { migrate } from "./schema.ts";
import { withServer } from "./server.ts";
import { checkServer } from "./server_checks.ts";

/** The room of a database that has only one may have no row yet. */
const lockRooms = `SELECT machine, ${lockRoomWhileChanging("name")} AS "isFree" FROM (
    SELECT name, coalesce(machine, '') AS machine FROM streamer
    UNION ALL SELECT '', '' WHERE NOT EXISTS (SELECT 1 FROM streamer WHERE name = '')
  ) AS room`;

/** With the viewer's id and platform. */
const ofViewer = `SELECT event.id FROM live_event AS event
  JOIN live_session AS session ON session.id = event.session_id JOIN live ON live.id = session.live_id
  WHERE event.user_id = $1 AND live.source_type = $2`;

/** Payments whose messages cannot be emptied in SQL, because PostgreSQL has no JSON with every character. */
const withMessages = `SELECT id, event_data AS data FROM live_event
  WHERE event_type IN ('DonationEvent', 'OrderEvent') AND json_valid(event_data) AND id IN (${ofViewer})`;
const giftsReceived = `SELECT id, event_data AS data FROM live_event
  WHERE event_type = 'GiftEvent' AND json_field(event_data, 'receiver', 'id') = $1`;

interface Data {
  id: number;
  data: string;
}

/** As `forgetViewer`. */
export async function forgetOnServer(address: string, key: ViewerKey): Promise<Forgotten> {
  const name = databaseShown(address);
  return await withServer(address, async (client) => {
    await checkServer(client, address);
    await migrate(client, { name });
    await client.query({ text: "BEGIN" });
    const { rows } = await client.query<{ machine: string; isFree: number }>({ text: lockRooms });
    const held = rows.find(({ isFree }) => isFree === 0);
    // The end of the connection rolls the transaction back.
    if (held !== undefined) throw heldError(name, { heldBy: held.machine });
    const forgotten = await forget(client, key, newPseudonym());
    await client.query({ text: "COMMIT" });
    return forgotten;
  });
}

async function forget(
  client: Client,
  { platform, userId }: ViewerKey,
  pseudonym: string,
): Promise<Forgotten> {
  const run = async (text: string, ...values: SqlValue[]) =>
    (await client.query({ text, values })).rowCount ?? 0;
  const change = async (found: string, values: SqlValue[], changed: object) => {
    const { rows } = await client.query<Data>({ text: found, values });
    for (const { id, data } of rows) {
      const text = JSON.stringify({ ...JSON.parse(data), ...changed });
      await run("UPDATE live_event SET event_data = $1 WHERE id = $2", text, id);
    }
  };
  // Services wrote about the person into these, and into events that they emitted.
  const items = await run(
    `UPDATE event_queue SET error = NULL WHERE error IS NOT NULL AND live_event_id IN (${ofViewer})`,
    userId,
    platform,
  );
  await run(
    `UPDATE item_step SET result = NULL, error = NULL, progress = NULL
      WHERE item_id IN (SELECT id FROM event_queue WHERE live_event_id IN (${ofViewer}))`,
    userId,
    platform,
  );
  await change(withMessages, [userId, platform], { message: "" });
  await change(giftsReceived, [userId], { receiver: { id: pseudonym, uniqueId: "", nickname: "" } });
  const events = await run(
    `UPDATE live_event SET event_data = ${blankData("json_valid(event_data)", "event_data")}, user_id = $3,
        user_unique_id = NULL, user_nickname = NULL, user_avatar_url = NULL, user_roles = '[]',
        message_id = NULL, streak_id = replace(streak_id, $1, $3)
      WHERE id IN (${ofViewer})`,
    userId,
    platform,
    pseudonym,
  );
  await forgetSums(run, { platform, userId }, pseudonym);
  return { pseudonym, events, items };
}

async function forgetSums(
  run: (text: string, ...values: SqlValue[]) => Promise<number>,
  { platform, userId }: ViewerKey,
  pseudonym: string,
): Promise<void> {
  await run(
    `UPDATE live_giver SET user_id = $1, unique_id = '', nickname = ''
      WHERE user_id = $2 AND live_id IN (SELECT id FROM live WHERE source_type = $3)`,
    pseudonym,
    userId,
    platform,
  );
  await run("DELETE FROM viewer_mark WHERE platform = $1 AND user_id = $2", platform, userId);
  // The triggers would write the new name, so the names are deleted last.
  await run(
    "UPDATE viewer SET user_id = $1, unique_id = '', nickname = '' WHERE platform = $2 AND user_id = $3",
    pseudonym,
    platform,
    userId,
  );
  await run(
    "DELETE FROM viewer_name WHERE viewer_id = (SELECT id FROM viewer WHERE user_id = $1)",
    pseudonym,
  );
  // Values of services may be about the person, under any key that has the id.
  await run(
    "DELETE FROM service_state WHERE strpos(value, $1) > 0 OR ($2 = 1 AND strpos(key, $3) > 0)",
    `"${userId}"`,
    isLong(userId) ? 1 : 0,
    userId,
  );
}
