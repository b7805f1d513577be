/** Opens a database of either kind, by its address. */
import type { OpenReader } from "./reader.ts";
import { openSqliteReader } from "./sqlite/reading.ts";
import { openSqlite } from "./sqlite/database.ts";
import { Store, type StoreOptions } from "./store.ts";

/**
 * Becomes the owner of a database, and creates its tables or brings them up to date. Throws a `UserError` if another
 * process owns it, or if it is not a database that this Livecue can use; nothing has changed then.
 */
// deno-lint-ignore require-await
export async function openStore(options: StoreOptions): Promise<Store> {
  return new Store(openSqlite(options), options);
}

/** Throws a `UserError` if there is no such database, or if it has another version. */
// deno-lint-ignore require-await
export async function openReader(address: string): Promise<OpenReader> {
  return openSqliteReader(address);
}
