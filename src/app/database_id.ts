/** The id that distinguishes a database from all others, even if both count their items from 1. */
import type { Store } from "../store/store.ts";

const key = "database_id";
const known = new WeakMap<Store, string>();

/** A database gets its id when its tables are made. If the row was lost, it gets a new one. */
export function databaseIdOf(store: Store): string {
  let id = known.get(store) ?? store.configValue(key);
  if (id === null) {
    id = crypto.randomUUID().replaceAll("-", "");
    store.writer.add({ kind: "set_config", key, value: id });
  }
  known.set(store, id);
  return id;
}
