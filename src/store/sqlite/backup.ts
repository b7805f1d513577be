/** Copies a database that may be in use. The copy has everything committed when it started, and is checked. */
import { DatabaseSync } from "node:sqlite";
import { t } from "../../language.ts";
import { UserError } from "../../user_error.ts";
import { makeNewFile } from "../new_file.ts";
import { databaseFile, openForReading } from "./open.ts";
import { explaining } from "./trouble.ts";

export interface BackupReport {
  events: number;
  sessions: number;
  bytes: number;
}

/**
 * Copies the database at `path` to a new file, without blocking writers. Throws a `UserError` if the file exists or
 * cannot be written, or if the database has pages that cannot be read. No copy is left then.
 */
export function backUp(path: string, target: string): BackupReport {
  const source = openForReading(path);
  try {
    return makeNewFile(target, (temporary) => {
      explaining(t`The copy of ${databaseFile(path)}`, () => source.prepare("VACUUM INTO ?").run(temporary));
      return inspectCopy(temporary);
    });
  } finally {
    source.close();
  }
}

function inspectCopy(file: string): BackupReport {
  const copy = new DatabaseSync(file, { readOnly: true });
  try {
    const found = copy.prepare("PRAGMA integrity_check(1)").get()?.integrity_check;
    if (found !== "ok") {
      throw new UserError(
        t`The copy is damaged (${found}) and was deleted. Examine the database with "check".`,
      );
    }
    const count = (table: string) =>
      Number(copy.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count);
    return { events: count("live_event"), sessions: count("live_session"), bytes: Deno.statSync(file).size };
  } finally {
    copy.close();
  }
}
