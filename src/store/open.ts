/** Opens a database of either kind for writing, by its address. The code of the other kind is not loaded. */
import { isPostgresAddress } from "../database_address.ts";
import { openSqlite } from "./sqlite/database.ts";
import { Store, type StoreOptions } from "./store.ts";

/**
 * Becomes the owner of a database, and creates its tables or brings them up to date. Throws a `UserError` if another
 * process owns it, or if it is not a database that this Livecue can use; nothing has changed then.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  if (!isPostgresAddress(options.address)) return new Store(openSqlite(options), options);
  const { openOnlyRoom } = await import("./postgres/rooms.ts");
  return await openOnlyRoom(options);
}
