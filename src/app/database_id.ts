/** An id that distinguishes a database from all others, even if both count their items from 1. */
import type { Store } from "../store/owner.ts";

const key = "database_id";
const known = new WeakMap<Store, string>();

/** Makes the id at the first call for a database that has none. */
export function databaseIdOf(store: Store): string {
  let id = known.get(store) ?? store.configValue(key);
  if (id === null) {
    id = crypto.randomUUID();
    store.writer.add({ kind: "set_config", key, value: id });
  }
  known.set(store, id);
  return id;
}
