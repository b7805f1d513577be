/** Opens a database of either kind for writing, by its address. The code of PostgreSQL is loaded only if it is needed. */
import { isPostgresAddress } from "../database_address.ts";
import type { Rooms, RoomsOptions } from "./rooms.ts";
import { openOnlySqliteRoom, SqliteRooms } from "./sqlite/rooms.ts";
import type { Store, StoreOptions } from "./store.ts";

/**
 * Becomes the owner of a database, and creates its tables or brings them up to date. Throws a `UserError` if another
 * process owns it, or if it is not a database that this Livecue can use; nothing has changed then.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  if (!isPostgresAddress(options.address)) return openOnlySqliteRoom(options);
  const { openOnlyRoom } = await import("./postgres/rooms.ts");
  return await openOnlyRoom(options);
}

/** The same for a process that opens several rooms, one after the other or at once. */
export async function openRooms(options: RoomsOptions): Promise<Rooms> {
  if (!isPostgresAddress(options.address)) return SqliteRooms.open(options);
  const { PostgresRooms } = await import("./postgres/rooms.ts");
  return await PostgresRooms.open(options);
}
