/** Forgets a viewer in a database of either kind. */
import { isPostgresAddress } from "../database_address.ts";
import type { ViewerKey } from "../viewer.ts";
import type { Forgotten } from "./forgotten.ts";
import { forgetInFile } from "./sqlite/forget.ts";

/** Reads all events. Throws a `UserError`, and changes nothing, if a Livecue captures into the database. */
export async function forgetViewer(database: string, key: ViewerKey): Promise<Forgotten> {
  if (!isPostgresAddress(database)) return forgetInFile(database, key);
  const { forgetOnServer } = await import("./postgres/forget.ts");
  return await forgetOnServer(database, key);
}
