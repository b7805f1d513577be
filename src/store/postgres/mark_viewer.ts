/** Writes what a person changes about a viewer, also while machines capture: it belongs to no room. */
import { databaseShown } from "../../database_address.ts";
import type { ViewerMark } from "../../viewer.ts";
import { bind } from "../statements.ts";
import { piecesOf } from "./statements.ts";
import { migrate } from "./schema.ts";
import { withServer } from "./server.ts";
import { checkServer } from "./server_checks.ts";

/** Machines that capture look for it every two seconds. Throws a `UserError` if it cannot be written. */
export async function markViewer(address: string, mark: ViewerMark): Promise<void> {
  await withServer(address, async (client) => {
    await checkServer(client, address);
    await migrate(client, { name: databaseShown(address) });
    for (const { text, values } of piecesOf([bind({ kind: "mark_viewer", mark })]).pieces) {
      await client.query({ text, ...(values && { values }) });
    }
  });
}
