/** Opens each part of a database that one machine owns at a time: a file as a whole, of a server room after room. */
import { isPostgresAddress } from "../database_address.ts";
import { openStore } from "./open.ts";
import type { EachRoomOptions, HeldRoom } from "./postgres/each_room.ts";
import type { Store } from "./store.ts";

export type { HeldRoom };

/**
 * Runs `use` with the store of each room that no machine has. `isOnly`: the database has no rooms of streamers, and the
 * store is that of all. Throws a `UserError` if the only room is held, or if the database cannot be used.
 */
export async function eachRoom(
  options: EachRoomOptions,
  use: (store: Store, room: { isOnly: boolean }) => Promise<void>,
): Promise<HeldRoom[]> {
  if (isPostgresAddress(options.address)) {
    const { eachRoomOnServer } = await import("./postgres/each_room.ts");
    return await eachRoomOnServer(options, use);
  }
  const store = await openStore(options);
  try {
    await use(store, { isOnly: true });
  } finally {
    await store.stop();
  }
  return [];
}
